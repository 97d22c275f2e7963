#!/usr/bin/env python3
"""Twenty steps of Adam and SGD, by the formulas of the papers in double precision.

    python3 tests/golden/optimizers.py > tests/golden/optimizers.inc

The function to minimise is sum_i c_i (p_i - t_i)^2 / 2. Weight decay (L2) acts on all parameters
but the second. The formulas are those that PyTorch documents for torch.optim.Adam and
torch.optim.SGD with weight_decay (and dampening 0).
"""
from math import sqrt

START = [1.0, -2.0, 0.5, 3.0]
CURVATURE = [1.0, 0.5, 4.0, 0.0625]
TARGET = [0.25, 1.0, -1.5, 2.0]
DECAYS = [1, 0, 1, 1]
STEPS = 20


def gradient(p, weight_decay):
    return [c * (x - t) + weight_decay * d * x
            for x, c, t, d in zip(p, CURVATURE, TARGET, DECAYS)]


def adam(rate, weight_decay, beta1, beta2, epsilon):
    p, m, v = list(START), [0.0] * 4, [0.0] * 4
    for t in range(1, STEPS + 1):
        for i, g in enumerate(gradient(p, weight_decay)):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            v[i] = beta2 * v[i] + (1 - beta2) * g * g
            mean, square = m[i] / (1 - beta1 ** t), v[i] / (1 - beta2 ** t)
            p[i] -= rate * mean / (sqrt(square) + epsilon)
        yield p


def sgd(rate, weight_decay, momentum, nesterov):
    p, b = list(START), [None] * 4
    for _ in range(STEPS):
        for i, g in enumerate(gradient(p, weight_decay)):
            b[i] = g if b[i] is None else momentum * b[i] + g
            p[i] -= rate * (g + momentum * b[i] if nesterov else b[i])
        yield p


CASES = [
    ("adam", "{}", 0.1, 0.0, adam(0.1, 0.0, 0.9, 0.999, 1e-8)),
    ("adam", "{beta1: 0.8, beta2: 0.99, epsilon: 1.0e-3}", 0.05, 0.1,
     adam(0.05, 0.1, 0.8, 0.99, 1e-3)),
    ("sgd", "{momentum: 0}", 0.1, 0.0, sgd(0.1, 0.0, 0.0, False)),
    ("sgd", "{}", 0.05, 0.01, sgd(0.05, 0.01, 0.9, False)),
    ("sgd", "{momentum: 0.8, nesterov: true}", 0.05, 0.01, sgd(0.05, 0.01, 0.8, True)),
]

print("/* Written by optimizers.py: name, settings, learning rate, weight decay, then the")
print(" * parameters after each step. */")
for name, settings, rate, weight_decay, steps in CASES:
    print(f'{{"{name}", "{settings}", {rate}, {weight_decay}, {{')
    for p in steps:
        print("    {" + ", ".join(f"{x:.10f}" for x in p) + "},")
    print("}},")
