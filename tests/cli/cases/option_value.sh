. "$ROOT/tests/cli/tiny.sh"
try check --set
try run -t
try run --no-plots=1 x
try plan --help=3
