# Classes that were recorded in a table; and what is done anew when labels, table or list change.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
mkdir photos
{
  echo input,label,truth
  for i in $(seq 1 24); do
    image photos/$i.pgm $((i * 5)) 28 28
    echo "$i.pgm,$([ $((i % 2)) = 0 ] && echo even || echo odd),$([ $((i % 3)) = 0 ] || echo "$([ $((i % 4)) = 0 ] && echo even || echo odd)")"
  done
} >pairs.csv
printf 'input\n%s\n' "$(seq -f %g.pgm 19 24)" >test.csv
cat >kinds.yaml <<'END'
experiment: kinds
task: classify
dataset: {name: recorded, inputs: photos, match: pairs.csv, manual: 0, unlabelled: all, validation: 4, test: {list: test.csv}}
pipeline: {stages: [recorded]}
network: {family: lenet5}
train: {epochs: 2, batch: 4, shard: 4}
figures: [examples]
END
run() { UNDERSTUDY_DATA=$PWD understudy run "$@" >said 2>told || cat told; sed -n 's/^\(1 trial: .*\); [0-9.]* s$/\1/p' told; }
told check --data -d . kinds.yaml
run kinds.yaml
understudy table results/kinds.h5 | head -n 1 | tr , '\n' | grep -E 'accuracy|truth_images|classes'
first=$(digest said)
run kinds.yaml
[ "$(digest said)" = "$first" ] || fail "another digest"
echo "a label is another"
sed -i 's/^2.pgm,even/2.pgm,odd/' pairs.csv
run kinds.yaml
[ "$(digest said)" != "$first" ] || fail "the same digest"
echo "an input is another"
image photos/3.pgm 99 28 28
run kinds.yaml
echo "a test image is another"
sed -i 's/^24/1/' test.csv
run kinds.yaml
echo "no truth at all"
cut -d, -f1,2 pairs.csv >labels.csv
run --set dataset.match=labels.csv kinds.yaml
understudy table results/kinds.h5 | head -n 1 | tr , '\n' | grep -E 'accuracy|truth_images' || true
echo "drawn, and a folder"
told check --data -d . --set dataset.test=5 kinds.yaml
mkdir apart
mv photos/24.pgm photos/23.pgm apart
told check --data -d . --set dataset.test='{folder: apart}' kinds.yaml
told check -d . --set 'grid.dataset.test=[2, {list: test.csv}]' kinds.yaml
