# Answers that are no images: masks become PNG of class numbers, classes and numbers CSV files.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
run() { understudy run "$1.yaml" --no-plots --no-timing >run.log 2>&1 || { cat run.log; fail "$1: no results"; }; }
summary() { sed 's/; [0-9.]* s, .*$//' "$1"; }
mkdir photos digits masks
for i in 1 2 3; do image photos/$i.pgm $i 40 28; done
for i in 1 2 3; do image digits/$i.pgm $i 28 28; done

cat >cells.yaml <<'END'
experiment: cells
task: segment
dataset: {name: cells, size: 32, manual: 2, unlabelled: 6, validation: 2, test: 2}
pipeline: {stages: [threshold: {method: otsu, output: mask}]}
network: {family: fcn, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
END
run cells
understudy apply results/cells.h5 photos masks 2>err; summary err; ls masks
# Their own truth: a file of masks is read as recorded data are.
understudy apply results/cells.h5 photos masks2 --compare masks 2>err | tr -d '\r'

cat >count.yaml <<'END'
experiment: count
task: regress
dataset: {name: cells, size: 32, manual: 2, unlabelled: 6, validation: 2, test: 2}
pipeline: {stages: [threshold: {method: otsu, output: mask}, connected_components: {output: numbers}]}
network: {family: regressor, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
END
run count
understudy apply results/count.h5 photos numbers.csv 2>err; summary err
head -n 1 numbers.csv | tr -d '\r'; wc -l <numbers.csv
sed 's/^name,count/input,truth.count/' numbers.csv >counts.csv
understudy apply results/count.h5 photos numbers2.csv --compare counts.csv 2>err | tr -d '\r'

cat >digits.yaml <<'END'
experiment: digits
task: classify
dataset: {name: digits, manual: 20, unlabelled: 16, validation: 4, test: 8}
pipeline: {stages: [hog, linear_svm]}
network: {family: lenet5}
train: {epochs: 1, batch: 8, shard: 4}
END
run digits
understudy apply results/digits.h5 digits classes/ 2>err; summary err
head -n 1 classes/answers.csv | tr -d '\r'; cut -d, -f1 classes/answers.csv
(printf 'input,truth\n'; tail -n +2 classes/answers.csv | cut -d, -f1,2) >truth.csv
understudy apply results/digits.h5 digits again.csv --compare truth.csv 2>err | tr -d '\r'
echo "stages that learn come from the cache, or are fitted anew"
understudy apply results/digits.h5 digits pipe.csv --what pipeline 2>err; summary err
rm -r results/cache
understudy apply results/digits.h5 digits anew.csv --what pipeline 2>err; summary err
cmp pipe.csv anew.csv && echo "the same answers"
try apply results/digits.h5 photos out 2>&1 | sed 's/; [0-9.]* s, .*$//'
try apply results/digits.h5 digits out --format png
