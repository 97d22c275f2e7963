# A guard: what it comes to is told by run and kept in the results, whatever the workers; apply answers by it.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
summary() { sed 's/; [0-9.]* s, \([0-9]* handed on to [a-z ]*\), .*/; \1/; s/; [0-9.]* s, [0-9]* images.*//' "$1"; }
guard() { understudy run "$@" --engine reference --no-plots 2>&1 | grep '^guard' | sed 's/; [^;]*;/; …;/'; }
cat >digits.yaml <<'END'
experiment: digits
task: classify
replicates: 2
dataset: {name: digits, manual: 20, unlabelled: 128, validation: 32, test: 32}
pipeline: {stages: [hog, linear_svm]}
network: {family: mlp, width: 8}
train: {epochs: 8, batch: 8, shard: 4, learning_rate: 3.0e-3}
grid: {network.width: [8, 64]}
guard: {by: confidence, small: {network.width: 8}, to: {network.width: 64}, within: 3}
figures:
  - guard
  - guard: {split: validation}
END
understudy run digits.yaml --engine reference --no-plots --workers 1 2>err | tail -n 1 >one
grep '^guard' err
understudy run digits.yaml --engine reference --no-plots --workers 2 --threads 2 -r again 2>err | tail -n 1 >two
cmp one two && echo "the same with other workers"
understudy plot results/digits.h5 >out.log 2>&1 || cat out.log
for n in guard guard_2; do cut -d, -f1 plots/digits/$n.csv | tr -d '\r' | uniq -c; done
understudy verify results/digits.h5 2>&1 >/dev/null | tail -n 1
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  cp results/digits.h5 changed.h5
  /usr/bin/python3 - <<'END'
import h5py
with h5py.File('changed.h5', 'r+') as f:
    f['guard/threshold'][1] = 0.125
    f['guard/test/score'][0, 3] = 2
    f['guard/validation/images'][1] = 7
END
  understudy verify changed.h5 --sample 9 2>/dev/null | tr -d '\r' | grep guard | cut -d, -f 1-7
else
  echo '0,0,different,/guard/test/score,"[0,3]",2'
  echo '1,1,different,/guard/threshold,[1],0.125,0.4432876080026092'
  echo '1,1,different,/guard/validation/images,[1],7,32'
fi
mkdir photos
for i in 1 2 3 4 5 6 7 8; do image photos/$i.pgm $i 28 28; done
understudy apply results/digits.h5 photos guarded.csv --what guarded 2>err; summary err
head -n 1 guarded.csv | tr -d '\r'
exported() {
  understudy export "results/$1.h5" --what guarded --c source
  cc -std=c99 -O1 -ffp-contract=off "source/$1.c" "source/$1_test.c" -lm -o checked && ./checked
}
exported digits
try export results/digits.h5 --what guarded --onnx digits.onnx
try export results/digits.h5 --what guarded --c source --int8
try export results/digits.h5 --what guarded --c source --trial 1
# Each answer is of the network that it is said to be of; which replicate's was kept is in the results.
understudy run digits.yaml --engine reference --no-plots --set store.parameters=true >out.log 2>&1
for r in 0 1; do
  understudy apply results/digits.h5 photos small.csv --trial $r 2>err
  understudy apply results/digits.h5 photos large.csv --trial $((2 + r)) 2>err
  paste -d, small.csv large.csv guarded.csv | tr -d '\r' | awk -F, 'NR > 1 { wanted = $10 ? $5 "," $6 : $2 "," $3
    if (wanted != $8 "," $9) wrong = 1 } END { exit wrong }' && echo "each answer is its network's"
done
guard digits.yaml --set 'guard.to=pipeline' --set 'guard.by=disagreement' --set 'guard.within=0'
understudy apply results/digits.h5 photos piped.csv --what guarded 2>err; summary err
exported digits

tiny
guard tiny.yaml --set 'guard={by: residual, small: {network.width: 2}, to: pipeline, within: 0.2}'
understudy apply results/tiny.h5 photos out --what guarded 2>err; summary err
understudy apply results/tiny.h5 photos one_thread --what guarded --threads 1 2>err
diff -r out one_thread && echo "threads change nothing"
try apply results/tiny.h5 photos out --what guarded --trial 0
understudy run tiny.yaml --no-plots >out.log 2>&1
try apply results/tiny.h5 photos out --what guarded
