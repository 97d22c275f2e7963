# UNDERSTUDY_MAX_ISA plays a processor that has no more: every library hears of it, and what is not there
# is refused as it is there.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i "/^grid:/,+1d" tiny.yaml
unset OPENBLAS_CORETYPE ONEDNN_MAX_CPU_ISA
kernels() { # kernels ISA OPTION…: the engine's kernels, as results tell them
  local isa=$1
  shift
  UNDERSTUDY_MAX_ISA=$isa understudy run --no-plots -r "$isa$*" "$@" tiny.yaml >/dev/null 2>log ||
    fail "$(cat log)"
  /usr/bin/python3 -c 'import h5py, sys
told = h5py.File(sys.argv[1]).attrs["instruction_set"]
print(told.decode() if isinstance(told, bytes) else told)' "$isa$*/tiny.h5"
}
if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  echo "skipped: no h5py" >&2
elif grep -qw avx2 /proc/cpuinfo; then
  [ "$(kernels avx2 --engine openblas)" = Haswell ] || fail "OpenBLAS: $(kernels avx2 --engine openblas)"
  if ldd "$(command -v understudy)" | grep -q libdnnl; then
    [ "$(kernels avx2 --engine onednn)" = avx2 ] || fail "oneDNN: $(kernels avx2 --engine onednn)"
    UNDERSTUDY_MAX_ISA=avx512 understudy check --engine onednn --set train.precision=bfloat16 tiny.yaml >log 2>&1 &&
      fail "bfloat16 without its instructions: $(cat log)"
    grep -q 'train.precision: bfloat16 needs kernels for AVX512_BF16' log || fail "$(cat log)"
  fi
fi
UNDERSTUDY_MAX_ISA=avx3 try check tiny.yaml
UNDERSTUDY_MAX_ISA=avx2 try check --isa avx512 --engine openblas tiny.yaml
