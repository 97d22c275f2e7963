# Text that did not arrive is not passed over.
. "$ROOT/tests/cli/tiny.sh"
if [ ! -c /dev/full ]; then
  echo "skipped: no /dev/full"
  exit
fi
tiny
for words in --help describe schema 'check tiny.yaml' 'plan tiny.yaml' 'run --no-plots tiny.yaml'; do
  code=0
  # shellcheck disable=SC2086
  understudy $words >/dev/full 2>err || code=$?
  [ "$code" -eq 1 ] || fail "$words: status $code"
  grep -qx 'understudy: cannot write: No space left on device' err || fail "$words: $(cat err)"
done
