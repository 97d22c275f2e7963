#!/usr/bin/python3
"""TIFF and PNG files of every kind, and what Pillow and tifffile read in them.

    tests/golden/images.py   (needs python3-pil, python3-tifffile, and tiffcp of libtiff-tools)

Writes tests/fuzz/corpus/tiff/* and tests/fuzz/corpus/png/more-*, and tests/golden/images.h: for each file the
channels asked for, the shape, and the SHA-256 of the values, as float32 [channel][row][column]. Whole numbers are
scaled by their full range; floats stay. Where Pillow or tifffile can read a file, the script compares its pixels
with those that were written.
"""
import hashlib, os, struct, subprocess, sys, warnings, zlib
import numpy as np
import tifffile
from PIL import Image

warnings.simplefilter("ignore")
os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
TIFF, PNG = "tests/fuzz/corpus/tiff/", "tests/fuzz/corpus/png/"
os.makedirs(TIFF, exist_ok=True)
HEIGHT, WIDTH = 9, 17
random = np.random.default_rng(17)
rows, written = [], set()
read_by = {"tifffile": 0, "Pillow": 0}


def pixels(dtype, channels):
    """[row, column, channel]: all over the range of the type, smooth and rough."""
    shape = (HEIGHT, WIDTH, channels)
    ramp = np.add.outer(np.add.outer(np.arange(HEIGHT) * 3, np.arange(WIDTH)), np.arange(channels) * 7) / 60
    noise = random.random(shape)
    values = np.where(noise < 0.1, noise * 10, ramp % 1)
    if np.dtype(dtype).kind == "f":
        return (values * 5 - 2).astype(dtype)
    info = np.iinfo(dtype)
    whole = np.floor(info.min + values * (float(info.max) - info.min + 1))
    return np.clip(whole, info.min, info.max).astype(dtype)


def values(array, maximum=None):
    """What the product makes of samples, [row, column, channel] to float32 [channel, row, column]."""
    array = np.moveaxis(array.reshape(array.shape[0], array.shape[1], -1), -1, 0)
    if array.dtype.kind == "f":
        return array.astype("f4")
    low = float(np.iinfo(array.dtype).min)
    high = float(np.iinfo(array.dtype).max if maximum is None else maximum)
    return ((array.astype("f8") - low) / (high - low)).astype("f4")


def expect(path, asked, result):
    result = np.ascontiguousarray(result, "<f4")
    digest = hashlib.sha256(result.tobytes()).hexdigest()
    name = path[len("tests/fuzz/corpus/"):]
    rows.append(f'    {{"{name}", {asked}, {{{", ".join(map(str, result.shape))}}},\n     "{digest}"}},')
    written.add(path)


def grey(array):
    """Pillow's, of 8 bits."""
    return np.asarray(Image.fromarray(array).convert("L"))


def agree(path, array):
    """At least one of the two reads what was written; where one reads something else, stop."""
    found = 0
    for reader in ("tifffile", "Pillow"):
        try:
            if reader == "tifffile":
                got = tifffile.imread(path)
            else:
                got = np.asarray(Image.open(path))
        except Exception:
            continue
        if got.ndim == 3 and got.shape[1:] == array.shape[:2]:
            got = np.moveaxis(got, 0, -1)
        if got.size != array.size:
            continue  # the first page alone, or without an alpha channel
        if got.dtype == bool or reader == "Pillow" and got.dtype != array.dtype:
            continue  # Pillow widens or narrows some types
        # of 16 bits, Pillow leaves samples as they are, and tifffile does so always
        inverted = "u1-white-is-zero" in path and reader == "Pillow"
        expected = np.iinfo(array.dtype).max - array if inverted else array
        assert np.array_equal(got.reshape(array.shape), expected), (path, reader)
        read_by[reader] += 1
        found += 1
    return found


def tiff(name, array, asked=0, **options):
    path = TIFF + name
    tifffile.imwrite(path, array, metadata=None, software=False, **options)
    if array.ndim == 3 and array.shape[1:] == (HEIGHT, WIDTH):
        array = np.moveaxis(array, 0, -1)
    if not agree(path, array.reshape(HEIGHT, WIDTH, -1)):
        print(path, "is read by neither")
    return path


