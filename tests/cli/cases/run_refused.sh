# Nothing runs for a file with mistakes, nor where results cannot be written.
. "$ROOT/tests/cli/tiny.sh"
tiny
try run --set train.epochs=0 tiny.yaml
try run missing.yaml
try run --results tiny.yaml tiny.yaml
[ ! -e results ] || fail "something ran"
