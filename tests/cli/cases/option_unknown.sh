. "$ROOT/tests/cli/tiny.sh"
try check --bogus x
try run --theads 2 x
try run --no-plots -xt 2 x
try check --no-plots x