def of_tifffile():
    for kind in ("u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8"):
        one, three, five = (pixels(kind, n) for n in (1, 3, 5))
        flat = one[:, :, 0]
        expect(tiff(kind + "-strips", flat, rowsperstrip=4), 0, values(flat))
        expect(tiff(kind + "-big-endian", flat, byteorder=">"), 0, values(flat))
        expect(tiff(kind + "-deflate", flat, compression="zlib", rowsperstrip=4), 0, values(flat))
        expect(tiff(kind + "-tiles", three, tile=(16, 16), photometric="rgb", byteorder=">",
                    compression="zlib" if kind[1] in "48" else None), 0, values(three))
        expect(tiff(kind + "-planes", np.moveaxis(three, -1, 0).copy(), planarconfig="separate",
                    photometric="rgb", bigtiff=True), 0, values(three))
        expect(tiff(kind + "-channels", five, photometric="minisblack", planarconfig="contig"), 0, values(five))
        pages = np.moveaxis(five[:, :, :4], -1, 0).copy()
        expect(tiff(kind + "-pages", pages, photometric="minisblack"), 0, values(five[:, :, :4]))
    for kind in ("u1", "u2"):
        array = pixels(kind, 1)[:, :, 0]
        expect(tiff(kind + "-white-is-zero", np.iinfo(kind).max - array, photometric="miniswhite"), 0, values(array))
    alpha = pixels("u1", 4)
    expect(tiff("u1-alpha", alpha, photometric="rgb", extrasamples=["unassalpha"]), 0, values(alpha[:, :, :3]))
    two = pixels("u2", 2)
    expect(tiff("u2-grey-alpha", two, photometric="minisblack", planarconfig="contig", extrasamples=["assocalpha"]),
           0, values(two[:, :, :1]))
    infrared = pixels("u1", 4)
    expect(tiff("u1-infrared", infrared, photometric="rgb", extrasamples=["unspecified"]), 0, values(infrared))
    three = pixels("u1", 3)
    for name in ("u1-tiles-grey", "u1-planes-grey", "u1-pages-grey", "u1-strips-colour"):
        if "tiles" in name:
            path = tiff(name, three, tile=(16, 16), photometric="rgb")
        elif "planes" in name:
            path = tiff(name, np.moveaxis(three, -1, 0).copy(), planarconfig="separate", photometric="rgb")
        elif "pages" in name:
            path = tiff(name, np.moveaxis(three, -1, 0).copy(), photometric="minisblack")
        else:
            path = tiff(name, three[:, :, 0])
            expect(path, 3, values(np.repeat(three[:, :, :1], 3, axis=2)))
            continue
        expect(path, 1, values(grey(three)))


def of_pillow():
    three, one = pixels("u1", 3), pixels("u1", 1)[:, :, 0]
    bits = Image.fromarray(one).convert("1")
    for compression in (None, "packbits", "tiff_lzw", "group3", "group4", "tiff_adobe_deflate"):
        path = TIFF + f"bits-{compression}".lower()
        bits.save(path, "TIFF", compression=compression)
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(bits)), path
        expect(path, 0, values(np.asarray(bits).astype("u1"), 1))
    for mode, array in (("L", one), ("RGB", three)):
        for compression in ("packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate"):
            path = TIFF + f"{mode}-{compression}".lower()
            Image.fromarray(array).save(path, "TIFF", compression=compression)
            agree(path, array.reshape(HEIGHT, WIDTH, -1))
            expect(path, 0, values(array))
        path = TIFF + f"{mode}-jpeg".lower()
        smooth = np.asarray(Image.fromarray(array).resize((40, 24), Image.BICUBIC))
        Image.fromarray(smooth).save(path, "TIFF", compression="jpeg", quality=90)
        expect(path, 0, values(np.asarray(Image.open(path))))
    palette = Image.fromarray(three).quantize(31)
    for compression in (None, "tiff_lzw"):
        path = TIFF + f"palette-{compression}".lower()
        palette.save(path, "TIFF", compression=compression)
        expect(path, 0, values(np.asarray(Image.open(path).convert("RGB"))))
        expect(path, 1, values(np.asarray(Image.open(path).convert("RGB").convert("L"))))


