# `train.engine: onednn` is sound where the program is built with oneDNN, and else a mistake of the file.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/shard: 4}/shard: 4, engine: onednn}/' tiny.yaml
told=$(try check tiny.yaml)
if ldd "$(command -v understudy)" | grep -q libdnnl; then
  want="tiny.yaml: 2 trials, no mistakes
=> 0"
else
  want="tiny.yaml:12:48: train.engine: this program was built without oneDNN; install libdnnl-dev and build again, or choose 'openblas'
1 mistake
=> 2"
fi
[ "$told" = "\$ understudy check tiny.yaml
$want" ] || fail "$told"
# It is nobody's default where it is not there.
sed -i 's/, engine: onednn//' tiny.yaml
try check tiny.yaml
