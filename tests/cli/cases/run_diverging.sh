# A trial that diverges is a row of the results; the others are kept; the status tells.
. "$ROOT/tests/cli/tiny.sh"
tiny
code=0
understudy run --workers 1 --no-plots --set 'grid.train.learning_rate=[1e-3, 1e3]' --set train.epochs=30 \
  --set train.optimizer=sgd --set network.width=2 tiny.yaml >out || code=$?
[ "$(head -n 1 out)" = results/tiny.h5 ] || fail "no results file: $(cat out)"
understudy table results/tiny.h5 | cut -d, -f1-6
understudy table results/tiny.h5 | tail -n 1 | grep -q ',,,,,,,,,,,,' || fail "a failed trial has scores"
exit "$code"