def of_orientations():
    array = pixels("u1", 3)
    across, down, turned = (slice(None), slice(None, None, -1)), slice(None, None, -1), array.swapaxes(0, 1)
    shown = {1: array, 2: array[across], 3: array[across][down], 4: array[down], 5: turned, 6: turned[across],
             7: turned[across][down], 8: turned[down]}
    for orientation, result in shown.items():
        path = TIFF + f"orientation-{orientation}"
        tifffile.imwrite(path, array, metadata=None, software=False, photometric="rgb",
                         extratags=[(274, "H", 1, orientation, True)])
        assert np.array_equal(np.asarray(Image.open(path).copy()), result), path
        read_by["Pillow"] += 1
        expect(path, 0, values(result))


def of_tiffcp():
    """Files that neither of the two writes, from one that tifffile wrote."""
    three, source = pixels("u1", 3), "/tmp/understudy-images.tif"
    for kind, compressions in (("u1", ("lzw:2", "zip:2", "packbits", "jpeg:90")), ("u2", ("lzw:2", "zip:2")),
                               ("f4", ("lzw:3", "zip:3"))):
        array = pixels(kind, 3)
        for compression in compressions:
            for layout, options in (("strips", ["-s", "-r", "8"]), ("tiles", ["-t", "-w", "16", "-l", "16"]),
                                    ("planes", ["-p", "separate", "-B", "-s", "-r", "8"])):
                if compression.endswith("3") and layout == "planes":
                    continue  # what tiffcp writes in the other byte order is damaged: see of_predictor()
                if compression.startswith("jpeg"):
                    options = ["-s", "-r", "16"] if layout == "strips" else options
                    if layout == "planes":
                        continue
                planes = layout == "planes"
                tifffile.imwrite(source, np.moveaxis(array, -1, 0).copy() if planes else array, metadata=None,
                                 photometric="rgb", planarconfig="separate" if planes else "contig")
                path = TIFF + f"{kind}-{layout}-{compression.replace(':', '-')}"
                subprocess.run(["tiffcp", "-c", compression, *options, source, path], check=True)
                if compression.startswith("jpeg"):
                    expect(path, 0, values(np.asarray(Image.open(path))))
                    continue
                if not agree(path, array):
                    print(path, "is read by neither")
                expect(path, 0, values(array))
    os.remove(source)


def write(name, order, data, entries):
    """A TIFF of one strip, written here; entries: (tag, type, count, value), values of 3 * count shorts as bytes."""
    data += b"\0" * (len(data) % 2)
    directory = 8 + len(data)
    entries = sorted([(256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, HEIGHT),
                      (279, 4, 1, len(data))] + entries)
    body, extra = struct.pack(order + "H", len(entries)), b""
    for tag, kind, count, value in entries:
        body += struct.pack(order + "HHI", tag, kind, count)
        if isinstance(value, bytes):
            extra, value = value, directory + 2 + 12 * len(entries) + 4
        body += struct.pack(order + ("HH" if kind == 3 and count == 1 else "I"), *([value, 0][: 2 if kind == 3 and count == 1 else 1]))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, directory)
    with open(TIFF + name, "wb") as file:
        file.write(head + data + body + b"\0\0\0\0" + extra)
    return TIFF + name


