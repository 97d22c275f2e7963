. "$ROOT/tests/cli/tiny.sh"
tiny
for minutes in often -1 1e9 '' 1x nan; do
  try run --no-plots --checkpoint "$minutes" tiny.yaml
done
[ ! -e results ] || fail "something ran"
