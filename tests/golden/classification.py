#!/usr/bin/python3
"""Write what the stages of pipelines/features and pipelines/classifiers give: by scikit-learn and scikit-image
where definitions agree, else by their definitions, written out in numpy.

    python3 tests/golden/classification.py > tests/golden/classification.h
"""
import numpy as np
import sklearn
import skimage
from skimage.feature import local_binary_pattern
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from quality import write_array

IMAGES, SHAPE, CLASSES = 30, (2, 9, 11), 3
SEED, FIT = 2019, 8


class Stream:
    """framework/base/random.h: Philox 4x32-10, keyed by seed, purpose and index."""

    def __init__(self, part, item):
        self.counter, self.words = [0, item & 0xffffffff, part << 8 | item >> 32, FIT << 16], []

    def word(self):
        if not self.words:
            counter, key = list(self.counter), [SEED & 0xffffffff, SEED >> 32]
            for _ in range(10):
                a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
                counter = [b >> 32 ^ counter[1] ^ key[0], b & 0xffffffff, a >> 32 ^ counter[3] ^ key[1], a & 0xffffffff]
                key = [(key[0] + 0x9E3779B9) & 0xffffffff, (key[1] + 0xBB67AE85) & 0xffffffff]
            self.words, self.counter[0] = counter, self.counter[0] + 1
        return self.words.pop(0)

    def below(self, bound):
        while True:
            product = self.word() * bound
            if product & 0xffffffff >= (1 << 32) % bound:
                return product >> 32

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            k = self.below(i + 1)
            order[i], order[k] = order[k], order[i]
        return order


def images():
    """Three classes, which differ in brightness and texture."""
    draws = np.random.default_rng(5)
    y, x = np.mgrid[0:SHAPE[1], 0:SHAPE[2]]
    made = np.zeros((IMAGES,) + SHAPE)
    for i in range(IMAGES):
        wave = np.sin((0.5 + 0.4 * (i % CLASSES)) * x + draws.uniform(0, 6)) * np.cos(0.5 * y + draws.uniform(0, 6))
        made[i] = 0.5 + 0.2 * wave + 0.1 * (i % CLASSES) * (y > 4) + 0.1 * draws.standard_normal(SHAPE)
    return made.astype(np.float32)


def normalised(patches):
    patches = 255 * patches.astype(np.float64)
    patches -= patches.mean(1, keepdims=True)
    return patches / np.sqrt(patches.var(1, ddof=1, keepdims=True) + 10)


def all_patches(image, side):
    windows = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(1, 2))
    return np.moveaxis(windows, 0, 2).reshape(windows.shape[1:3] + (-1,))


