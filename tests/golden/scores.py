#!/usr/bin/env python3
"""Scores of masks, numbers and maps as scikit-learn, scikit-image and SciPy compute them.

    python3 tests/golden/scores.py            write tests/golden/scores.h5
    python3 tests/golden/scores.py --check    compute anew, compare with the file

Needs scikit-learn, scikit-image, SciPy and h5py; without them, --check says so and ends well.
tests/unit/base/scores_test.c reads the file:

    /masks/CASE     attribute classes; truth, outputs [images, height, width]; iou, dice,
                    pixel_accuracy, boundary_f1 [images]; set: iou, dice, pixel_accuracy,
                    boundary_f1, pooled_iou; parts: the mean IoU of each class
    /numbers/CASE   truth, outputs [images, count, height, width]; mae, relative_error,
                    coverage [images]; set: mae, rmse, r2, relative_error, coverage; parts: the
                    MAE of each number

Boundaries are scikit-image's where all pixels are known and answered. It knows no other pixels:
with these they are a dilation of the other classes' pixels.
"""
import math
import sys
import warnings

try:
    import h5py
    import numpy as np
    from scipy import ndimage
    from skimage.segmentation import find_boundaries
    from sklearn import metrics
except ImportError as missing:
    print(f"nothing is checked: {missing}")
    sys.exit(0 if "--check" in sys.argv else 1)

FILE = "tests/golden/scores.h5"
INPUTS = ("truth", "outputs")  # single precision; all else is double
CROSS = ndimage.generate_binary_structure(2, 1)


def blobs(random, images, classes, height, width, smooth):
    """Regions of each class, and the same regions seen with some noise."""
    fields = ndimage.gaussian_filter(random.normal(size=(images, classes, height, width)),
                                     (0, 0, smooth, smooth))
    noise = ndimage.gaussian_filter(random.normal(size=fields.shape), (0, 0, smooth / 3, smooth / 3))
    noise *= 0.5 * fields.std() / noise.std()
    return fields.argmax(1).astype("f4"), (fields + noise).argmax(1).astype("f4")


def mask_draws():
    random = np.random.default_rng(7)
    cases = {
        "two": (2, *blobs(random, 5, 2, 24, 31, 3)),
        "five": (5, *blobs(random, 6, 5, 40, 33, 3)),
        "wide": (4, *blobs(random, 2, 4, 150, 190, 9)),
        "noise": (3, random.integers(0, 3, (3, 20, 17)).astype("f4"),
                  random.integers(0, 3, (3, 20, 17)).astype("f4")),
        "rare": (7, *(np.minimum(m, 3) * 2 for m in blobs(random, 4, 7, 25, 25, 2))),
        "shifted": (2, *(np.pad(np.ones((1, 12, 12), "f4"), ((0, 0), (a, 20 - a), (a, 20 - a)))
                         for a in (5, 6))),
    }
    classes, truth, outputs = (np.copy(a) for a in cases["five"])
    truth[blobs(random, 6, 4, 40, 33, 3)[0] == 0] = np.nan
    cases["unknown"] = (int(classes), truth, outputs)
    outputs = np.copy(outputs)
    outputs[blobs(random, 6, 4, 40, 33, 2)[0] == 0] = np.nan
    cases["unanswered"] = (int(classes), truth, outputs)
    return cases


def boundary(mask, known, c):
    """Inner boundary of class c; `mask` is -1 where there is no answer."""
    inside = (mask == c) & known
    found = inside & ndimage.binary_dilation(known & ~inside, CROSS)
    if known.all() and (mask >= 0).all():
        assert (found == find_boundaries(mask == c, connectivity=1, mode="inner")).all()
    return found


def near(pixels, others, reach):
    if not others.any():
        return 0.0
    return (ndimage.distance_transform_edt(~others)[pixels] <= reach).mean()


def boundary_f1(truth, output, known, labels):
    reach = math.ceil(0.0075 * math.hypot(*truth.shape))
    values = []
    for c in labels:
        t, o = boundary(truth, known, c), boundary(output, known, c)
        if not t.any() and not o.any():
            values.append(float((truth == c)[known].any() and (output == c)[known].any()))
            continue
        if not t.any() or not o.any():
            values.append(0.0)
            continue
        precision, recall = near(o, t, reach), near(t, o, reach)
        values.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return np.mean(values)


def present(*masks):
    labels = np.unique(np.concatenate(masks))
    return labels[labels >= 0]


