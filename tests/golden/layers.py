#!/usr/bin/env python3
"""Write tests/golden/layers.txt: layers forward and backward as PyTorch computes them.

Run with a Python that has PyTorch (Debian: python3-torch) from the repository's root. The file is
text: a line `case LAYER BATCH CHANNELS HEIGHT WIDTH SETTINGS`, then for each array a line
`NAME COUNT VALUES…`. Weights are as both programs lay them out: [filters][channels][row][column].
"""

import torch
import torch.nn.functional as F

torch.manual_seed(2019)
torch.use_deterministic_algorithms(True)


def conv(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    return F.conv2d(x, w, b, stride, padding, dilation, groups)


def batchnorm(x, w, b):
    return F.batch_norm(x, torch.zeros(x.shape[1], dtype=x.dtype), torch.ones(x.shape[1], dtype=x.dtype), w, b, training=True, eps=1e-5)


# layer, settings, shape of the input, shapes of the parameters, the function
CASES = [
    ("conv", "filters=4 kernel=3", (2, 3, 7, 6), [(4, 3, 3, 3), (4,)], lambda x, w, b: conv(x, w, b, padding=1)),
    ("conv", "filters=3 kernel=5 bias=false", (2, 1, 8, 8), [(3, 1, 5, 5)], lambda x, w: conv(x, w, None, padding=2)),
    ("conv", "filters=4 kernel=1", (2, 3, 4, 5), [(4, 3, 1, 1), (4,)], lambda x, w, b: conv(x, w, b)),
    ("conv", "filters=3 kernel=3 padding=valid", (2, 2, 6, 7), [(3, 2, 3, 3), (3,)], lambda x, w, b: conv(x, w, b)),
    ("conv", "filters=3 kernel=3 stride=2", (2, 2, 7, 6), [(3, 2, 3, 3), (3,)], lambda x, w, b: conv(x, w, b, stride=2, padding=1)),
    ("conv", "filters=2 kernel=3 dilation=2", (1, 2, 7, 8), [(2, 2, 3, 3), (2,)], lambda x, w, b: conv(x, w, b, padding=2, dilation=2)),
    ("conv", "filters=6 kernel=3 groups=2 stride=2 padding=valid", (2, 4, 7, 7), [(6, 2, 3, 3), (6,)], lambda x, w, b: conv(x, w, b, stride=2, groups=2)),
    ("dense", "outputs=5", (3, 7, 1, 1), [(5, 7), (5,)], lambda x, w, b: F.linear(x.flatten(1), w, b)),
    ("relu", "", (2, 3, 4, 5), [], lambda x: F.relu(x)),
    ("maxpool", "", (2, 2, 7, 6), [], lambda x: F.max_pool2d(x, 2)),
    ("maxpool", "size=3 stride=2", (2, 2, 8, 7), [], lambda x: F.max_pool2d(x, 3, 2)),
    ("upsample", "factor=3", (2, 2, 3, 4), [], lambda x: F.interpolate(x, scale_factor=3, mode="nearest")),
    ("batchnorm", "", (4, 3, 5, 4), [(3,), (3,)], batchnorm),
    ("flatten", "", (2, 3, 2, 2), [], lambda x: x.flatten(1)),
    ("add", "", (2, 3, 4, 2), [], lambda x, z: x + z),
]


def array(out, name, tensor):
    values = tensor.detach().flatten().tolist()
    out.write(f"{name} {len(values)} " + " ".join(f"{v:.8g}" for v in values) + "\n")


def rounded(shape):
    """Values that the text gives exactly enough: what is read is what was computed with."""
    return (torch.randn(shape, dtype=torch.float64) * 4096).round() / 4096


with open("tests/golden/layers.txt", "w") as out:
    out.write(f"# PyTorch {torch.__version__}, double precision; made by tests/golden/layers.py\n")
    for layer, settings, shape, parameters, function in CASES:
        inputs = [rounded(shape).requires_grad_() for _ in range(2 if layer == "add" else 1)]
        weights = [rounded(s).requires_grad_() for s in parameters]
        y = function(*inputs, *weights)
        dy = rounded(y.shape)
        y.backward(dy)
        out.write(f"case {layer} {' '.join(map(str, shape))} {settings}\n")
        for k, x in enumerate(inputs):
            array(out, f"x{k}", x)
        for k, w in enumerate(weights):
            array(out, f"p{k}", w)
        array(out, "y", y)
        array(out, "dy", dy)
        for k, x in enumerate(inputs):
            array(out, f"dx{k}", x.grad)
        for k, w in enumerate(weights):
            array(out, f"dp{k}", w.grad)
    out.write("end\n")
