#!/usr/bin/python3
"""Masks, maps and numbers for data set `recorded`, good ones and bad ones.

    tests/golden/labels.py   (needs python3-pil and python3-tifffile)

Writes tests/golden/labels/*, which tests/unit/data/recorded_labels_test.c reads, and the folders mask*, map*, pair*
and the tables count*.csv of tests/bad/datasets/data. Image k has, at row y and column x, the class (x + 2 y + k) % 3
and the number x + 10 y + 100 k; at the first pixel nothing is known.
"""
import os
import numpy as np
import tifffile
from PIL import Image

os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
GOOD, BAD = "tests/golden/labels/", "tests/bad/datasets/data/"
HEIGHT, WIDTH = 12, 16
COLOURS = [0, 0, 0, 230, 159, 0, 86, 180, 233]
y, x = np.mgrid[:HEIGHT, :WIDTH]


def folder(path):
    os.makedirs(path, exist_ok=True)
    return path


def mask(k):
    return ((x + 2 * y + k) % 3).astype(np.uint8)


def indexed(path, values, bits=8, colours=COLOURS):
    image = Image.fromarray(values, "P")
    image.putpalette(colours)
    image.save(path, bits=bits)


def number(k):
    return (x + 10 * y + 100 * k).astype(np.float32)


def ignored(values, value):
    values = values.copy()
    values[0, 0] = value
    return values


def pgm(path, values):
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (values.shape[1], values.shape[0]) + values.astype(np.uint8).tobytes())


def good():
    for side, shift in ("left", 0), ("right", 50):
        for k in range(4):
            pgm(folder(GOOD + side) + f"/{k}.pgm", 10 * k + shift + x + y)
    to = folder(GOOD + "indexed")
    indexed(to + "/0.png", mask(0), 8)
    indexed(to + "/1.png", mask(1), 4, COLOURS + [1, 2, 3])
    indexed(to + "/2.png", mask(2), 2)
    to = folder(GOOD + "stored")
    Image.fromarray(ignored(mask(0), 255)).save(to + "/0.png")
    tifffile.imwrite(to + "/1.tif", ignored(mask(1).astype(np.uint16), 255))
    tifffile.imwrite(to + "/2.tif", ignored(mask(2), 255), photometric="palette",
                     colormap=np.arange(768).reshape(3, 256).astype(np.uint16))
    pgm(to + "/3.pgm", ignored(mask(3), 255))
    to = folder(GOOD + "maps")
    np.save(to + "/0.npy", ignored(number(0), np.nan))
    np.save(to + "/1.npy", np.asfortranarray(ignored(number(1), -1)[None].astype(np.float64)))
    tifffile.imwrite(to + "/2.tif", ignored(number(2), np.nan))
    np.save(to + "/3.npy", ignored(number(3), -1).astype(">i2"))
    to = folder(GOOD + "scaled")
    Image.fromarray(ignored(256 * (number(0) + 1), 0).astype(np.uint16)).save(to + "/0.png")
    to = folder(GOOD + "two")
    np.save(to + "/0.npy", np.stack([number(0), -number(0)]))
    with open(GOOD + "counts.csv", "w") as file:
        file.write("input,truth.count,truth.area,label.count,label.area\n0.pgm,3,-4.5e-1,2,1\n1.pgm,,,5,6\n"
                   "2.pgm,0,7,8,9\n3.pgm,+1,2.,3,4\n")
    with open(GOOD + "pairs.csv", "w") as file:
        file.write("input.1,input.2,truth\n0.pgm,3.pgm,4\n1.pgm,2.pgm,\n2.pgm,1.pgm,5\n3.pgm,0.pgm,6\n")


def square(values):
    return np.ascontiguousarray(values[..., :HEIGHT])


def bad():
    """Three images of 12 x 12 pixels, of which the first is bad, but for map_good."""
    kinds = ("class", "size", "ignored", "colour", "jpeg", "real")
    for name in kinds:
        for k in range(1, 3):
            indexed(folder(BAD + "mask_" + name) + f"/{'abc'[k]}.png", square(mask(k)))
    for name, first in (
        ("class", ignored(mask(0), 7)), ("size", mask(0)[:-1]), ("ignored", np.full_like(mask(0), 255)),
    ):
        Image.fromarray(square(first)).save(BAD + f"mask_{name}/a.png")
    Image.fromarray(np.stack([square(mask(0))] * 3, 2) * 100).save(BAD + "mask_colour/a.png")
    Image.fromarray(square(mask(0)) * 100).save(BAD + "mask_jpeg/a.jpg")
    tifffile.imwrite(BAD + "mask_real/a.tif", square(mask(0)).astype(np.float32) / 2)
    first = square(number(0))
    for name, values in (
        ("type", first.astype(np.complex64)), ("none", np.full_like(first, np.nan)), ("infinite", ignored(first, np.inf)),
        ("channels", np.stack([first] * 2)), ("rank", first[0]), ("size", first[:, 1:]), ("cut", first), ("good", first),
    ):
        np.save(folder(BAD + "map_" + name) + "/a.npy", values)
        for k in range(1, 3):
            np.save(BAD + f"map_{name}/{'abc'[k]}.npy", square(number(k)))
    with open(BAD + "map_cut/a.npy", "r+b") as file:
        file.truncate(400)
    for name, rows in ("pair_less", "ab"), ("pair_other", "abz"), ("pair_size", "abc"):
        for k, row in enumerate(rows):
            values = square(200 - 50 * k + x)
            pgm(folder(BAD + name) + f"/{row}.pgm", values[:, 4:] if name == "pair_size" and row == "b" else values)
    for name, text in (
        ("count_text", "a.pgm,3\nb.pgm,three\nc.pgm,nan\n"), ("count_infinite", "a.pgm,1e39\nb.pgm,0x10\nc.pgm, 1\n"),
        ("count_less", "a.pgm,3\nb.pgm,1\n"),
    ):
        with open(BAD + name + ".csv", "w") as file:
            file.write("input,truth.count\n" + text)
    for name, text in (
        ("count_column", "input,truth.counts\na.pgm,1\nb.pgm,2\nc.pgm,3\n"),
        ("count_none", "input\na.pgm\nb.pgm\nc.pgm\n"),
        ("count_half", "input,truth.count,truth.area\na.pgm,1,2\nb.pgm,2,\nc.pgm,,\n"),
        ("count_one", "input,truth.count\na.pgm,1\nb.pgm,2\nc.pgm,3\n"),
        ("pair_columns", "input,input.2,truth\na.pgm,a.pgm,1\n"),
    ):
        with open(BAD + name + ".csv", "w") as file:
            file.write(text)


good()
bad()