def kmeans_features(images, side, clusters, iterations, patches=None):
    everything = [all_patches(image, side) for image in images]
    if patches:
        stream, drawn = Stream(2, 0), []
        for _ in range(patches):
            image = everything[stream.below(len(images))]
            y = stream.below(image.shape[0])
            drawn.append(image[y, stream.below(image.shape[1])])
        points = np.array(drawn)
    else:
        points = np.concatenate([e.reshape(-1, e.shape[-1]) for e in everything])
    points = normalised(points)
    mean = points.mean(0)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    whitening = vectors @ np.diag(1 / np.sqrt(values + 0.1)) @ vectors.T
    points = (points - mean) @ whitening
    first = points[Stream(3, 0).permutation(len(points))[:clusters]]
    means = KMeans(clusters, init=first, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(points)
    centroids = means.cluster_centers_
    features = []
    for image in everything:
        rows, columns = image.shape[:2]
        x = (normalised(image.reshape(rows * columns, -1)) - mean) @ whitening
        z = np.sqrt(((x[:, None] - centroids) ** 2).sum(2))
        f = np.maximum(0, z.mean(1, keepdims=True) - z).reshape(rows, columns, clusters)
        v, u = (rows + 1) // 2, (columns + 1) // 2
        features.append([q.sum((0, 1)) for q in (f[:v, :u], f[:v, u:], f[v:, :u], f[v:, u:])])
    return np.array(features).reshape(len(images), -1)


def standardised(features):
    return (features - features.mean(0)) / np.sqrt(features.var(0, ddof=1) + 0.01)


def strongest(features, classes):
    """The classes, as another tree on other draws sees them: whether the best splits are the only best ones."""
    trees = [DecisionTreeClassifier(max_depth=2, min_samples_leaf=4, random_state=k).fit(features, classes) for k in range(20)]
    return all((tree.predict(features) == trees[0].predict(features)).all() for tree in trees)


def components(features, count, whiten):
    """Each direction's largest number is positive."""
    pca = PCA(count, whiten=whiten, svd_solver="full").fit(features)
    largest = np.take_along_axis(pca.components_, np.abs(pca.components_).argmax(1)[:, None], 1)
    return pca.transform(features) * np.sign(largest[:, 0])


def dense_sift(image, step, size, window):
    """VLFeat's definition, written out: 4 x 4 bins, triangles around them, a Gaussian around the middle."""
    described = []
    for plane in image.astype(np.float64):
        gy, gx = np.gradient(plane)
        length, angle = np.hypot(gx, gy), np.arctan2(gy, gx) % (2 * np.pi) * 8 / (2 * np.pi)
        low = np.floor(angle).astype(int)
        maps = [length * ((low % 8 == t) * (1 - angle + low) + ((low + 1) % 8 == t) * (angle - low)) for t in range(8)]
        maps = np.pad(np.array(maps), [(0, 0), (size, size), (size, size)], mode="edge")
        offsets = np.arange(-size + 1, size)
        kernels = [(1 - abs(offsets) / size) * np.exp(-0.5 * ((offsets + size * (b - 1.5)) / (size * window)) ** 2) for b in range(4)]
        for y in range(0, plane.shape[0] - 3 * size, step):
            for x in range(0, plane.shape[1] - 3 * size, step):
                found = np.zeros((4, 4, 8))
                for v in range(4):
                    for u in range(4):
                        top, left = y + (v + 1) * size, x + (u + 1) * size
                        seen = maps[:, top - size + 1:top + size, left - size + 1:left + size]
                        found[v, u] = np.einsum("tyx,y,x->t", seen, kernels[v], kernels[u])
                found = np.minimum(found / np.linalg.norm(found), 0.2)
                described.append(found / np.linalg.norm(found))
    return np.array(described)


def lbp(image, points, radius, method, cells):
    """Histograms of cells, [channel][row][column][code]."""
    bins = {"uniform": points + 2, "nri_uniform": points * (points - 1) + 3, "default": 2 ** points}[method]
    height, width = image.shape[1:]
    histograms = []
    for plane in image:
        codes = local_binary_pattern(plane.astype(np.float64), points, radius, method).astype(int)
        for v in range(cells):
            for u in range(cells):
                cell = codes[v * height // cells:(v + 1) * height // cells, u * width // cells:(u + 1) * width // cells]
                histograms.append(np.bincount(cell.ravel(), minlength=bins) / cell.size)
    return np.concatenate(histograms)


def svm_scores(features, classes, cost):
    """LinearSVC is LIBLINEAR; the hinge is squared, and the constant feature's weight counts like the others."""
    machine = LinearSVC(C=cost, tol=1e-9, max_iter=10 ** 7, random_state=0)
    return machine.fit(features.astype(np.float64), classes).decision_function(features.astype(np.float64))


def main():
    scene = images()
    print("/* Written by classification.py with scikit-learn", sklearn.__version__ + ", scikit-image", skimage.__version__,
          "and numpy", np.__version__, "*/\n")
    write_array("golden_images", scene)
    few = kmeans_features(scene, 4, 5, 3)
    write_array("golden_kmeans_features", few)
    write_array("golden_kmeans_features_drawn", kmeans_features(scene, 3, 21, 6, 900))
    write_array("golden_standardise", standardised(few))
    classes = np.arange(IMAGES) % CLASSES
    few = few.astype(np.float32)
    write_array("golden_knn", KNeighborsClassifier(7, algorithm="brute").fit(few, classes).predict_proba(few))
    near = KNeighborsClassifier(4, weights="distance", algorithm="brute").fit(few, classes)
    write_array("golden_knn_distance", near.predict_proba(few))
    write_array("golden_ridge", RidgeClassifier(3, solver="cholesky").fit(few.astype(np.float64), classes).decision_function(few))
    many = kmeans_features(scene, 3, 21, 6, 900)
    write_array("golden_ridge_dual", RidgeClassifier(0.5, solver="svd").fit(many, classes).decision_function(many))
    write_array("golden_svm", svm_scores(few, classes, 0.2))
    write_array("golden_svm_wide", svm_scores(many, classes, 0.1))
    write_array("golden_pca", components(few.astype(np.float64), 6, False))
    write_array("golden_pca_dual", components(many, 5, True))
    write_array("golden_lbp", [lbp(image, 8, 1, "uniform", 2) for image in scene])
    write_array("golden_lbp_u2", [lbp(image, 5, 1.7, "nri_uniform", 1) for image in scene])
    write_array("golden_lbp_all", [lbp(image, 4, 2, "default", 3) for image in scene[:2]])
    assert strongest(few, classes)
    tree = DecisionTreeClassifier(max_depth=2, min_samples_leaf=4).fit(few, classes)
    write_array("golden_tree", np.eye(CLASSES)[tree.predict(few)])
    write_array("golden_dense_sift", dense_sift(scene[0], 2, 2, 1.5))


if __name__ == "__main__":
    main()
