#!/usr/bin/python3
"""Write what scikit-image and scipy give for the images of tests/unit/pattern.h.

    python3 tests/golden/quality.py quality > tests/golden/quality.h
    python3 tests/golden/quality.py statistics > tests/golden/statistics.h
    python3 tests/golden/quality.py pipelines > tests/golden/pipelines.h

The bilateral filter's and the non-local means' values come from their definitions, written out in
numpy; `compare` says, on stderr, how far those of scikit-image and OpenCV are from them, and why, and
fails where they are farther than what they do otherwise explains:

    python3 tests/golden/quality.py compare
"""
import sys

import cv2
import numpy as np
import scipy
import scipy.ndimage as ndimage
import scipy.signal as signal
import scipy.stats as stats
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import denoise_bilateral, denoise_nl_means, estimate_sigma

SMALL = (9, 13)


def pattern(salt, channels, height, width):
    """The same as pattern_fill() in tests/unit/pattern.h, float32."""
    c, y, x = np.mgrid[0:channels, 0:height, 0:width]
    number = (3 * x * x + 7 * y * y + 5 * x * y + 17 * x + 11 * c + 29 * salt) % 97
    return number.astype(np.float32) / np.float32(96)


def noisy(salt, channels, height, width):
    """A smooth ramp and the pattern around it; leaves [0, 1] at both ends."""
    y, x = np.mgrid[0:height, 0:width]
    ramp = (x + y).astype(np.float32) / np.float32(height + width)
    return ramp + (pattern(salt, channels, height, width) - np.float32(0.5)) * np.float32(0.5)


def ssim(a, b):
    a, b = (np.clip(v.astype(np.float64), 0, 1) for v in (a, b))
    return np.mean([structural_similarity(p, q, gaussian_weights=True, sigma=1.5,
                                          use_sample_covariance=False, data_range=1)
                    for p, q in zip(a, b)])


def psnr(a, b):
    a, b = (np.clip(v.astype(np.float64), 0, 1) for v in (a, b))
    return peak_signal_noise_ratio(a, b, data_range=1)


def gaussian(sigma, places):
    return np.exp(-np.add.outer(places ** 2, places ** 2) / (2 * sigma ** 2))


def bilateral(image, sigma_space, sigma_range, radius, space=None, sum_of_channels=False):
    """`space`: other weights of places, [dy + radius][dx + radius]."""
    image = image.astype(np.float64)
    if space is None:
        space = gaussian(sigma_space, np.arange(-radius, radius + 1))
    _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (radius, radius), (radius, radius)), mode="symmetric")
    sums, weights = np.zeros_like(image), np.zeros((height, width))
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            part = padded[:, radius + dy:radius + dy + height, radius + dx:radius + dx + width]
            colour = ((255 * (image - part)) ** 2).sum(0)
            if sum_of_channels:
                colour = np.abs(255 * (image - part)).sum(0) ** 2
            weight = space[dy + radius, dx + radius] * np.exp(-colour / (2 * sigma_range ** 2))
            sums += weight * part
            weights += weight
    return sums / weights


def nlm(image, patch, search, h, sigma, short=0, least=0.0):
    """By the definition: every patch is compared with every other one, in double precision. Without
    the patches' first `short` rows and columns and weights below `least` it is scikit-image's."""
    image = image.astype(np.float64)
    channels, height, width = image.shape
    margin = patch + search
    padded = np.pad(image, ((0, 0), (margin, margin), (margin, margin)), mode="symmetric")
    side = 2 * patch + 1
    patches = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (1, 2))
    patches = patches[..., short:, short:]
    sums, weights = np.zeros_like(image), np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            near = patches[:, y:y + 2 * search + 1, x:x + 2 * search + 1]
            difference = (near - near[:, search:search + 1, search:search + 1]) ** 2
            distance = (difference - 2 * (sigma / 255) ** 2).sum((0, 3, 4)) / (channels * side ** 2)
            weight = np.exp(-np.maximum(distance, 0) / (h / 255) ** 2)
            weight[weight < least] = 0
            values = padded[:, y + patch:y + patch + 2 * search + 1,
                            x + patch:x + patch + 2 * search + 1]
            sums[:, y, x] = (weight * values).sum((1, 2))
            weights[y, x] = weight.sum()
    return sums / weights


def planes_of(image, margin):
    """As others take it; mirrored, so that their own border is out of sight."""
    padded = np.pad(image, ((0, 0), (margin, margin), (margin, margin)), mode="symmetric")
    return np.ascontiguousarray(np.moveaxis(padded, 0, -1)).squeeze()


def image_of(planes, margin):
    return np.moveaxis(np.atleast_3d(planes), -1, 0)[:, margin:-margin, margin:-margin]


