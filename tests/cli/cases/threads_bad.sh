. "$ROOT/tests/cli/tiny.sh"
tiny
for count in 0 -1 1025 two 1.5 '' 99999999999999999999; do
  try run --no-plots --threads "$count" tiny.yaml
done
[ ! -e results ] || fail "something ran"
