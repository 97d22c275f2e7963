# Whatever is listed can be described, and says what it is.
. "$ROOT/tests/cli/tiny.sh"
describe() { # describe WORD …: its first line says what that is
  understudy describe "$@" >one || fail "describe $*"
  head -n 1 one | grep -q "^${*: -1} (.*): .*[a-z]" || fail "no summary: $(head -n 1 one)"
}
for kind in $(understudy describe | awk '{print $1}'); do
  understudy describe "$kind" >rows || fail "describe $kind"
  [ "$kind" != experiment ] || continue
  # where a section of experiment files has that name, it stands above
  for name in $(awk '/ \(section /{above = 1} !above && /^[a-z]/{print $1} / shows one:$/{above = 0}' rows); do
    describe "$kind" "$name"
    echo "$kind $name"
  done
done
for section in $(understudy describe experiment | awk -v RS= 'END {print}' | sed -n 's/^  \([a-z_]*\): .*/\1/p'); do
  describe "$section"
  echo "section $section"
done
