# Mistakes on the command line of `understudy cache`.
. "$ROOT/tests/cli/tiny.sh"
try cache --older 3
try cache --prune --older soon
try cache --prune --to 3X
try cache --prune --to -1
try cache everything
try cache --results missing
try cache --results missing --prune --to 0
[ ! -e missing ] || fail "a folder was made"
