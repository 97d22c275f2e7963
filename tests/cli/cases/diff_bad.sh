# What cannot be compared, and a file that somebody changed.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing tiny.yaml >/dev/null 2>&1
cp results/tiny.h5 changed.h5
if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  echo "skipped: no h5py"
  exit
fi
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('changed.h5', 'r+') as f:
    f['trials/network.test.ssim'][1] = 2
    f['curves/00001/train.loss'][0] = 0.5
    f['timing/total'][()] = 7
END
try diff results/tiny.h5
try diff results/tiny.h5 tiny.yaml
try diff results/tiny.h5 none.h5
try diff --limit 3 results/tiny.h5 results/tiny.h5
try diff --all --limit none results/tiny.h5 results/tiny.h5
try diff results/tiny.h5 changed.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/0[.][0-9]*/NUMBER/'
