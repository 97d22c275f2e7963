# Every verb that the program's help lists has a help of its own.
. "$ROOT/tests/cli/tiny.sh"
verbs=$(understudy --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ "$(echo "$verbs" | wc -l)" -ge 8 ] || fail "too few verbs: $verbs"
for verb in $verbs; do
  understudy "$verb" --help >help || fail "$verb --help: status $?"
  understudy "$verb" -h | cmp - help
  grep -q "^usage: understudy $verb" help || fail "$verb --help does not begin with its usage"
  cat help
done
