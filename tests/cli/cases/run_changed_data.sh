# Other images under the same names are other trials: nothing stale is shown.
. "$ROOT/tests/cli/tiny.sh"
mkdir -p d/a d/b
for i in $(seq 10 39); do
  { printf 'P2 16 16 255\n'; seq 0 255 | awk -v s="$i" '{ print ($1 * s) % 256 }'; } >d/a/$i.pgm
  cp d/a/$i.pgm d/b/$i.pgm
done
cat >mine.yaml <<'Y'
experiment: mine
about: changed data
task: denoise
seed: 1
replicates: 1
dataset: {name: folder, train_folder: a, test_folder: b, allow_test_in_training: true, manual: 2, unlabelled: 20, validation: 2, test: 5}
pipeline: {stages: [median]}
filter: {method: none}
network: {family: dncnn, width: 2}
train: {epochs: 1, batch: 16}
Y
one=$(understudy run mine.yaml -d d 2>err1 | tail -n 1)
two=$(understudy run mine.yaml -d d 2>err2 | tail -n 1)
cp d/a/11.pgm d/a/12.pgm
three=$(understudy run mine.yaml -d d 2>err3 | tail -n 1)
[ -n "$one" ] && [ "$one" = "$two" ] && grep -q '0 run, 1 done before' err2 && echo "same data: nothing is run again"
[ "$one" != "$three" ] && grep -q '1 run, 0 done before' err3 && echo "changed data: run anew"
