# A finished experiment, by its name, its results file and its experiment file; then one that somebody
# changed. Nothing is left behind.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing --threads 1 --set train.learning_rate=0.01 tiny.yaml >/dev/null 2>&1
masked() { try "$@" | sed 's/[0-9.]* s$/TIME s/; s/on [0-9]* threads\{0,1\}/on N threads/; s/0[.][0-9][0-9]*/NUMBER/'; }
rm -r results/cache
find results | sort >before
masked verify tiny --sample 1 --seed 5
masked verify results/tiny.h5 --sample 100 --seed 6 --threads 2
masked verify tiny.yaml --set train.learning_rate=1e-2 -n 1 --seed 5 --threads 3
understudy verify tiny -n 1 2>said >/dev/null
grep -q 'drawn by --seed [0-9][0-9]*;' said || fail "no seed is told: $(cat said)"
find results | sort | diff before - || fail "something is left behind"
if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  echo "skipped: no h5py"
  exit
fi
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('results/tiny.h5', 'r+') as f:
    f['trials/network.test.ssim'][1] = 2
    f['curves/00001/train.loss'][0] = 7
END
masked verify tiny --sample 2 --seed 1
