"""Non-local means by OpenCV, as a stage of a pipeline: experiments/own_opencv.yaml."""
import cv2
import numpy as np
import understudy

cv2.setNumThreads(1)  # the same answers on every machine


def clean(image):
    """float32 [channel, height, width], 0 to 1, in and out. OpenCV's takes 8 bits."""
    levels = (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    planes = [cv2.fastNlMeansDenoising(plane, h=30, templateWindowSize=5, searchWindowSize=13)
              for plane in levels]
    return np.stack(planes).astype(np.float32) / 255


understudy.serve(clean)
