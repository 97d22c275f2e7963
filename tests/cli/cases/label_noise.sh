# Noise in labels: what it hits is a column and an array; its rate is an axis; workers change nothing.
. "$ROOT/tests/cli/tiny.sh"
cat >noise.yaml <<'END'
experiment: noise
task: denoise
dataset:
  name: digits
  manual: 4
  unlabelled: 64
  validation: 4
  test: 8
  degrade: [gaussian_noise: {sigma: 32}]
pipeline: {stages: [median: {radius: 1}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 8, shard: 4, input: redegraded}
label_noise:
  - operational: {rate: 0.5, degrade: [exposure: {gain: 0.5}, gaussian_noise: {sigma: 64}]}
  - coding_error: {rate: 0.25, mistake: wrong_clamp}
grid:
  "label_noise[1].coding_error.rate": [0, 0.25, 1]
  train.input: [degraded, redegraded]
END
understudy check noise.yaml
understudy run --no-plots --workers 1 noise.yaml 2>/dev/null | grep content >one
understudy run --no-plots --workers 3 --results other noise.yaml 2>/dev/null | grep content >three
cmp one three && echo same
understudy table results/noise.h5 >table.csv
columns=$(head -n 1 table.csv | tr -d '\r' | tr , '\n' | grep -n -E 'hits$|train.input|coding_error.rate' | cut -d: -f 1 | paste -sd,)
cut -d, -f "$columns" table.csv | tr -d '\r'
understudy describe label_noise
understudy describe label_noise operational
understudy verify -n 6 --seed 1 results/noise.h5 >rows 2>err && wc -l <rows
