#!/usr/bin/python3
"""Write what the stages of pipelines/denoising give: by scikit-image where definitions agree, else by
their definitions, written out in numpy.

    python3 tests/golden/denoising.py > tests/golden/denoising.h
"""
from functools import partial

import cv2
import numpy as np
import pywt
import scipy
import scipy.fft as fft
import skimage
from skimage import restoration
import sklearn
from sklearn.linear_model import orthogonal_mp_gram

from quality import write_array

GREY, COLOUR = (1, 25, 30), (3, 19, 22)


def scene(shape, seed):
    """Discs, stripes and noise, float32."""
    channels, height, width = shape
    y, x = np.mgrid[0:height, 0:width]
    image = np.zeros(shape)
    for k in range(channels):
        image[k] = 0.3 + 0.01 * x + 0.3 * ((y - 9) ** 2 + (x - 8) ** 2 < 30 + 9 * k)
        image[k] += 0.15 * np.sin(0.9 * x + 0.3 * k) * (y > 14)
    return (image + 0.06 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


# BM3D

PROFILES = {"normal": ((8, 3, 19, 16, 3000), (8, 3, 19, 32, 400)),
            "fast": ((8, 6, 12, 16, 3000), (8, 5, 12, 16, 400)),
            "strong": ((8, 4, 19, 32, 25000), (11, 6, 19, 32, 3500))}
OPPONENT = np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0, -0.5], [0.25, -0.5, 0.25]])


