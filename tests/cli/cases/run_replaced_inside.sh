# The network takes over a filter in front of features and a classifier: the hybrid is judged end to end.
cat >inside.yaml <<'Y'
experiment: inside
about: a network for the Gaussian, HOG and SVM behind it
task: classify
seed: 1
replicates: 1
dataset: {name: digits, manual: 60, unlabelled: 60, validation: 5, test: 60, degrade: [gaussian_noise: {sigma: 40}]}
pipeline:
  stages: [gaussian: {sigma: 0.8}, hog, linear_svm]
  replace: {from: gaussian, to: gaussian}
filter: {method: residual_trim, fraction: 0.1, epochs: 1}
network: {family: dncnn, depth: 2, width: 4}
train: {epochs: 6, batch: 16}
Y
understudy plan inside.yaml | sed -n 2p
understudy run inside.yaml 2>log || cat log
grep -c '^\[.*accuracy [5-9][0-9]\.' log
