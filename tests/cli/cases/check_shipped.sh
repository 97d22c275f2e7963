# The experiments that come with the program, seen from another folder.
. "$ROOT/tests/cli/tiny.sh"
understudy check --set train.precision=float32 "$ROOT"/experiments/*.yaml # not every processor has bfloat16