def nlm_skimage(image, patch, search, h, sigma):
    margin = patch + search + 1
    out = denoise_nl_means(planes_of(image.astype(np.float64), margin), patch_size=2 * patch + 1,
                           patch_distance=search, h=h / 255, sigma=sigma / 255, fast_mode=True,
                           channel_axis=None if len(image) == 1 else -1)
    return image_of(out, margin)


def nlm_opencv(image, patch, search, h):
    """Of whole grey levels, with whole grey levels."""
    margin = patch + search + 1
    planes = planes_of(np.uint8(np.round(255 * image)), margin)
    out = cv2.fastNlMeansDenoising(planes, None, h, 2 * patch + 1, 2 * search + 1)
    return image_of(out, margin) / 255


def bilateral_skimage(image, sigma_space, sigma_range, radius):
    """With fine steps of its table of weights."""
    out = denoise_bilateral(planes_of(image.astype(np.float64), radius), 2 * radius + 1, sigma_range / 255,
                            sigma_space, bins=10 ** 7, channel_axis=None if len(image) == 1 else -1)
    return image_of(out, radius)


def bilateral_opencv(image, sigma_space, sigma_range, radius):
    out = cv2.bilateralFilter(planes_of(image, radius), 2 * radius + 1, sigma_range / 255, sigma_space)
    return image_of(out, radius)


def wiener(image, radius, sigma=None):
    """scipy's sees zeros beyond the border: it is given the mirror image there. The noise that it
    estimates is the mean over the image alone."""
    padded = np.pad(image.astype(np.float64), radius, mode="symmetric")
    side = 2 * radius + 1
    if sigma is None:
        windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
        noise = windows.var((2, 3)).mean()
    else:
        noise = (sigma / 255) ** 2
    return signal.wiener(padded, side, noise)[radius:-radius, radius:-radius]


def threshold(image, level, sigma):
    """Kept where it, or what scipy blurs it to, is above the level."""
    decides = ndimage.gaussian_filter(image, sigma, mode="reflect", truncate=4) if sigma else image
    return np.where(decides > np.float32(level / 255), image, 0)


def write_array(name, values):
    print(f"static const float {name}[] = {{")
    text = [f"{v:.8g}" for v in np.asarray(values).ravel()]
    text = [(t if "." in t or "e" in t else t + ".0") + "F" for t in text]
    for start in range(0, len(text), 7):
        print("    " + ", ".join(text[start:start + 7]) + ",")
    print("};\n")


def write_quality():
    print("static const struct golden_quality {")
    print("    int channels, height, width;\n    double ssim, psnr;\n} golden_quality[] = {")
    for channels, height, width in [(1, 28, 28), (1, 11, 11), (1, 40, 33), (3, 17, 64)]:
        a, b = noisy(1, channels, height, width), noisy(2, channels, height, width)
        print(f"    {{{channels}, {height}, {width}, {ssim(a, b):.17g}, {psnr(a, b):.17g}}},")
    print("};\n")


def write_statistics():
    print("static const struct golden_quantile {")
    print("    double p, degrees, t;\n} golden_quantiles[] = {")
    for degrees in (1, 2, 2.5, 3, 4, 9, 29, 120, 1000, 1e6):
        for p in (1e-6, 0.025, 0.3, 0.5001, 0.6, 0.95, 0.975, 0.995, 0.9999):
            print(f"    {{{p!r}, {degrees!r}, {stats.t.ppf(p, degrees):.17g}}},")
    print("};\n")
    values = [3.25, 1.5, 4.75, 2.0, 9.5]
    mean, error = np.mean(values), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, mean, error)
    print("static const struct golden_test {")
    print("    double values[5], p;\n} golden_tests[] = {")
    for shift in (0, -2, -4.2, 50, 1e6):
        shifted = [v + shift for v in values]
        print(f"    {{{{{', '.join(map(repr, shifted))}}}, {stats.ttest_1samp(shifted, 0).pvalue:.17g}}},")
    print("};\n")
    p = np.array([0.03, 0.0004, 0.9, 0.012, 0.012, 0.0004, 0.3, 0.04])
    smallest = np.sort(p)  # Holm (1979): the largest of (m - j) p_(j) over j up to the p-value's place
    steps = np.maximum.accumulate(np.minimum(1, smallest * np.arange(len(p), 0, -1)))
    for name, numbers in (("", p), ("_corrected", steps[np.searchsorted(smallest, p)])):
        print(f"static const double golden_holm{name}[] = {{{', '.join(f'{v:.17g}' for v in numbers)}}};\n")
    print(f"static const double golden_interval[] = {{{mean!r}, {low:.17g}, {high:.17g}}};\n")


