. "$ROOT/tests/cli/tiny.sh"
understudy --help
understudy --help >long
understudy -h | cmp - long
understudy help | cmp - long
