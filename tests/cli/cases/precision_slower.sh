# Where bfloat16 is slower than float32, plan and bench say so; results say what every layer computed in.
. "$ROOT/tests/cli/tiny.sh"
tiny
told='bfloat16 is slower than float32 on this processor, which has no AMX'
export UNDERSTUDY_MAX_ISA=avx512_bf16
bench() { understudy bench training --network lenet5 --engine reference --threads 1 --seconds 0.01 "$@" 2>&1 || true; }
[[ $(bench --precision bfloat16) == *"$told"* ]] || fail "bench: $(bench --precision bfloat16)"
[[ $(bench --precision float32) != *"$told"* ]] || fail "bench: float32 is slow"
sed -i 's/shard: 4}/shard: 4, engine: onednn}/; s/network.width: .*/train.precision: [float32, bfloat16]/' tiny.yaml
understudy check tiny.yaml >/dev/null 2>&1 || { echo "skipped: no bfloat16" >&2; exit; }
understudy plan tiny.yaml | grep -qF "$told" || fail "$(understudy plan tiny.yaml)"
if understudy plan --set 'grid={network.width: [2]}' tiny.yaml | grep -F "$told"; then fail "float32 is slow"; fi
understudy run --no-plots tiny.yaml >/dev/null 2>log || fail "$(cat log)"
/usr/bin/python3 -c 'import h5py' 2>/dev/null || { echo "skipped: no h5py" >&2; exit; }
/usr/bin/python3 <<'END'
import h5py
layers = h5py.File("results/tiny.h5")["layers"]
assert "precision" not in layers["00000"], "in float32 there is nothing to tell"
told = dict(zip(layers["00001/name"][()], layers["00001/precision"][()]))
assert set(told.values()) <= {b"float32", b"bfloat16"}, told
assert all(told[name] == b"bfloat16" for name in told if name.startswith(b"conv")), told
END
