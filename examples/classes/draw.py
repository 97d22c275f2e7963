"""Images of three classes in sub-folders, for experiments/own_classes.yaml.

    python3 examples/classes/draw.py FOLDER [IMAGES]

writes FOLDER/train/CLASS/*.pgm and FOLDER/test/CLASS/*.pgm: discs, squares and crosses of any size and
place, with noise. The same call writes the same bytes; Python alone is needed.
"""
import os
import random
import sys

SIDE = 24


def inside(name, x, y, radius):
    if name == "disc":
        return x * x + y * y <= radius * radius
    if name == "square":
        return max(abs(x), abs(y)) <= 0.85 * radius
    return min(abs(x), abs(y)) <= 0.3 * radius and max(abs(x), abs(y)) <= radius


def draw(name, rng):
    cx, cy, radius = rng.uniform(9, 15), rng.uniform(9, 15), rng.uniform(5, 9)
    dark, light = rng.uniform(0.1, 0.3), rng.uniform(0.6, 0.9)
    return bytes(min(max(int(255 * ((light if inside(name, x - cx, y - cy, radius) else dark)
                                    + rng.gauss(0, 0.12))), 0), 255)
                 for y in range(SIDE) for x in range(SIDE))


def main(folder, images=200):
    for pool, count in (("train", images), ("test", images // 2)):
        for name in ("cross", "disc", "square"):
            os.makedirs(os.path.join(folder, pool, name), exist_ok=True)
            for number in range(count):
                rng = random.Random("%s %s %d" % (pool, name, number))
                path = os.path.join(folder, pool, name, "%04d.pgm" % number)
                with open(path, "wb") as file:
                    file.write(b"P5\n%d %d\n255\n" % (SIDE, SIDE) + draw(name, rng))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
