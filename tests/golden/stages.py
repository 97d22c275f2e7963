#!/usr/bin/python3
"""Write what scikit-image, OpenCV and scipy give for the stages of masks, intensity, edges and geometry.

    python3 tests/golden/stages.py write > tests/golden/stages.h

Where a stage is defined otherwise than its nearest relative there, `compare` says, on stderr, by how
much they differ:

    python3 tests/golden/stages.py compare
"""
import sys

import cv2
import numpy as np
import scipy
import scipy.ndimage as ndimage
import skimage
from skimage import color, exposure, feature, filters, measure, morphology, segmentation

from quality import SMALL, noisy, write_array

SCENE = (24, 30)


def discs():
    """A mask: objects that touch, one with a hole, one at the border, specks, two diagonal pixels."""
    y, x = np.mgrid[0:SCENE[0], 0:SCENE[1]]
    mask = np.zeros(SCENE, bool)
    for row, column, radius in ((6, 6, 5.2), (9.4, 13.9, 4.1), (17, 21, 5.7), (23, 3, 4.5), (4, 25, 3.1)):
        mask |= (y - row) ** 2 + (x - column) ** 2 <= radius ** 2
    mask &= (y - 6) ** 2 + (x - 5) ** 2 > 2
    mask[1, 17] = mask[13, 0] = mask[14, 1] = mask[12, 29] = True
    return mask


def scene():
    """The mask seen by a camera, float32."""
    y, x = np.mgrid[0:SCENE[0], 0:SCENE[1]]
    image = ndimage.gaussian_filter(0.6 * discs().astype(float), 0.8) + 0.15 + 0.005 * x + 0.003 * y
    return (image + 0.1 * (noisy(7, 1, *SCENE)[0] - 0.5)).astype(np.float32)


def write_mask(name, mask):
    """As text, a row a line."""
    print(f"static const char {name}[] =")
    rows = ['    "' + "".join("#" if value else "." for value in row) + '"' for row in mask]
    print("\n".join(rows) + ";\n")


def numbers(mask, connectivity, minimum):
    """count, area, mean_area, largest_area, centroid_row, centroid_column"""
    regions = [r for r in measure.regionprops(measure.label(mask, connectivity=connectivity))
               if r.area >= minimum]
    areas = [r.area for r in regions]
    largest = regions[int(np.argmax(areas))]
    return [len(areas), sum(areas), np.mean(areas), largest.area, *largest.centroid]


def watershed(heights, prominence, connectivity):
    """Markers by h_maxima, and the highest pixels of objects that have none."""
    markers = morphology.h_maxima(heights, prominence).astype(bool)
    objects = measure.label(heights > 0, connectivity=2)
    for number in range(1, objects.max() + 1):
        inside = objects == number
        if not (markers & inside).any():
            markers |= inside & (heights == heights[inside].max())
    markers = measure.label(markers, connectivity=2)
    return segmentation.watershed(-heights, markers, connectivity=connectivity, mask=heights > 0,
                                  watershed_line=True) > 0


def heights_of(mask):
    return ndimage.distance_transform_edt(mask).astype(np.float32).astype(np.float64)


def last(image):
    return np.moveaxis(image, 0, -1)


def first(image):
    return np.moveaxis(image, -1, 0)


def lab(rgb):
    values = color.rgb2lab(rgb)
    return np.stack([values[..., 0] / 100, (values[..., 1] + 128) / 255, (values[..., 2] + 128) / 255], -1)


def ycbcr(rgb):
    y, cr, cb = np.moveaxis(cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2YCrCb), -1, 0)
    return np.stack([y, cb, cr], -1)


def jfif(rgb):
    y = rgb @ [0.299, 0.587, 0.114]
    return np.stack([y, (rgb[..., 2] - y) / 1.772 + 0.5, (rgb[..., 0] - y) / 1.402 + 0.5], -1)


def clahe(image, limit, tiles):
    grey = np.clip(np.rint(255 * image), 0, 255).astype(np.uint8)
    return cv2.createCLAHE(clipLimit=limit, tileGridSize=(tiles, tiles)).apply(grey) / np.float32(255)


def resize(image, height, width, how):
    return cv2.resize(image, (width, height), interpolation=how)


def write_masks():
    mask, image = discs(), scene()
    grey, double = noisy(3, 1, *SMALL)[0], noisy(3, 1, *SMALL)[0].astype(np.float64)
    print(f"enum {{ SCENE_HEIGHT = {SCENE[0]}, SCENE_WIDTH = {SCENE[1]} }};\n")
    write_mask("golden_mask", mask)
    write_array("golden_scene", image)
    level = filters.threshold_otsu(image.astype(np.float64))
    write_mask("golden_otsu", image > level)
    write_array("golden_otsu_kept", np.where(image > level, image, 0))
    write_mask("golden_otsu_small", double > filters.threshold_otsu(double))
    local = filters.threshold_local(double, 3, method="gaussian", param=1.5, offset=0.04)
    write_mask("golden_adaptive", double > local)
    write_mask("golden_adaptive_dark", double <= local)
    for radius in (1, 3):
        for name, element in (("disk", morphology.disk(radius)), ("square", morphology.square(2 * radius + 1))):
            write_array(f"golden_opening_{name}_{radius}", morphology.opening(grey, element))
            write_array(f"golden_closing_{name}_{radius}", morphology.closing(grey, element))
    write_mask("golden_opening_mask", morphology.opening(mask.astype(np.uint8), morphology.disk(2)))
    write_mask("golden_fill_holes", ndimage.binary_fill_holes(mask))
    write_mask("golden_components_8", morphology.remove_small_objects(mask, 2, connectivity=2))
    write_mask("golden_components_4", morphology.remove_small_objects(mask, 2, connectivity=1))
    write_array("golden_numbers_8", numbers(mask, 2, 1))
    write_array("golden_numbers_4", numbers(mask, 1, 20))
    write_array("golden_distance", ndimage.distance_transform_edt(mask))
    filled = heights_of(ndimage.binary_fill_holes(mask))
    write_mask("golden_watershed_8", watershed(filled, 1, 2))
    write_mask("golden_watershed_4", watershed(filled, 1, 1))
    write_mask("golden_watershed_0_2", watershed(heights_of(mask), 0.2, 2))


