. "$ROOT/tests/cli/tiny.sh"
tiny
code=0
understudy run --set train.learning_rate=1e3 --set train.epochs=30 --set train.optimizer=sgd tiny.yaml || code=$?
[ ! -e results/tiny.h5 ] || fail "a results file of nothing"
[ ! -e plots ] || fail "figures of nothing"
exit "$code"
