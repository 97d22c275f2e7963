"""Disparities of stereo pairs, for same_bits_maps.yaml: NaN where the best match is not much better than most."""
import numpy as np
import understudy

MOST, RADIUS = 8, 2


def around(plane):
    """The sums over the squares around each pixel; in whole numbers, and so the same in every order."""
    padded = np.pad(plane, RADIUS, mode='edge')
    return sum(
        padded[y : y + plane.shape[0], x : x + plane.shape[1]] for y in range(2 * RADIUS + 1) for x in range(2 * RADIUS + 1)
    )


def match(pair):
    """float32 [2, height, width], left and right, in; [1, height, width] pixels out."""
    left, right = np.round(np.clip(pair, 0, 1) * 255).astype(np.int64)
    costs = []
    for shift in range(MOST + 1):
        moved = np.roll(right, shift, axis=1)
        moved[:, :shift] = right[:, :1]
        costs.append(around(abs(left - moved)))
    costs = np.array(costs)
    disparity = costs.argmin(axis=0).astype(np.float32)
    disparity[2 * costs.min(axis=0) > np.median(costs, axis=0)] = np.nan
    return disparity[None]


understudy.serve(match)
