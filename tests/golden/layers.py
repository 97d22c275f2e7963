#!/usr/bin/env python3
"""Layers forward and backward as PyTorch computes them: writes tests/golden/layers.h5.

    tests/golden/layers.py            write the file
    tests/golden/layers.py --check    compute anew from its inputs, and compare

Run from the repository's root with a Python that has PyTorch and h5py (Debian: python3-torch,
python3-h5py); without them, --check says so and ends well. A group for each case, with the attributes
`layer`, `settings` and `mode` (training or inference) and float32 arrays: inputs x0, x1, parameters p0,
p1, `statistics` of batch normalisation (read in inference, measured in training), the output y; in
training its gradient dy and those of inputs and parameters, dx0 …, dp0 …. Everything is computed in
double precision.
"""

import sys

try:
    import h5py
    import numpy
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    print(f"nothing is checked: {missing}")
    sys.exit(0 if "--check" in sys.argv else 1)

PATH = "tests/golden/layers.h5"
TOLERANCE = 1e-6  # of the largest value: float32 holds what was computed
CASES = []


def case(layer, settings, shapes, function, parameters=(), scale=1, training=True):
    CASES.append({"layer": layer, "settings": settings, "shapes": shapes, "function": function,
                  "parameters": parameters, "scale": scale, "mode": "training" if training else "inference"})


def conv(settings, shape, filters, kernel, channels=None, bias=True, layer="conv", **options):
    weights = (filters, channels or shape[1], kernel, kernel)
    case(layer, settings, [shape], lambda x, w, b=None: F.conv2d(x, w, b, **options), [weights] + [(filters,)] * bias)


def transposed(settings, shape, filters, kernel, bias=True, **options):
    weights = (shape[1], filters, kernel, kernel)
    case("transposed_conv", settings, [shape], lambda x, w, b=None: F.conv_transpose2d(x, w, b, **options),
         [weights] + [(filters,)] * bias)


def batchnorm(training, epsilon=1e-5):
    """Momentum 1: running statistics become those of the batch."""
    def function(x, w, b, statistics):
        return F.batch_norm(x, statistics[0], statistics[1], w, b, training=training, momentum=1, eps=epsilon)
    return function


def average(size, stride=None, padding=0):
    return lambda x: F.avg_pool2d(x, size, stride, padding, count_include_pad=False)


