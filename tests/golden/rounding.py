#!/usr/bin/python3
"""Write what PyTorch's fake quantisers give, and their gradients.

    python3 tests/golden/rounding.py > tests/golden/rounding.h

PyTorch rounds halves to even, Understudy away from zero: no value lies half-way between two levels.
"""
import torch

SCALE, ZERO = 0.037, -21
ROWS, COLUMNS = 3, 8


def line(name, values):
    words = ", ".join(f"{float(v):.9e}f" for v in values)
    print(f"static const float {name}[] = {{{words}}};")


def check(x, scale):
    ratio = x / scale
    assert ((ratio - ratio.floor() - 0.5).abs() > 1e-3).all()


def values():
    """Per tensor, affine: some beyond each end, one at each end, and 0."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(40, generator=generator) * 4
    x[:3] = torch.tensor([0.0, SCALE * (-128 - ZERO), SCALE * (127 - ZERO)])
    check(x, SCALE)
    slopes = torch.randn(40, generator=generator)
    x.requires_grad_()
    y = torch.fake_quantize_per_tensor_affine(x, SCALE, ZERO, -128, 127)
    y.backward(slopes)
    line("rounding_x", x.detach())
    line("rounding_slopes", slopes)
    line("rounding_y", y.detach())
    line("rounding_dx", x.grad)


def weights(bits):
    """Per channel, symmetric: nothing is beyond, and every gradient passes."""
    generator = torch.Generator().manual_seed(bits)
    most = 2 ** (bits - 1) - 1
    w = torch.randn(ROWS, COLUMNS, generator=generator) * torch.tensor([[0.1], [1.0], [30.0]])
    scale = w.abs().amax(1) / most
    check(w, scale[:, None])
    w.requires_grad_()
    y = torch.fake_quantize_per_channel_affine(w, scale, torch.zeros(ROWS, dtype=torch.int32), 0,
                                               -most, most)
    y.sum().backward()
    assert (w.grad == 1).all()
    line(f"rounding_weights_{bits}", w.detach().flatten())
    line(f"rounding_rounded_{bits}", y.detach().flatten())


print("/* Written by tests/golden/rounding.py with PyTorch. */")
print(f"static const float rounding_scale = {SCALE}f;")
print(f"enum {{ ROUNDING_ZERO = {ZERO}, ROUNDING_ROWS = {ROWS}, ROUNDING_COLUMNS = {COLUMNS} }};")
values()
for bits in (8, 4, 2):
    weights(bits)
