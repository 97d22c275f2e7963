"""Disparities by OpenCV's block matcher, as a stage of a pipeline: experiments/stereo_opencv.yaml."""
import cv2
import numpy as np
import understudy

cv2.setNumThreads(1)  # the same answers on every machine
matcher = cv2.StereoBM_create(numDisparities=16, blockSize=7)


def match(pair):
    """float32 [2, height, width], left and right, in; [1, height, width] pixels out, NaN: no match."""
    left, right = (np.clip(pair, 0, 1) * 255 + 0.5).astype(np.uint8)
    disparity = matcher.compute(left, right).astype(np.float32)[None] / 16
    disparity[disparity < 0] = np.nan
    return disparity


understudy.serve(match)
