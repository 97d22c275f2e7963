# Filters that ask for the same networks share them, whoever computes them first: two workers and one
# give the same bits, and leave four folds and what three filters said.
cat >sieves.yaml <<'END'
experiment: sieves
task: classify
dataset: {name: digits, manual: 60, unlabelled: 120, validation: 0, test: 40}
pipeline: {stages: [hog, linear_svm]}
network: {family: lenet5}
train: {epochs: 1, batch: 32}
grid:
  filter:
    - {method: confident_learning, prune: by_class}
    - {method: confident_learning, prune: both, fraction: 0.2}
    - {method: argmax_disagreement}
END
one=$(understudy run sieves.yaml --results one --workers 1 --no-plots 2>/dev/null | grep content)
two=$(understudy run sieves.yaml --results two --workers 2 --no-plots 2>/dev/null | grep content)
[ -n "$one" ] && [ "$one" = "$two" ] && echo the same digest
cmp <(understudy table one/sieves.h5) <(understudy table two/sieves.h5) && echo the same table
find one/cache/filter -name '*.h5' | wc -l
find two/cache/filter -name '*.h5' | wc -l
understudy verify one/sieves.h5 --results one 2>/dev/null | cut -d, -f 1-3
# A network of its own: what the trial's network is does not matter to the filter.
understudy run sieves.yaml --results own --no-plots --set 'grid={network.family: [lenet5, mlp]}' \
  --set 'filter={method: confident_learning, network: lenet5, folds: 3}' >/dev/null 2>&1
find own/cache/filter -name '*.h5' | wc -l
