. "$ROOT/tests/cli/tiny.sh"
tiny
understudy plan --set replicates=2 tiny.yaml
[ ! -e results ] || fail "something ran"