def write_pipelines():
    image, colour = noisy(3, 1, *SMALL), noisy(3, 3, *SMALL)
    for sigma in (0.4, 0.8, 3):
        write_array(f"golden_gaussian_{str(sigma).replace('.', '_')}",
                    ndimage.gaussian_filter(image[0], sigma, mode="reflect", truncate=4))
    for radius in (1, 2, 3, 7):
        write_array(f"golden_median_{radius}",
                    ndimage.median_filter(image[0], 2 * radius + 1, mode="reflect"))
    write_array("golden_bilateral", bilateral(image, 1.5, 40, 3))
    write_array("golden_bilateral_colour", bilateral(colour, 2, 60, 2))
    write_array("golden_nlm", nlm(image, 1, 3, 40, 0))
    write_array("golden_nlm_colour", nlm(colour, 2, 5, 25, 20))
    noise = 255 * estimate_sigma(np.moveaxis(colour.astype(np.float64), 0, -1), average_sigmas=True, channel_axis=-1)
    write_array("golden_nlm_estimated", nlm(colour, 1, 3, 0.4 * noise, noise))
    write_array("golden_threshold_90", threshold(image[0], 90, 0))
    write_array("golden_threshold_120_sigma_0_7", threshold(image[0], 120, 0.7))
    write_array("golden_wiener_1", wiener(image[0], 1))
    write_array("golden_wiener_3_sigma_30", wiener(image[0], 3, 30))


def report(text, theirs, ours, as_theirs, most):
    """How far they are from our definition, and from it as they take it."""
    apart, left = np.abs(ours - theirs).max(), np.abs(as_theirs - theirs).max()
    print(f"{text}: differs by up to {apart:.2g}; from the definition as it takes it, by {left:.2g}",
          file=sys.stderr)
    assert left <= most, (text, left, most)


def compare_nlm(image):
    """scikit-image's patches lack their first row and column, it drops weights below exp(-5), and its
    exponentials are approximate. OpenCV's has 8 bits: distances and weights are whole numbers, too."""
    for h, sigma in ((10, 0), (40, 0), (10, 30), (120, 0)):
        report(f"nlm, {len(image)} channels, h {h}, sigma {sigma}: scikit-image", nlm_skimage(image, 2, 6, h, sigma),
               nlm(image, 2, 6, h, sigma), nlm(image, 2, 6, h, sigma, 1, np.exp(-5)), 6e-3)
        if sigma == 0:
            whole = np.round(255 * np.clip(image, 0, 1)) / 255
            ours = nlm(whole, 2, 6, h, 0)
            report(f"nlm, {len(image)} channels, h {h}: OpenCV", nlm_opencv(whole, 2, 6, h), ours,
                   np.round(255 * ours) / 255, 1.01 / 255)


def compare_bilateral(image):
    """scikit-image's table of weights of places has a row and a column too many, so that they are skewed,
    and it divides differences of colours by the number of channels. OpenCV's window is a disc, its
    colours differ by the sum of their channels' differences, and it looks weights up in a coarser table."""
    for sigma_space, sigma_range, radius in ((1.5, 40, 3), (2, 60, 2), (3, 120, 6)):
        text = f"bilateral, {len(image)} channels, {sigma_space}, {sigma_range}, radius {radius}: "
        side, places = 2 * radius + 1, np.arange(-radius, radius + 1)
        ours = bilateral(image, sigma_space, sigma_range, radius)
        skewed = gaussian(sigma_space, np.arange(-radius - 1, radius + 1)).ravel()[:side * side].reshape(side, side)
        report(text + "scikit-image", bilateral_skimage(image, sigma_space, sigma_range, radius), ours,
               bilateral(image, sigma_space, sigma_range * len(image), radius, skewed), 1e-5)
        disc = gaussian(sigma_space, places) * (np.hypot.outer(places, places) <= radius)
        report(text + "OpenCV", bilateral_opencv(image, sigma_space, sigma_range, radius), ours,
               bilateral(image, sigma_space, sigma_range, radius, disc, True), 1e-5)


def compare():
    for channels in (1, 3):
        compare_nlm(noisy(3, channels, 40, 33))
        compare_bilateral(np.maximum(noisy(3, channels, 40, 33), 0))  # scikit-image errs below 0


def main():
    print("/* Written by quality.py with scikit-image", skimage.__version__, "and scipy",
          scipy.__version__, "*/\n")
    {"quality": write_quality, "statistics": write_statistics,
     "pipelines": write_pipelines, "compare": compare}[sys.argv[1]]()


if __name__ == "__main__":
    main()
