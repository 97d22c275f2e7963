"""Photographs of nothing, with noise as a camera has it, and what an old program made of them.

    python3 examples/recorded.py FOLDER [IMAGES]

writes FOLDER/photos/*.pgm and FOLDER/old_output/*.pgm: the images for experiments/recorded.yaml. It
stands for what you have: images as they came from the camera, and a pipeline's output of earlier
years. There is no truth. The same call writes the same bytes; Python alone is needed.
"""

import math
import os
import random
import sys

SIDE = 40


def scene(rng):
    """Soft blobs before a slope, 0 to 1."""
    blobs = [
        (rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(3, 9), rng.uniform(-0.5, 0.5))
        for _ in range(6)
    ]
    tilt = rng.uniform(-0.3, 0.3)
    image = []
    for y in range(SIDE):
        for x in range(SIDE):
            value = 0.5 + tilt * (x / SIDE - 0.5)
            for cx, cy, radius, height in blobs:
                if (x - cx) ** 2 + (y - cy) ** 2 < radius**2:
                    value += height * 0.6
            image.append(min(max(value, 0.05), 0.95))
    return image


def photograph(image, rng):
    """More noise where there is more light, and a little everywhere."""
    return [level(v + rng.gauss(0, math.sqrt(0.006 * v + 0.0004))) for v in image]


def level(value):
    return min(max(int(value * 255 + 0.5), 0), 255)


def clean(photo):
    """The old program: the median of 3 x 3, the border repeated."""

    def at(x, y):
        return photo[min(max(y, 0), SIDE - 1) * SIDE + min(max(x, 0), SIDE - 1)]

    return [
        sorted(at(x + dx, y + dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1))[4]
        for y in range(SIDE)
        for x in range(SIDE)
    ]


def write(path, pixels):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (SIDE, SIDE) + bytes(pixels))


def main(folder, images=60):
    for number in range(images):
        rng = random.Random(number)
        photo = photograph(scene(rng), rng)
        name = "%03d.pgm" % number
        write(os.path.join(folder, "photos", name), photo)
        write(os.path.join(folder, "old_output", name), clean(photo))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
