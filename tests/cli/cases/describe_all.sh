# Whatever is listed can be described, and says what it is.
. "$ROOT/tests/cli/tiny.sh"
for kind in $(understudy describe | awk '{print $1}'); do
  understudy describe "$kind" >rows || fail "describe $kind"
  [ "$kind" != experiment ] || continue
  for name in $(awk '{print $1}' rows); do
    understudy describe "$kind" "$name" >one || fail "describe $kind $name"
    head -n 1 one | grep -q "^$name (.*): .*[a-z]" || fail "no summary: $(head -n 1 one)"
    echo "$kind $name"
  done
done