def mask_case(classes, truth, outputs):
    names = ("iou", "dice", "pixel_accuracy", "boundary_f1")
    each, parts, pooled = {name: [] for name in names}, [[] for _ in range(classes)], [[], []]
    for t, o in zip(truth, outputs):
        known = ~np.isnan(t)
        a, b = t[known].astype(int), np.nan_to_num(o[known], nan=-1).astype(int)
        labels = present(a, b)
        ious = metrics.jaccard_score(a, b, labels=labels, average=None, zero_division=0)
        each["iou"].append(metrics.jaccard_score(a, b, labels=labels, average="macro", zero_division=0))
        each["dice"].append(metrics.f1_score(a, b, labels=labels, average="macro", zero_division=0))
        each["pixel_accuracy"].append(metrics.accuracy_score(a, b))
        each["boundary_f1"].append(boundary_f1(np.nan_to_num(t, nan=-1), np.nan_to_num(o, nan=-1),
                                               known, labels))
        for c, iou in zip(labels, ious):
            parts[c].append(iou)
        pooled[0].append(a)
        pooled[1].append(b)
    a, b = np.concatenate(pooled[0]), np.concatenate(pooled[1])
    whole = metrics.jaccard_score(a, b, labels=present(a, b), average="macro", zero_division=0)
    data = {"truth": truth, "outputs": outputs, **{n: np.array(v) for n, v in each.items()}}
    data["set"] = np.array([np.mean(each[name]) for name in names] + [whole])
    data["parts"] = np.array([np.mean(p) if p else np.nan for p in parts])
    return {"classes": classes}, data


def number_draws():
    random = np.random.default_rng(8)

    def draw(shape, error):
        truth = random.normal(3, 20, shape).astype("f4")
        return truth, (truth + random.normal(0, error, shape)).astype("f4")

    cases = {"one": draw((12, 1, 1, 1), 2), "three": draw((30, 3, 1, 1), 9),
             "map": draw((4, 1, 9, 11), 5), "maps": draw((5, 2, 8, 7), 30)}
    for name, source in (("unknown", "three"), ("map_unknown", "maps")):
        truth, outputs = (np.copy(a) for a in cases[source])
        truth[random.random(truth.shape) < 0.3] = np.nan
        cases[name] = truth, outputs
    truth, outputs = (np.copy(a) for a in cases["map_unknown"])
    outputs[random.random(outputs.shape) < 0.2] = np.nan
    cases["map_unanswered"] = truth, outputs
    truth, outputs = (np.copy(a) for a in cases["three"])
    cases["zeros"] = np.maximum(truth, 0), outputs
    truth, outputs = (np.copy(a) for a in cases["three"])
    truth[:, 1] = 0.1
    cases["constant"] = truth, outputs
    return cases


def relative(t, o):
    return metrics.mean_absolute_percentage_error(t[t != 0], o[t != 0]) if (t != 0).any() else np.nan


def number_case(truth, outputs):
    mae, square, ratio, coverage = [], [], [], []
    parts, r2 = [], []
    for t, o in zip(truth, outputs):
        both = ~np.isnan(t) & ~np.isnan(o)
        t64, o64 = t[both].astype("f8"), o[both].astype("f8")
        coverage.append(both.sum() / (~np.isnan(t)).sum() if (~np.isnan(t)).any() else np.nan)
        mae.append(metrics.mean_absolute_error(t64, o64) if both.any() else np.nan)
        square.append(metrics.mean_squared_error(t64, o64) if both.any() else np.nan)
        ratio.append(relative(t64, o64))
    for n in range(truth.shape[1]):
        t, o = truth[:, n].astype("f8"), outputs[:, n].astype("f8")
        both = ~np.isnan(t) & ~np.isnan(o)
        same = np.unique(t[both]).size == 1
        r2.append(np.nan if same else metrics.r2_score(t[both], o[both]))
        parts.append(np.nanmean([metrics.mean_absolute_error(t[i][both[i]], o[i][both[i]])
                                 if both[i].any() else np.nan for i in range(len(t))]))
    values = [np.nanmean(mae), math.sqrt(np.nanmean(square)), np.mean(r2), np.nanmean(ratio),
              np.nanmean(coverage)]
    return {}, {"truth": truth, "outputs": outputs, "mae": np.array(mae),
                "relative_error": np.array(ratio), "coverage": np.array(coverage),
                "set": np.array(values), "parts": np.array(parts)}


def all_cases():
    for name, case in mask_draws().items():
        yield f"masks/{name}", *mask_case(*case)
    for name, case in number_draws().items():
        yield f"numbers/{name}", *number_case(*case)


def write():
    with h5py.File(FILE, "w", libver="latest") as file:
        for path, attributes, data in all_cases():
            group = file.create_group(path)
            for name, value in attributes.items():
                group.attrs[name] = np.bytes_(str(value))
            for name, values in data.items():
                packed = {"compression": "gzip", "shuffle": True} if name in INPUTS else {}
                group.create_dataset(name, data=values, track_times=False, **packed)


def check():
    right = wrong = 0
    with h5py.File(FILE, "r") as file:
        for path, attributes, data in all_cases():
            same = path in file and all(file[path].attrs.get(name) == np.bytes_(str(value))
                                        for name, value in attributes.items())
            for name, values in data.items():
                stored = file[path][name][()] if same else values
                same = same and stored.shape == values.shape and np.allclose(
                    stored, values, rtol=1e-9, atol=1e-12, equal_nan=True)
            right, wrong = right + same, wrong + (not same)
            if not same:
                print(f"FAILED {path}: scikit-learn, scikit-image or SciPy gives something else")
    print(f"{right} passed, {wrong} failed")
    return wrong == 0


if __name__ == "__main__":
    warnings.simplefilter("error")
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    write()
