# Where a data set is not there: its path, and what downloads it.
. "$ROOT/tests/cli/tiny.sh"
tiny
for name in mnist cifar10; do
  try run --no-plots --data empty_place --set dataset.name=$name tiny.yaml
done
UNDERSTUDY_DATA=$PWD/other try run --no-plots --set dataset.name=mnist tiny.yaml | sed "s|$PWD|HERE|"
[ ! -e results/tiny.h5 ] || fail "a results file"
