# A network in 8-bit integers as C source and as an ONNX model: its test passes, its scores are told; without ranges it is refused.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/^network: .*/network: {family: dncnn, depth: 2, width: 2}/' tiny.yaml
understudy run tiny.yaml --no-plots --no-timing >run.log 2>&1 || { cat run.log; fail "no results"; }
try export results/tiny.h5 --c source --int8
echo 'quantize: {images: 8}' >>tiny.yaml
understudy run tiny.yaml --no-plots --no-timing >run.log 2>&1 || { cat run.log; fail "no results"; }
try export results/tiny.h5 --c source --int8
grep -c 'network.int8.test.psnr: [0-9.]*$' source/tiny.h
cc -std=c99 -O2 -ffp-contract=off -Wall -Wextra -Wconversion -Wpedantic -Werror \
  source/tiny.c source/tiny_test.c -lm -o check && ./check
try export results/tiny.h5 --c wide --onnx tiny.onnx --int8 --size 40x20
grep -q QuantizeLinear tiny.onnx && echo integers
cc -std=c99 -O2 -ffp-contract=off wide/tiny.c wide/tiny_test.c -lm -o check && ./check
