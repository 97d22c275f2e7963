# What is left out, by which rule, and in which line it stands.
. "$ROOT/tests/cli/tiny.sh"
tiny
cat >>tiny.yaml <<'END'
zip:
  - train.epochs: [1, 2, 3]
    train.learning_rate: [0.1, 0.2, 0.3]
exclude:
  - network.width: 4
    train.epochs: [1, 2]
only:
  - train.epochs: [1, 3]
  - network.width: 2
constraint:
  network.parameters: {max: 200}
END
understudy plan --set network.width=[2,4,16] tiny.yaml | sed '/^plan /d'
echo
understudy plan --set 'constraint={hardware.tpu_v1.latency_s: {min: 0}}' tiny.yaml | grep 'leaves out'
echo
echo "twenty of what is left out, unless all is asked for"
seeds=$(seq -s , 1 12)
understudy plan --set "grid.seed=[$seeds]" tiny.yaml | grep -c '  by '
understudy plan --set "grid.seed=[$seeds]" tiny.yaml | grep ' more;'
understudy plan --all --set "grid.seed=[$seeds]" tiny.yaml | grep -c '  by '