case("add", "", [(2, 3, 4, 2)] * 2, torch.add)
case("add", "", [(3, 7, 1, 1)] * 2, torch.add)
case("avgpool", "", [(2, 2, 7, 6)], average(2))
case("avgpool", "size=3 stride=2", [(2, 2, 8, 7)], average(3, 2))
case("avgpool", "size=3 stride=2 padding=1", [(2, 2, 8, 7)], average(3, 2, 1))
case("batchnorm", "", [(4, 3, 5, 4)], batchnorm(True), [(3,), (3,)])
case("batchnorm", "epsilon=0.01", [(8, 5, 1, 1)], batchnorm(True, 0.01), [(5,), (5,)])
case("batchnorm", "", [(2, 3, 5, 4)], batchnorm(False), [(3,), (3,)], training=False)
case("concat", "", [(2, 3, 4, 3)] * 2, lambda a, b: torch.cat([a, b], 1))
case("concat", "", [(2, 1, 3, 5), (2, 4, 3, 5)], lambda a, b: torch.cat([a, b], 1))
conv("filters=4 kernel=3", (2, 3, 7, 6), 4, 3, padding=1)
conv("filters=3 kernel=5 bias=false", (2, 1, 8, 8), 3, 5, bias=False, padding=2)
conv("filters=4 kernel=1", (2, 3, 4, 5), 4, 1)
conv("filters=3 kernel=3 padding=valid", (2, 2, 6, 7), 3, 3)
conv("filters=3 kernel=3 stride=2", (2, 2, 7, 6), 3, 3, stride=2, padding=1)
conv("filters=2 kernel=3 dilation=2", (1, 2, 7, 8), 2, 3, padding=2, dilation=2)
conv("filters=6 kernel=3 groups=2 stride=2 padding=valid", (2, 4, 7, 7), 6, 3, 2, stride=2, groups=2)
case("dense", "outputs=5", [(3, 7, 1, 1)], lambda x, w, b: F.linear(x.flatten(1), w, b), [(5, 7), (5,)])
case("dense", "outputs=3 bias=false", [(4, 10, 1, 1)], lambda x, w: F.linear(x.flatten(1), w), [(3, 10)])
conv("kernel=3", (2, 3, 7, 6), 3, 3, 1, layer="depthwise", groups=3, padding=1)
conv("kernel=3 stride=2 multiplier=2", (2, 3, 7, 8), 6, 3, 1, layer="depthwise", groups=3, padding=1, stride=2)
conv("kernel=3 dilation=2 padding=valid bias=false", (1, 4, 8, 7), 4, 3, 1, False, "depthwise", groups=4, dilation=2)
case("dropout", "", [(2, 3, 4, 2)], lambda x: F.dropout(x, 0.5, False), training=False)
case("dropout", "rate=0", [(2, 5, 1, 1)], lambda x: F.dropout(x, 0.0, True))
case("flatten", "", [(2, 3, 2, 2)], lambda x: x.flatten(1))
case("gelu", "", [(2, 3, 4, 5)], F.gelu)
case("gelu", "", [(2, 64, 1, 1)], F.gelu, scale=4)
case("global_avgpool", "", [(3, 4, 5, 7)], lambda x: F.adaptive_avg_pool2d(x, 1))
case("global_avgpool", "", [(2, 3, 1, 2)], lambda x: F.adaptive_avg_pool2d(x, 1))
case("leaky_relu", "", [(2, 3, 4, 5)], F.leaky_relu)
case("leaky_relu", "slope=0.3", [(2, 3, 4, 3)], lambda x: F.leaky_relu(x, 0.3))
case("maxpool", "", [(2, 2, 7, 6)], lambda x: F.max_pool2d(x, 2))
case("maxpool", "size=3 stride=2", [(2, 2, 8, 7)], lambda x: F.max_pool2d(x, 3, 2))
case("maxpool", "size=3 stride=2 padding=1", [(2, 2, 8, 7)], lambda x: F.max_pool2d(x, 3, 2, 1))
case("maxpool", "size=2 stride=1 padding=1", [(1, 2, 3, 4)], lambda x: F.max_pool2d(x, 2, 1, 1))
case("relu", "", [(2, 3, 4, 5)], F.relu)
case("rescale", "", [(3, 2, 4, 5)], lambda x, scale, offset: scale.view(-1, 1, 1) * x + offset.view(-1, 1, 1), [(2,), (2,)])
case("scale", "factor=-0.25", [(2, 3, 4, 5)], lambda x: -0.25 * x)
case("sigmoid", "", [(2, 3, 4, 5)], torch.sigmoid)
case("sigmoid", "", [(2, 64, 1, 1)], torch.sigmoid, scale=8)
case("silu", "", [(2, 3, 4, 5)], F.silu)
case("silu", "", [(2, 64, 1, 1)], F.silu, scale=8)
case("softmax", "", [(3, 10, 1, 1)], lambda x: F.softmax(x, 1))
case("softmax", "", [(2, 5, 3, 4)], lambda x: F.softmax(x, 1), scale=8)
transposed("filters=4 kernel=3", (2, 3, 5, 4), 4, 3)
transposed("filters=3 kernel=2 stride=2", (2, 4, 3, 5), 3, 2, stride=2)
transposed("filters=2 kernel=4 stride=2 padding=1 bias=false", (2, 3, 4, 5), 2, 4, False, stride=2, padding=1)
transposed("filters=2 kernel=5 stride=3 padding=2", (1, 2, 3, 4), 2, 5, stride=3, padding=2)
case("upsample", "factor=3", [(2, 2, 3, 4)], lambda x: F.interpolate(x, scale_factor=3, mode="nearest"))
case("upsample", "", [(1, 3, 5, 2)], lambda x: F.interpolate(x, scale_factor=2, mode="nearest"))

