# Two runs of one experiment in one results folder: both end well, with the same digest.
cat >both.yaml <<'Y'
experiment: both
about: two at once
task: denoise
seed: 1
replicates: 2
dataset: {name: digits, manual: 4, unlabelled: 40, validation: 4, test: 6, degrade: [gaussian_noise: {sigma: 40}]}
pipeline: {stages: [median]}
filter: {method: none}
network: {family: dncnn, width: 2}
train: {epochs: 1, batch: 16}
Y
understudy run both.yaml >one 2>/dev/null &
first=$!
understudy run both.yaml >two 2>/dev/null
second=$?
wait $first && [ $second -eq 0 ] && cmp one two && grep -q content_sha256 one && ls results
