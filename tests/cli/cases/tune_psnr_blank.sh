# A blank image among the manual ones is restored perfectly by every tuned value: an infinite PSNR, which counts
# as 100 dB and decides nothing. Seeds with and without it choose the same. What stood out is said and stored.
. "$ROOT/tests/cli/tiny.sh"
mkdir -p mine/test
cp -r "$ROOT/tests/cli/images/train" mine/train
cp "$ROOT/tests/cli/images/b0.png" mine/test
cat >blank.yaml <<'END'
experiment: blank
task: denoise
dataset: {name: folder, train_folder: mine/train, test_folder: mine/test, manual: 6, unlabelled: 1, validation: 2,
          test: all, patch: {size: 16, per_image: 2}, degrade: [salt_and_pepper: {density: 0.02}]}
pipeline:
  stages: [median: {radius: {tune: [3, 2, 1]}}]
  tune: {metric: psnr}
network: {family: dncnn, depth: 3, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
select: {metric: psnr, within: 0.5, minimise: parameters}
figures: [performance_vs_computation: {metric: psnr}, curves]
END
for seed in 1 2 3 4 5; do
  understudy run --no-plots -r "r$seed" -d . -s "seed=$seed" blank.yaml >"out$seed" 2>"log$seed" || fail "$(cat "log$seed")"
  understudy table "r$seed/blank.h5" >"table$seed"
  grep -o 'median: {radius: [0-9]}' "table$seed"
  grep -qi inf "table$seed" && fail "seed $seed: a score is infinite"
  echo "$seed: $(grep -o 'note: .*' "log$seed")"
  if grep -q 'note: ' "log$seed"; then
    grep -qF "$(sed -n 's/.*note: //p' "log$seed")" "table$seed" || fail "the note is not stored"
  fi
done
# From the cache, with a network that is new: the same note.
understudy run --no-plots -r r3 -d . -s seed=3 -s network.width=3 blank.yaml 2>&1 | grep -o 'note: .*'