# Channels below, at and above a block of 16, in which engines like to keep them.
case("add", "", [(2, 20, 3, 2)] * 2, torch.add)
case("add", "", [(1, 16, 3, 3)] * 2, torch.add)
case("avgpool", "size=3 stride=2 padding=1", [(1, 20, 5, 6)], average(3, 2, 1))
case("avgpool", "size=2 stride=1", [(2, 16, 3, 4)], average(2, 1))
case("batchnorm", "", [(3, 16, 3, 3)], batchnorm(True), [(16,), (16,)])
case("batchnorm", "", [(2, 20, 3, 4)], batchnorm(True), [(20,), (20,)])
case("batchnorm", "", [(3, 1, 5, 4)], batchnorm(True), [(1,), (1,)])
case("batchnorm", "epsilon=0.1", [(2, 20, 2, 3)], batchnorm(False, 0.1), [(20,), (20,)], training=False)
case("concat", "", [(2, 16, 2, 3), (2, 3, 2, 3)], lambda a, b: torch.cat([a, b], 1))
case("concat", "", [(1, 32, 3, 2), (1, 16, 3, 2)], lambda a, b: torch.cat([a, b], 1))
case("concat", "", [(1, 20, 2, 3), (1, 16, 2, 3)], lambda a, b: torch.cat([a, b], 1))
conv("filters=16 kernel=3", (2, 3, 6, 7), 16, 3, padding=1)
conv("filters=20 kernel=2 padding=valid", (2, 16, 5, 4), 20, 2)
conv("filters=32 kernel=2 bias=false padding=valid", (1, 20, 4, 5), 32, 2, bias=False)
conv("filters=6 kernel=1", (2, 32, 3, 5), 6, 1)
conv("filters=1 kernel=5", (1, 16, 7, 6), 1, 5, padding=2)
conv("filters=16 kernel=2 stride=2 padding=valid", (2, 16, 7, 5), 16, 2, stride=2)
conv("filters=3 kernel=1 stride=2", (2, 6, 7, 6), 3, 1, stride=2)
conv("filters=20 kernel=2 stride=3 padding=valid", (1, 6, 8, 10), 20, 2, stride=3)
conv("filters=16 kernel=2 dilation=3 padding=valid", (1, 16, 7, 6), 16, 2, dilation=3)
conv("filters=3 kernel=3 dilation=3 stride=2", (1, 20, 9, 8), 3, 3, padding=3, dilation=3, stride=2)
conv("filters=32 kernel=2 groups=2 padding=valid", (1, 32, 5, 4), 32, 2, 16, groups=2)
conv("filters=20 kernel=3 groups=20", (1, 20, 5, 4), 20, 3, 1, padding=1, groups=20)
conv("filters=24 kernel=3", (1, 24, 8, 7), 24, 3, padding=1)
conv("filters=12 kernel=3 stride=2", (2, 12, 7, 5), 12, 3, padding=1, stride=2)
conv("filters=12 kernel=2 dilation=2 padding=valid bias=false", (1, 12, 5, 7), 12, 2, bias=False, dilation=2)
case("dense", "outputs=20", [(3, 32, 1, 1)], lambda x, w, b: F.linear(x.flatten(1), w, b), [(20, 32), (20,)])
case("dense", "outputs=1", [(16, 20, 1, 1)], lambda x, w, b: F.linear(x.flatten(1), w, b), [(1, 20), (1,)])
conv("kernel=3", (2, 16, 5, 6), 16, 3, 1, layer="depthwise", groups=16, padding=1)
conv("kernel=3 stride=2", (1, 20, 7, 6), 20, 3, 1, layer="depthwise", groups=20, padding=1, stride=2)
conv("kernel=1 multiplier=2", (1, 16, 4, 3), 32, 1, 1, layer="depthwise", groups=16)
case("gelu", "", [(1, 20, 3, 4)], F.gelu, scale=2)
case("global_avgpool", "", [(2, 20, 3, 5)], lambda x: F.adaptive_avg_pool2d(x, 1))
case("leaky_relu", "", [(1, 20, 3, 4)], F.leaky_relu)
case("maxpool", "size=3 stride=2 padding=1", [(1, 20, 6, 7)], lambda x: F.max_pool2d(x, 3, 2, 1))
case("maxpool", "size=3 stride=1 padding=1", [(1, 16, 4, 3)], lambda x: F.max_pool2d(x, 3, 1, 1))
case("relu", "", [(1, 20, 3, 4)], F.relu)
case("sigmoid", "", [(1, 20, 3, 4)], torch.sigmoid, scale=2)
case("silu", "", [(1, 20, 3, 4)], F.silu, scale=2)
transposed("filters=16 kernel=2 stride=2", (1, 32, 3, 4), 16, 2, stride=2)
transposed("filters=12 kernel=3 stride=2 padding=1", (1, 16, 3, 4), 12, 3, stride=2, padding=1)
transposed("filters=20 kernel=2", (1, 6, 4, 5), 20, 2)
transposed("filters=1 kernel=4 stride=2 padding=1", (2, 16, 3, 4), 1, 4, stride=2, padding=1)
case("upsample", "factor=3", [(1, 20, 2, 3)], lambda x: F.interpolate(x, scale_factor=3, mode="nearest"))
case("upsample", "", [(2, 16, 3, 2)], lambda x: F.interpolate(x, scale_factor=2, mode="nearest"))


