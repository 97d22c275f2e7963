# The experiments that come with the program, seen from another folder.
. "$ROOT/tests/cli/tiny.sh"
set -- $(ls "$ROOT"/experiments/*.yaml | grep -v -e '/recorded\.yaml$' -e '/own_classes\.yaml$') # whose images a script makes
understudy check --set train.precision=float32 "$@" 2>stderr         # not every processor has bfloat16
sed '/: note: the data are not downloaded yet/d' stderr >&2          # in a checkout without `make data`
python3 "$ROOT/examples/recorded.py" data/recorded
python3 "$ROOT/examples/classes/draw.py" data/own_classes
understudy check --data -d data "$ROOT/experiments/recorded.yaml" "$ROOT/experiments/own_classes.yaml" 2>stderr
sed '/: note: classes: 0 cross, 1 disc, 2 square$/d' stderr >&2