def packed(name, bits, order, photometric=1, colours=None):
    """Samples of odd depth: rows begin at bytes, the high bit first."""
    array = np.floor(random.random((HEIGHT, WIDTH)) * 2**bits).astype("u2")
    data = b""
    for row in array:
        text = "".join(format(v, f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        data += int(text, 2).to_bytes(len(text) // 8, "big")
    entries = [(258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, photometric)]
    if colours is not None:
        entries.append((320, 3, 3 * 2**bits, b"".join(struct.pack(order + "H", int(v)) for v in colours.T.reshape(-1))))
    return write(name, order, data, entries), array


def of_predictor():
    """Floats with predictor 3 (Adobe's technote of 2005): bytes by their weight, then differences."""
    array = pixels("f4", 1)[:, :, 0]
    rows = array.astype(">f4").view("u1").reshape(HEIGHT, WIDTH, 4).transpose(0, 2, 1).reshape(HEIGHT, -1)
    data = zlib.compress(np.diff(rows, axis=1, prepend=np.zeros((HEIGHT, 1), "u1")).astype("u1").tobytes())
    for order in "<>":
        path = write(f"f4-predictor{'-big' if order == '>' else ''}", order, data,
                     [(258, 3, 1, 32), (259, 3, 1, 8), (262, 3, 1, 1), (317, 3, 1, 3), (339, 3, 1, 3)])
        expect(path, 0, values(array))


def of_odd_depths():
    for bits in (2, 4, 10, 12, 14):
        for order in "<>":
            path, array = packed(f"bits{bits}{'-big' if order == '>' else ''}", bits, order)
            if bits <= 4:
                assert np.array_equal(np.asarray(Image.open(path)) // (255 // (2**bits - 1)), array), path
                read_by["Pillow"] += 1
            expect(path, 0, values(array, 2**bits - 1))
    path, array = packed("bits4-white-is-zero", 4, "<", 0)
    expect(path, 0, values(15 - array, 15))
    colours = random.integers(0, 65536, (16, 3))
    path, array = packed("palette4-16", 4, "<", 3, colours)
    expect(path, 0, values(colours[array].astype("u2")))
    colours = random.integers(0, 256, (4, 3))
    for name, factor in (("palette2-repeated", 257), ("palette2-low", 1)):
        path, array = packed(name, 2, ">", 3, colours * factor)
        expect(path, 0, values(colours[array].astype("u1")))


def png(name, depth, colour, samples):
    """A PNG of 16 bits, which Pillow does not write in colour: filter 0."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0)
    with open(PNG + name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
    return PNG + name


def of_png():
    one, two, three, four = (pixels("u2", n) for n in (1, 2, 3, 4))
    expect(png("more-grey16", 16, 0, one), 0, values(one))
    expect(png("more-grey-alpha16", 16, 4, two), 0, values(two[:, :, :1]))
    expect(png("more-rgb16", 16, 2, three), 0, values(three))
    expect(png("more-rgba16", 16, 6, four), 0, values(four[:, :, :3]))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.fromarray(pixels("u1", 3))
        path = PNG + "more-" + mode.replace(";", "").lower()
        (Image.fromarray(one[:, :, 0]) if mode == "I;16" else image.convert(mode)).save(path, "PNG")
        back = Image.open(path)
        if mode == "I;16":
            expect(path, 0, values(np.asarray(back).astype("u2")))
        elif mode in ("1", "L", "LA"):
            expect(path, 0, values(np.asarray(back.convert("L"))))
        else:
            expect(path, 0, values(np.asarray(back.convert("RGB"))))
            expect(path, 1, values(np.asarray(back.convert("RGB").convert("L"))))


for make in (of_tifffile, of_pillow, of_orientations, of_tiffcp, of_predictor, of_odd_depths, of_png):
    make()
with open("tests/golden/images.h", "w") as file:
    file.write("/* By tests/golden/images.py: image files as Pillow and tifffile read them. */\n"
               "static const struct image_golden {\n    const char *name; /* below tests/fuzz/corpus */\n"
               "    int asked;        /* channels; 0: as stored */\n    struct shape shape;\n"
               "    const char *sha256;\n} image_goldens[] = {\n" + "\n".join(rows) + "\n};\n")
total = sum(os.path.getsize(path) for path in written)
print(f"{len(rows)} results of {len(written)} files, {total} bytes; {read_by['tifffile']} read by tifffile, "
      f"{read_by['Pillow']} by Pillow")
