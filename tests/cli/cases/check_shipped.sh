# The experiments that come with the program, seen from another folder.
. "$ROOT/tests/cli/tiny.sh"
understudy check "$ROOT"/experiments/*.yaml
