# More files than are looked at in one go, of several sizes, one of them damaged: each has its own answer.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
cat >mine.yaml <<'END'
experiment: mine
task: denoise
dataset: {name: leaves, manual: 0, unlabelled: 8, validation: 0, test: 1, degrade: [gaussian_noise: {sigma: 25}]}
pipeline: {stages: [median: {radius: 1}]}
network: {family: dncnn, depth: 2, width: 2}
END
images inputs 1 150
for i in 7 64 65 100; do { printf 'P5\n%d 9\n255\n' $((i + 9)); head -c $((9 * (i + 9))) /dev/zero | tr '\0' "\\$((i % 7 + 1))00"; } >inputs/$i.pgm; done
printf 'P5\n9' >inputs/90.pgm
try apply --experiment mine.yaml inputs out 2>&1 | sed 's/; [0-9.]* s, .*$//'
find out -type f | wc -l
for i in 1 7 63 64 65 66 100 128 129 150; do
  understudy apply --experiment mine.yaml inputs/$i.pgm alone.pgm 2>/dev/null
  cmp out/$i.pgm alone.pgm
done
