# A trained network over files: kind and depth are kept, a file that cannot be read is told and the others go on,
# and the scores are those that the results file has.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
images inputs 1 12
images truth 1 12
for i in $(seq 12); do image "truth/$i.pgm" $((i + 1)); done
printf 'input\n' >test.csv
for i in 9 10 11 12; do echo "$i.pgm"; done >>test.csv
cat >mine.yaml <<'END'
experiment: mine
task: denoise
dataset: {name: recorded, inputs: inputs, truth: truth, test: {list: test.csv}, manual: 2, unlabelled: 4, validation: 2}
pipeline: {stages: [median: {radius: {tune: [1, 2]}}, gaussian: {sigma: 0.5}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 2, batch: 4, shard: 4}
grid: {network.width: [2, 3]}
END
understudy run -d . -r res mine.yaml --no-plots --no-timing >run.log 2>&1 || { cat run.log; fail "no results"; }
mkdir tests trues
for i in 9 10 11 12; do cp "inputs/$i.pgm" tests; cp "truth/$i.pgm" trues; done
summary() { sed 's/; [0-9.]* s, .*$//' "$1"; }
stored() { understudy table res/mine.h5 | tr -d '\r' | awk -F, -v c="$1" -v t="$2" \
  'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i } NR > 1 && $1 == t { print $k }'; }

understudy apply res/mine.h5 tests out --compare trues 2>err >scores.csv; summary err
sed 's/,[^,]*,[^,]*$//' scores.csv | tr -d '\r'
mean=$(tail -n 1 scores.csv | tr -d '\r' | cut -d, -f2)
found=no
for t in 0 1; do
  awk -v a="$mean" -v b="$(stored network.test.ssim $t)" 'BEGIN { exit !(a - b < 1e-7 && b - a < 1e-7) }' && found=yes
done
echo "the score of the results file: $found"
understudy apply res/mine.h5 tests pipe --what pipeline --compare trues 2>err >scores.csv
awk -v a="$(tail -n 1 scores.csv | tr -d '\r' | cut -d, -f2)" -v b="$(stored pipeline.test.ssim 0)" \
  'BEGIN { exit !(a - b < 1e-7 && b - a < 1e-7) }' && echo "the pipeline's, too"
understudy apply res/mine.h5 tests one --threads 1 2>err
diff -r out one && echo "threads change nothing"
head -c 2 out/9.pgm && echo
understudy apply res/mine.h5 tests/9.pgm nine.tif --format tiff16 2>err && summary err && head -c 2 nine.tif && echo
understudy apply res/mine.h5 tests/9.pgm nine.npy --format npy 2>err && tail -c +2 nine.npy | head -c 5 && echo
understudy apply res/mine.h5 tests/9.pgm jpegs/ --format jpeg 2>err && ls jpegs
printf 'no image' >tests/a.png
try apply res/mine.h5 tests out 2>&1 | sed 's/; [0-9.]* s, .*$//'
try apply res/mine.h5 tests/9.pgm tests/9.pgm 2>&1 | sed 's/; [0-9.]* s, .*$//'
understudy apply --experiment mine.yaml -d . tests/9.pgm alone.pgm 2>err && summary err
cmp alone.pgm pipe/9.pgm && echo "the pipeline without results"
try apply res/mine.h5 tests out --trial 7
try apply res/mine.h5 tests out --trial x
try apply res/mine.h5 tests out --format pgn
try apply res/mine.h5 tests out --what both
try apply res/mine.h5 tests/9.pgm out --compare trues
try apply res/mine.h5 nowhere out
cp "$ROOT/results/published/talk_flips_cifar10.h5" old.h5
try apply old.h5 tests out
