# The experiments that come with the program, seen from another folder.
. "$ROOT/tests/cli/tiny.sh"
understudy check --set train.precision=float32 "$ROOT"/experiments/*.yaml 2>stderr # not every processor has bfloat16
sed '/: note: the data are not downloaded yet/d' stderr >&2 # in a checkout without `make data`
