# Precisions and engines that cannot run here are mistakes of the file, told before anything runs.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/shard: 4}/shard: 4, engine: openblas, precision: bfloat16}/' tiny.yaml
try check tiny.yaml
try plan --engine reference tiny.yaml
try run --no-plots --set train.precision=float16 tiny.yaml

# The engine that has it, without the kernels for it.
refused() {
  [[ $1 == *" train.precision: bfloat16 needs kernels for AVX512_BF16; processor, --isa and "* ]] || fail "$1"
  [[ $1 == "tiny.yaml:12:69: "* && $1 == *" leave oneDNN those for $2"$'\n'"1 mistake"* ]] || fail "$1"
}
if understudy check --engine onednn --set train.precision=float32 tiny.yaml >/dev/null 2>&1; then
  refused "$(ONEDNN_MAX_CPU_ISA=SSE41 try check --engine onednn tiny.yaml | tail -n +2)" sse41
  ! grep -qw avx2 /proc/cpuinfo ||
    refused "$(try run --no-plots --isa avx2 --engine onednn tiny.yaml | tail -n +2)" avx2
  ! grep -qw avx512vl /proc/cpuinfo ||
    refused "$(try plan --isa avx512 --engine onednn tiny.yaml | tail -n +2)" avx512_core
  if grep -qw avx512_bf16 /proc/cpuinfo; then understudy check --engine onednn tiny.yaml >/dev/null; fi
fi
[ ! -e results ] || fail "something ran"
