#!/usr/bin/env python3
"""Confident learning as its authors' program does it: cleanlab, on given probabilities.

    python3 tests/golden/filters.py            write tests/golden/filters.h5
    python3 tests/golden/filters.py --check    compute anew, compare with the file

Needs cleanlab (of PyPI; made with 2.9), NumPy and h5py; without them, --check says so and ends well.
The probabilities stay what the file holds, where there is one: some are a network's. New ones are
given as files of NAME.npz with probabilities and labels. tests/unit/train/confident_test.c reads the file:

    /CASE   probabilities [items, classes] float32, labels uint8 [items]; thresholds, joint (calibrated
            counts, a row a label); by_class, by_noise_rate, both, off_diagonal (flags); quality, what
            cleanlab makes of self-confidence: larger is better
"""
import sys

try:
    import h5py
    import numpy as np
    from cleanlab.count import compute_confident_joint, get_confident_thresholds
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
except ImportError as missing:
    print(f"nothing is checked: {missing}")
    sys.exit(0 if "--check" in sys.argv else 1)

FILE = "tests/golden/filters.h5"
PRUNES = {"by_class": "prune_by_class", "by_noise_rate": "prune_by_noise_rate", "both": "both",
          "off_diagonal": "confident_learning"}


def draw(seed, items, classes, noise, sharpness, rare=0, missing=None):
    """Labels, some of them moved to another class, and probabilities around the class before."""
    random = np.random.default_rng(seed)
    share = np.ones(classes)
    share[classes - rare:] = 0.03
    if missing is not None:
        share[missing] = 0
    true = random.choice(classes, items, p=share / share.sum())
    weights = np.full((items, classes), 0.4)
    weights[np.arange(items), true] += sharpness
    probabilities = random.gamma(weights) + 1e-4
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    moved = random.random(items) < noise
    labels = np.where(moved, (true + random.integers(1, classes, items)) % classes, true)
    if missing is not None:
        labels[labels == missing] = (missing + 1) % classes
    return probabilities.astype("f4"), labels.astype("u1")


def draws():
    cases = {
        "clean": draw(1, 300, 10, 0.0, 4),
        "flips_20": draw(2, 500, 10, 0.2, 3),
        "flips_40": draw(3, 500, 10, 0.4, 2),
        "flips_70": draw(4, 300, 10, 0.7, 2),
        "blind": draw(5, 200, 10, 0.2, 0.0),
        "two_classes": draw(6, 200, 2, 0.3, 1),
        "three_classes": draw(7, 150, 3, 0.3, 1),
        "rare_classes": draw(8, 300, 12, 0.2, 2, rare=4),
        "missing_class": draw(9, 300, 6, 0.3, 2, missing=2),
        "sixteen_classes": draw(10, 400, 16, 0.3, 2),
    }
    for seed in range(24):  # small ones, in which counts halve
        cases[f"small_{seed:02d}"] = draw(100 + seed, 10 + seed, 2 + seed % 7, 0.4, 1)
    return cases


def compute(probabilities, labels):
    p, y = probabilities.astype("f8"), labels.astype("i8")
    out = {"thresholds": get_confident_thresholds(y, p),
           "joint": compute_confident_joint(y, p).astype("i8"),
           "quality": get_label_quality_scores(y, p, method="self_confidence")}
    for name, prune in PRUNES.items():
        out[name] = find_label_issues(y, p, filter_by=prune, n_jobs=1).astype("u1")
    return out


def read():
    try:
        with h5py.File(FILE, "r") as file:
            return {name: {key: file[name][key][()] for key in file[name]} for name in file}
    except OSError:
        return {}


def main():
    check = "--check" in sys.argv
    before = read()
    cases = {name: (case["probabilities"], case["labels"]) for name, case in before.items()}
    if not check:
        cases.update(draws())
        for path in sys.argv[1:]:
            with np.load(path) as given:
                cases[path.split("/")[-1][:-4]] = given["probabilities"], given["labels"]
    bad = 0
    values = {name: compute(*cases[name]) for name in sorted(cases)}
    if check:
        for name, value in values.items():
            for key, array in value.items():
                if not np.allclose(array, before[name][key], rtol=1e-12, atol=0):
                    print(f"{name}/{key} differs")
                    bad += 1
        print(f"{len(values)} cases, {bad} differences")
        sys.exit(bad > 0 or not values)
    with h5py.File(FILE, "w", libver="latest") as file:
        for name, value in values.items():
            group = file.create_group(name)
            value["probabilities"], value["labels"] = cases[name]
            for key, array in value.items():
                group.create_dataset(key, data=array, track_times=False,
                                     **({"compression": 9, "shuffle": True} if array.size > 500 else {}))
    print(f"{len(values)} cases")


main()