def rounded(shape, scale=1):
    """Values that float32 holds exactly: what is read is what was computed with."""
    return (torch.randn(shape, dtype=torch.float64) * scale * 4096).round() / 4096


def draw(item):
    """Everything that goes in, but dy, whose shape comes out."""
    arrays = {f"x{k}": rounded(s, item["scale"]) for k, s in enumerate(item["shapes"])}
    arrays |= {f"p{k}": rounded(s) for k, s in enumerate(item["parameters"])}
    if item["layer"] == "batchnorm":
        channels = item["shapes"][0][1]
        arrays["statistics"] = torch.stack([rounded((channels,)), rounded((channels,)).abs() + 0.5])
    return arrays


def compute(item, given):
    """All arrays of a case, from those that go in; dy is drawn where it is not given."""
    arrays = {name: value.clone() for name, value in given.items()}
    learnt = [name for kind in "xp" for name in sorted(arrays) if name[0] == kind]
    more = ["statistics"] if "statistics" in arrays else []
    y = item["function"](*[arrays[name].requires_grad_() for name in learnt], *[arrays[name] for name in more])
    if item["mode"] == "training":
        arrays.setdefault("dy", rounded(y.shape))
        y.backward(arrays["dy"])
        arrays |= {"d" + name: arrays[name].grad for name in learnt}
    return {name: value.detach().numpy() for name, value in (arrays | {"y": y}).items()}


def write():
    """Without time stamps: the same cases give the same file."""
    with h5py.File(PATH, "w", libver="latest") as file:
        for number, item in enumerate(CASES):
            group = file.create_group(f"{number:02}_{item['layer']}")
            for name in ("layer", "settings", "mode"):
                group.attrs[name] = numpy.bytes_(item[name])
            for name, value in sorted(compute(item, draw(item)).items()):
                big = {"chunks": value.shape, "compression": 9, "shuffle": True} if value.size > 128 else {}
                group.create_dataset(name, data=value.astype(numpy.float32), **big)


def compare(item, group):
    """How many arrays differ."""
    goes_in = [name for name in group if name[0] in "xp" or name == "dy" or name == "statistics"]
    given = {name: torch.from_numpy(group[name][()].astype(numpy.float64)) for name in goes_in}
    computed, wrong = compute(item, given), 0
    for name in set(computed) | set(group):
        same = name in group and name in computed and numpy.allclose(
            computed[name], group[name], rtol=0, atol=TOLERANCE * max(1e-6, abs(computed[name]).max()))
        if not same:
            print(f"{PATH}: {group.name}/{name} is not what PyTorch {torch.__version__} computes")
        wrong += not same
    return wrong


def check():
    failed = 0
    with h5py.File(PATH) as file:
        for item, group in zip(CASES, file.values()):
            same = all(group.attrs[name].decode() == item[name] for name in ("layer", "settings", "mode"))
            failed += not same or compare(item, group) > 0
        failed += abs(len(CASES) - len(file))
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return failed > 0


torch.manual_seed(2019)
torch.use_deterministic_algorithms(True)
if sys.argv[1:] == ["--check"]:
    sys.exit(check())
elif sys.argv[1:]:
    sys.exit(__doc__)
write()
