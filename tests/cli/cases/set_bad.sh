. "$ROOT/tests/cli/tiny.sh"
tiny
try check --set train.epoch=2 tiny.yaml
try check --set train.epochs=two tiny.yaml
try check --set train.epochs tiny.yaml
try check --set network.width=[] tiny.yaml
try check --set experiment=a/b tiny.yaml
try check --set train.epochs=0 --set train.learning_rate=1e6 --set tran.epochs=1 tiny.yaml