def write_images():
    image, grey, rgb = scene(), noisy(3, 1, *SMALL)[0], noisy(3, 3, *SMALL)
    double, colours = grey.astype(np.float64), last(np.clip(rgb, 0, 1)).astype(np.float64)
    write_array("golden_gamma", 1.5 * np.maximum(double, 0) ** 0.45)
    write_array("golden_grey", cv2.cvtColor(last(rgb), cv2.COLOR_RGB2GRAY))
    write_array("golden_hsv", first(color.rgb2hsv(colours)))
    write_array("golden_lab", first(lab(colours)))
    write_array("golden_ycbcr", first(jfif(colours)))
    write_array("golden_equalised", exposure.equalize_hist(double, 256))
    write_array("golden_clahe_2", clahe(grey, 2.0, 2))
    write_array("golden_clahe_4", clahe(image, 3.5, 4))
    write_array("golden_clahe_unlimited", clahe(image, 0.0, 3))
    write_array("golden_minmax", (double - double.min()) / np.ptp(double))
    write_array("golden_standard", (double - double.mean()) / double.std())
    low, high = np.percentile(double, (5, 90))
    write_array("golden_percentile", exposure.rescale_intensity(double, in_range=(low, high), out_range=(0, 1)))
    write_array("golden_sobel", filters.sobel(double))
    write_array("golden_unsharp", filters.unsharp_mask(double, 1.2, 0.8, preserve_range=True))
    for sigma, low, high in ((1, 0.1, 0.2), (0.6, 0.5, 1.2)):
        write_mask(f"golden_canny_{str(sigma).replace('.', '_')}",
                   feature.canny(image.astype(np.float64), sigma, low, high, mode="reflect"))
    for name, how in (("nearest", cv2.INTER_NEAREST), ("bilinear", cv2.INTER_LINEAR), ("area", cv2.INTER_AREA)):
        write_array(f"golden_{name}_less", resize(grey, 4, 5, how))
        if name != "area":
            write_array(f"golden_{name}_more", resize(grey, 20, 17, how))
    write_array("golden_area_half", resize(grey[:8, :12], 4, 6, cv2.INTER_AREA))


def say(what, a, b):
    print(f"{what}: up to {np.abs(np.asarray(a, float) - np.asarray(b, float)).max():.2g}, mean "
          f"{np.abs(np.asarray(a, float) - np.asarray(b, float)).mean():.2g}", file=sys.stderr)


def compare():
    image, colours = scene(), last(np.clip(noisy(3, 3, 40, 33), 0, 1)).astype(np.float64)
    say("colour, ycbcr: cv2's, its channels in our order", ycbcr(colours), jfif(colours))
    say("clahe: skimage's equalize_adapthist", exposure.equalize_adapthist(np.clip(image, 0, 1), 8, 2 / 64),
        clahe(image, 2.0, 8))
    grey = np.clip(np.rint(255 * image), 0, 255).astype(np.uint8)
    theirs = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 13, 5)
    ours = image > filters.threshold_local(image.astype(float), 3, "gaussian", param=0.3 * 5 + 0.8, offset=5 / 255)
    say("threshold, adaptive: cv2's with a window of 13 pixels, sigma 2.3", theirs, ours)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    say("opening: cv2 with MORPH_ELLIPSE of 7 pixels", cv2.morphologyEx(image, cv2.MORPH_OPEN, disk),
        morphology.opening(image, morphology.disk(3)))
    say("opening: cv2 with our disk of radius 3",
        cv2.morphologyEx(image, cv2.MORPH_OPEN, morphology.disk(3)), morphology.opening(image, morphology.disk(3)))
    theirs = cv2.Canny(cv2.GaussianBlur(grey, (9, 9), 1, borderType=cv2.BORDER_REFLECT), 25.5, 51, L2gradient=True)
    say("canny: cv2's, of the blurred 8-bit image", theirs > 0, feature.canny(image.astype(float), 1, 0.1, 0.2,
                                                                            mode="reflect"))
    say("distance_transform: cv2's, 5 x 5", cv2.distanceTransform(discs().astype(np.uint8), cv2.DIST_L2, 5),
        ndimage.distance_transform_edt(discs()))


if sys.argv[1] == "compare":
    compare()
else:
    print("/* Written by stages.py with scikit-image", skimage.__version__ + ", OpenCV", cv2.__version__,
          "and scipy", scipy.__version__, "*/\n")
    write_masks()
    write_images()