def wavelet_matrix():
    matrix = np.array([np.concatenate(pywt.wavedec(e, "bior1.5", "periodization", 3)) for e in np.eye(8)]).T
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def haar_matrix(count):
    """Orthogonal, of a power of 2."""
    if count == 1:
        return np.ones((1, 1))
    half = haar_matrix(count // 2)
    return np.vstack([np.kron(half, [1, 1]), np.kron(np.eye(count // 2), [1, -1])]) / np.sqrt(2)


def fit(image, side, step):
    """Continued by its mirror image until the grid ends with it."""
    more = [max(side - n, 0) if n <= side else (side - n) % step for n in image.shape[1:]]
    return np.pad(image, [(0, 0)] + [(0, m) for m in more], mode="symmetric")


def matches(blocks, y, x, radius, most, limit):
    """Places of the most similar blocks, nearest first; of equal ones, those nearby."""
    found = []
    for v in range(max(y - radius, 0), min(y + radius + 1, blocks.shape[0])):
        for u in range(max(x - radius, 0), min(x + radius + 1, blocks.shape[1])):
            distance = ((blocks[v, u] - blocks[y, x]) ** 2).sum()
            if distance < limit or (v, u) == (y, x):
                found.append((distance, (v - y) ** 2 + (u - x) ** 2, v - y, u - x))
    found = sorted(found)[:most]
    return [(y + f[2], x + f[3]) for f in found[:2 ** int(np.log2(len(found)))]]


def bm3d_step(noisy, basic, sigmas, settings, wavelet, strong):
    side, step, radius, most, limit = settings
    shape = noisy.shape
    noisy, basic = fit(noisy, side, step), None if basic is None else fit(basic, side, step)
    planes = noisy if basic is None else basic
    blocks = np.lib.stride_tricks.sliding_window_view(planes[0], (side, side))
    forward = wavelet_matrix() if wavelet else fft.dct(np.eye(side), axis=0, norm="ortho")
    inverse = np.linalg.inv(forward)
    window = np.outer(np.kaiser(side, 2), np.kaiser(side, 2))
    sums, weights = np.zeros_like(noisy), np.zeros_like(noisy)
    for y in range(0, blocks.shape[0], step):
        for x in range(0, blocks.shape[1], step):
            places = matches(blocks, y, x, radius, most, limit * side ** 2 / 255 ** 2)
            haar = haar_matrix(len(places))
            for c, sigma in enumerate(sigmas):
                def transformed(plane):
                    group = np.array([plane[v:v + side, u:u + side] for v, u in places])
                    return np.einsum("mn,nyx->myx", haar, forward @ group @ forward.T)
                group = transformed(noisy[c])
                if basic is None:
                    keep = np.abs(group) > (2.8 if strong else 2.7) * sigma
                    group, price = group * keep, keep.sum()
                else:
                    power = transformed(basic[c]) ** 2
                    factor = power / (power + sigma ** 2)
                    group, price = group * factor, (factor ** 2).sum()
                group = inverse @ np.einsum("mn,myx->nyx", haar, group) @ inverse.T
                weight = window / max(price, 1e-6)
                for block, (v, u) in zip(group, places):
                    sums[c, v:v + side, u:u + side] += weight * block
                    weights[c, v:v + side, u:u + side] += weight
    return (sums / weights)[:, :shape[1], :shape[2]]


def bm3d(image, sigma, profile="normal"):
    image, sigmas = image.astype(np.float64), [sigma / 255]
    colour = len(image) == 3
    if colour:
        image = np.einsum("kc,cyx->kyx", OPPONENT, image)
        sigmas = sigma / 255 * np.linalg.norm(OPPONENT, axis=1)
    hard, wiener = PROFILES[profile]
    basic = bm3d_step(image, None, sigmas, hard, True, profile == "strong")
    out = bm3d_step(image, basic, sigmas, wiener, False, False)
    return np.einsum("ck,kyx->cyx", np.linalg.inv(OPPONENT), out) if colour else out


def noise(image):
    return 255 * restoration.estimate_sigma(np.moveaxis(image.astype(np.float64), 0, -1), average_sigmas=True,
                                            channel_axis=-1)


def each(image, function):
    return np.array([function(plane.astype(np.float64)) for plane in image])


def tv(image, weight, eps=2e-4, iterations=200):
    return each(image, lambda plane: restoration.denoise_tv_chambolle(plane, weight / 255, eps, iterations))


def anisotropic(image, conduction, kappa, step, iterations):
    image = image.astype(np.float64)
    for _ in range(iterations):
        change = np.zeros_like(image)
        for axis in (1, 2):
            for way in (1, -1):
                edge = [slice(None)] * 3
                edge[axis] = -1 if way == 1 else 0
                difference = np.roll(image, -way, axis) - image
                difference[tuple(edge)] = 0
                ratio = (255 * difference / kappa) ** 2
                change += difference * (np.exp(-ratio) if conduction == "exponential" else 1 / (1 + ratio))
        image = image + step * change
    return image


def wavelet(image, name, method, mode, sigma=None, levels=None, shifts=0):
    """denoise_wavelet() without what it does to its input's range and output."""
    def shrink(plane):
        return restoration._denoise._wavelet_threshold(plane, name, method, sigma=sigma and sigma / 255, mode=mode,
                                                       wavelet_levels=levels)
    return each(image, lambda plane: restoration.cycle_spin(plane, shrink, shifts, num_workers=1))


def dct(image, side, sigma):
    """OpenCV's. It leaves out the last windows of each direction, so that a row and a column are added."""
    planes = np.pad(np.moveaxis(255 * image, 0, -1), [(0, 1), (0, 1), (0, 0)]).squeeze()
    out = np.zeros_like(planes)
    cv2.xphoto.dctDenoising(planes, out, float(sigma), side)
    return np.moveaxis(np.atleast_3d(out), -1, 0)[:, :-1, :-1] / 255


# K-SVD, coded by scikit-learn's orthogonal matching pursuit

def patches_of(image, side):
    """All of them, each channel without its mean, and the means."""
    more = [(0, 0)] + [(0, max(side - n, 0)) for n in image.shape[1:]]
    image = np.pad(image, more, mode="symmetric")
    blocks = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
    rows = blocks.reshape(-1, len(image), side * side)
    means = rows.mean(axis=2, keepdims=True)
    return (rows - means).reshape(len(rows), -1), means, image


def cosine_atoms(count, side, channels):
    across = int(np.ceil(np.sqrt(count / channels)))
    waves = np.cos(np.pi / across * np.outer(np.arange(across), np.arange(side)))
    waves[1:] -= waves[1:].mean(axis=1, keepdims=True)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    colours = fft.dct(np.eye(channels), axis=0, norm="ortho")
    return np.einsum("ai,bj,kc->abkcij", waves, waves, colours).reshape(-1, channels * side ** 2)[:count]


def coded(atoms, patches, energy, terms):
    codes = np.zeros((len(patches), len(atoms)))
    for code, patch in zip(codes, patches):
        if patch @ patch > energy:
            pursuit = partial(orthogonal_mp_gram, atoms @ atoms.T, atoms @ patch)
            if energy > 0:
                code[:] = pursuit(tol=energy, norms_squared=patch @ patch)
            if energy == 0 or (code != 0).sum() > terms:
                code[:] = pursuit(n_nonzero_coefs=terms)
    return codes


def learn(atoms, patches, energy, terms, iterations):
    for _ in range(iterations):
        codes = coded(atoms, patches, energy, terms)
        for k, atom in enumerate(atoms):
            users = np.flatnonzero(codes[:, k])
            if len(users):
                lacks = patches[users] - codes[users] @ atoms + np.outer(codes[users, k], atom)
                atom[:] = codes[users, k] @ lacks
                atom /= np.linalg.norm(atom)
                codes[users, k] = lacks @ atom
        energies = ((patches - codes @ atoms) ** 2).sum(axis=1)
        alike, replaced = np.abs(atoms @ atoms.T) - np.eye(len(atoms)) > 0.99, np.zeros(len(atoms), bool)
        for k in range(len(atoms)):
            if (codes[:, k] != 0).sum() < 4 or (alike[k] & ~replaced).any():
                worst = energies.argmax()
                atoms[k], energies[worst], replaced[k] = patches[worst] / np.linalg.norm(patches[worst]), 0, True
    return atoms


def ksvd(image, sigma, side, count, iterations, manual=False, gain=1.15, weight=30):
    patches, means, fit = patches_of(image.astype(np.float64), side)
    energy, terms = patches.shape[1] * (gain * sigma / 255) ** 2, patches.shape[1] // 2
    atoms = cosine_atoms(count, side, len(image))
    atoms = learn(atoms, patches, 0, 6, iterations) if manual else learn(atoms, patches, energy, terms, iterations)
    told = (coded(atoms, patches, energy, terms) @ atoms).reshape(len(patches), len(image), -1) + means
    sums, counts = weight / sigma * fit, np.full(fit.shape, weight / sigma)
    places = [(y, x) for y in range(fit.shape[1] - side + 1) for x in range(fit.shape[2] - side + 1)]
    for (y, x), patch in zip(places, told):
        sums[:, y:y + side, x:x + side] += patch.reshape(len(image), side, side)
        counts[:, y:y + side, x:x + side] += 1
    return (sums / counts)[:, :image.shape[1], :image.shape[2]]


def main():
    grey, colour = scene(GREY, 1), scene(COLOUR, 2)
    print("/* Written by denoising.py with scikit-image", skimage.__version__ + ", PyWavelets", pywt.__version__ + ", OpenCV",
          cv2.__version__ + ", scikit-learn", sklearn.__version__, "and scipy", scipy.__version__, "*/\n")
    write_array("golden_grey_scene", grey)
    write_array("golden_colour_scene", colour)
    write_array("golden_noise_levels", [noise(grey), noise(colour)])
    write_array("golden_bm3d_normal", bm3d(grey, 15))
    write_array("golden_bm3d_estimated", bm3d(grey, noise(grey)))
    write_array("golden_bm3d_fast", bm3d(grey, 20, "fast"))
    write_array("golden_bm3d_strong", bm3d(grey, 45, "strong"))
    write_array("golden_bm3d_colour", bm3d(colour, 18))
    write_array("golden_bm3d_narrow", bm3d(grey[:, :3, :13], 15))
    write_array("golden_tv", tv(grey, 20))
    write_array("golden_tv_colour", tv(colour, 40, 1e-3))
    write_array("golden_tv_10", tv(grey, 60, 0, 10))
    write_array("golden_anisotropic_exponential", anisotropic(grey, "exponential", 30, 0.2, 8))
    write_array("golden_anisotropic_rational", anisotropic(colour, "rational", 15, 0.25, 11))
    write_array("golden_wavelet", wavelet(grey, "sym4", "BayesShrink", "soft"))
    write_array("golden_wavelet_haar", wavelet(colour, "db1", "VisuShrink", "hard", 12, 3))
    write_array("golden_wavelet_spun", wavelet(grey, "db8", "BayesShrink", "soft", 15, 2, 2))
    write_array("golden_wavelet_sym8", wavelet(grey, "sym8", "VisuShrink", "soft", None, 1))
    write_array("golden_dct_8", dct(grey, 8, 15))
    write_array("golden_dct_16", dct(grey, 16, 25))
    write_array("golden_dct_colour", dct(colour, 8, 18))
    write_array("golden_ksvd", ksvd(grey, 15, 6, 40, 3))
    write_array("golden_ksvd_cosines", ksvd(grey, 15, 5, 49, 0))
    write_array("golden_ksvd_estimated", ksvd(grey, noise(grey), 4, 20, 2))
    write_array("golden_ksvd_manual", ksvd(grey, 12, 4, 32, 2, True))
    write_array("golden_ksvd_colour", ksvd(colour, 18, 4, 60, 3))
    write_array("golden_ksvd_narrow", ksvd(grey[:, :3, :13], 15, 4, 9, 2, gain=1.3, weight=0))


if __name__ == "__main__":
    main()
