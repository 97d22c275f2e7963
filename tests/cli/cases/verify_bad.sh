# Nothing to compare with.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing tiny.yaml >/dev/null 2>&1
try verify
try verify none
try verify tiny.h5
try verify tiny --sample 0
try verify tiny --seed -1
try verify tiny --threads many
try verify tiny.yaml --set seed=7 --set 'network.width=[2,8]'
try verify tiny --set train.epochs=none
