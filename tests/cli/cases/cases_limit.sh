# The worst and best cases of the test images: as many as asked for, none where there is no room, or none is wanted.
. "$ROOT/tests/cli/tiny.sh"
/usr/bin/python3 -c 'import h5py' 2>/dev/null || { echo "skipped: no h5py"; exit; }
tiny
told() { /usr/bin/python3 -c '
import h5py
f = h5py.File("results/tiny.h5")
c = f.get("cases/00000")
print("none" if c is None else {k: (list(v) if isinstance(v, h5py.Group) else v[:].tolist() if v.ndim == 1 else v.shape) for k, v in c.items()
                                if k in ("left_out", "worst", "network")})'; }
understudy run --no-plots --set store.cases=3 tiny.yaml >/dev/null 2>&1
told
understudy run --no-plots --set store.cases=0 tiny.yaml >/dev/null 2>&1
told
understudy run --no-plots --set store.cases=10 --set dataset.test=3 tiny.yaml >/dev/null 2>&1
told
large='{name: leaves, height: 512, width: 512, manual: 1, unlabelled: 4, validation: 1, test: 5, degrade: [gaussian_noise: {sigma: 32}]}'
understudy run --no-plots --set "dataset=$large" --set train.batch=4 --set store.examples=0 --set 'figures=[]' tiny.yaml >/dev/null 2>&1
told # four of 4 MiB each are wanted
understudy report tiny >/dev/null
grep -c '"left_out": 2' plots/tiny/index.html
try check --set store.cases=11 tiny.yaml
