# store.flagged: the most suspect images of those that the filter dropped, with what it judged; from the cache, too.
# Nothing else of the results changes.
. "$ROOT/tests/cli/tiny.sh"
tiny
flag() { understudy run --no-plots --no-timing --set filter.method=residual_trim --set filter.fraction=0.5 --set figures=[] "$@" tiny.yaml 2>/dev/null | tail -n 1; }
flag >without
cp results/tiny.h5 without.h5
flag --set store.flagged=3 >with
/usr/bin/python3 - <<'END'
import h5py, numpy
from scipy.ndimage import gaussian_filter, median_filter

with h5py.File("results/tiny.h5") as new, h5py.File("without.h5") as old:
    print("new:", sorted(set(new) - set(old)))
    for trial in new["flagged"]:
        rows, flagged = new["filter"][trial], new["flagged"][trial]
        dropped = numpy.flatnonzero(rows["keep"][:] == 0)
        wanted = dropped[numpy.argsort(-rows["score"][:][dropped], kind="stable")][:3]
        answers = [gaussian_filter(median_filter(image[0], 3), 0.5) for image in flagged["input"][:]]
        off = numpy.abs(numpy.array(answers) - flagged["label"][:, 0])[:, 4:-4, 4:-4].max()
        print(trial, len(dropped), "dropped;", flagged["input"].shape, (flagged["item"][:] == wanted).all(),
              "labels are the pipeline's answers:", off < 2e-3)
END
rm results/tiny.h5
flag --set store.flagged=3 | cmp - with
flag --set store.flagged=0 | cmp - without
understudy run --set store.flagged=-1 tiny.yaml 2>&1 | head -n 1 || true
