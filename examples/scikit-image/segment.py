"""Cells by scikit-image's watershed, as a stage of a pipeline: experiments/cells_skimage.yaml."""
import numpy as np
import understudy
from scipy import ndimage
from skimage import feature, filters, measure, morphology, segmentation


def segment(image):
    """float32 [1, height, width] in; the number of each pixel's class out: 0 ground, 1 cell."""
    plane = image[0]
    lit = plane - 0.5 * filters.gaussian(plane, 12)  # the light is uneven
    mask = lit > filters.threshold_otsu(lit)
    mask = ndimage.binary_fill_holes(morphology.binary_opening(mask, morphology.disk(1)))
    depth = ndimage.distance_transform_edt(mask)
    peaks = feature.peak_local_max(filters.gaussian(depth, 1), min_distance=3, labels=measure.label(mask))
    seeds = np.zeros(mask.shape, int)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return segmentation.watershed(-depth, seeds, mask=mask, watershed_line=True)[None] > 0


understudy.serve(segment)
