# A network as ONNX and as C source: the files, which stages go along, which do not, and what is refused.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/^network: .*/network: {family: dncnn, depth: 2, width: 2}/; s/^pipeline: .*/pipeline: {stages: [gamma: {gamma: 0.8}, median: {radius: 1}, gaussian: {sigma: {tune: [0.5, 0.6]}}, wiener: {radius: 1}], replace: {from: median, to: median}}/' tiny.yaml
understudy run tiny.yaml --no-plots --no-timing >run.log 2>&1 || { cat run.log; fail "no results"; }
try export results/tiny.h5 --onnx tiny.onnx --c source
head -c 2 tiny.onnx | od -An -tx1
grep -h ' stages_\|Its examples' source/tiny.h
try export results/tiny.h5 --c wide --size 40x20 --name 'other name'
grep -c 'Input: 1 x 20 x 40' wide/other_name.h
cc -std=c99 -O2 -ffp-contract=off source/tiny.c source/tiny_test.c -lm -o check && ./check
try export results/tiny.h5 --what network --c alone
grep -h ' stages_\|Its examples' alone/tiny.h
try export results/tiny.h5
try export results/tiny.h5 --c source --what pipeline
try export results/tiny.h5 --c source --size 40
try export results/tiny.h5 --c source --name '---'
try export results/tiny.h5 --onnx new/folder/tiny.onnx
try export nowhere.h5 --onnx tiny.onnx
try export results/tiny.h5 --onnx tiny.onnx --trial 9
