# Counts of classes: the diagonal's share of all is the accuracy, of images and of masks' pixels.
. "$ROOT/tests/cli/tiny.sh"

# diagonal NAME COLUMN: the accuracy by the figure's CSV, and by the table of trials.
diagonal() {
  awk -F, 'NR > 1 { if ($1 "" != row "") { row = $1; n++ } all += $3; if ($2 == n - 1) right += $3 }
    END { printf "%s %.6f\n", "counted", right / all }' "plots/$1/confusion.csv"
  understudy table "results/$1.h5" | awk -F, -v name="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR == 2 { printf "%s %.6f\n", "scored ", $at }'
}

cat >classes.yaml <<'END'
experiment: classes
task: classify
dataset: {name: digits, manual: 40, unlabelled: 300, validation: 10, test: 30}
pipeline: {stages: [hog: {cell_size: 7}, linear_svm: {cost: 0.1}]}
network: {family: lenet5}
train: {epochs: 3, batch: 10, shard: 5}
store: {confusion: {}}
figures: [confusion]
END
understudy run --no-timing classes.yaml >/dev/null 2>log || cat log
diagonal classes network.test.accuracy
cat >masks.yaml <<'END'
experiment: masks
task: segment
dataset: {name: cells, manual: 2, unlabelled: 4, validation: 2, test: 3}
pipeline: {stages: [threshold: {output: mask}]}
network: {family: unet, width: 1, depth: 1}
train: {epochs: 1, batch: 2, shard: 1}
store: {confusion: {split: validation}}
figures: [confusion: {of: pipeline}]
END
understudy run --no-timing masks.yaml >/dev/null 2>log || cat log
diagonal masks pipeline.validation.pixel_accuracy
sed -i '/^store/d' classes.yaml
try check classes.yaml
