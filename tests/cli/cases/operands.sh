. "$ROOT/tests/cli/tiny.sh"
try check
try run
try plan --all
try table
try plot --
try run one two
try schema one
