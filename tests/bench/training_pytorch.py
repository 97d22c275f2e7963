#!/usr/bin/python3
"""How fast PyTorch trains the reference networks, in the columns of `understudy bench training`.

    tests/bench/training_pytorch.py [--network LIST] [--precision LIST] [--threads LIST] [--seconds S]
    tests/bench/training_pytorch.py --check [--network LIST]

The networks are built from what `understudy bench networks` says of them, and checked against it:
every layer's shape, parameters and multiply-adds. Each is measured contiguous and channels-last,
with OpenBLAS on one thread and, where dense layers are more than 1 % of the work, on as many as
PyTorch, every time in a process of its own; the fastest is printed, and stderr tells all. bfloat16
is autocast, as PyTorch's own manual has it. The peak is left to the caller, who has measured it.
"""
import argparse
import csv
import ctypes
import itertools
import os
import re
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLUMNS = ("network,engine,precision,threads,images_per_second,gflop_per_second,"
           "peak_gflop_per_second,share_of_peak,parameters,memory_before_mib,memory_mib")
LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}


def padding(s):
    words = {"same": s.get("dilation", 1) * (s.get("kernel", 1) - 1) // 2, "valid": 0}
    return words.get(s["padding"], s["padding"])


def conv(s, shape, filters=None, groups=None):
    return nn.Conv2d(shape[0], filters or s["filters"], s["kernel"], s["stride"], padding(s),
                     s["dilation"], groups or s["groups"], bias=s["bias"])


def window(s):
    return s["size"], s["stride"] or s["size"], s.get("padding", 0)


class Add(nn.Module):
    def forward(self, a, b):
        return a + b


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, a):
        return a * self.factor


class Concat(nn.Module):
    def forward(self, a, b):
        return torch.cat((a, b), 1)


# Name of a layer to a module, from its settings, its input's shape (C, H, W), and whether it may
# overwrite its input.
LAYERS = {
    "add": lambda s, shape, inplace: Add(),
    "avgpool": lambda s, shape, inplace: nn.AvgPool2d(*window(s), count_include_pad=False),
    "batchnorm": lambda s, shape, inplace: nn.BatchNorm2d(shape[0], s["epsilon"], s["momentum"]),
    "concat": lambda s, shape, inplace: Concat(),
    "conv": lambda s, shape, inplace: conv(s, shape),
    "dense": lambda s, shape, inplace: nn.Sequential(
        nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], s["outputs"], bias=s["bias"]),
        nn.Unflatten(1, (s["outputs"], 1, 1))),
    "depthwise": lambda s, shape, inplace: conv(s, shape, shape[0] * s["multiplier"], shape[0]),
    "dropout": lambda s, shape, inplace: nn.Dropout(s["rate"]),
    "flatten": lambda s, shape, inplace: nn.Sequential(
        nn.Flatten(), nn.Unflatten(1, (shape[0] * shape[1] * shape[2], 1, 1))),
    "global_avgpool": lambda s, shape, inplace: nn.AdaptiveAvgPool2d(1),
    "leaky_relu": lambda s, shape, inplace: nn.LeakyReLU(s["slope"], inplace),
    "maxpool": lambda s, shape, inplace: nn.MaxPool2d(*window(s)),
    "relu": lambda s, shape, inplace: nn.ReLU(inplace),
    "scale": lambda s, shape, inplace: Scale(s["factor"]),
    "silu": lambda s, shape, inplace: nn.SiLU(inplace),
    "upsample": lambda s, shape, inplace: nn.Upsample(scale_factor=s["factor"]),
}


def value(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


class Network(nn.Module):
    """The graph that rows of `bench networks` describe; the first row is the input."""

    def __init__(self, rows):
        super().__init__()
        self.rows = rows
        self.batch = int(rows[0]["batch"])
        self.shapes = {r["node"]: tuple(map(int, r["output"].split("x"))) for r in rows}
        self.parameter_count = sum(int(r["parameters"]) for r in rows)
        self.multiply_adds = sum(float(r["multiply_adds"]) for r in rows)
        readers = [name for r in rows for name in r["inputs"].split()]
        self.nodes = nn.ModuleList()
        self.inputs = []
        for row in rows[1:]:
            kind, _, settings = row["layer"].partition(":")
            settings = {k: value(v) for k, v in re.findall(r"(\w+): ([^,{}]+)", settings)}
            names = row["inputs"].split()
            alone = readers.count(names[0]) == 1 and names[0] != "input"
            if kind not in LAYERS:
                sys.exit(f"training_pytorch.py: {row['node']}: no layer '{kind}' here")
            self.nodes.append(LAYERS[kind](settings, self.shapes[names[0]], alone))
            self.inputs.append(names)
        # Values are kept until their last reader: by number, for speed.
        number = {r["node"]: i for i, r in enumerate(rows)}
        self.inputs = [[number[name] for name in names] for names in self.inputs]
        self.last = {i: max([k for k, names in enumerate(self.inputs) if i in names], default=-1)
                     for i in range(len(rows))}

    def forward(self, x):
        values = [x]
        for k, (node, inputs) in enumerate(zip(self.nodes, self.inputs)):
            values.append(node(*[values[i] for i in inputs]))
            for i in inputs:
                if self.last[i] == k:
                    values[i] = None
        return values[-1]

    def check(self):
        """Shapes, parameters and multiply-adds are those that were described."""
        def watch(row):
            def hook(module, inputs, output):
                parameters = sum(p.numel() for p in module.parameters())
                work = sum(weight.numel() * (output[0, 0].numel() if weight.dim() == 4 else 1)
                           for weight in module.parameters() if weight.dim() > 1)
                found = (tuple(output.shape[1:]), parameters, work)
                told = (self.shapes[row["node"]], int(row["parameters"]),
                        int(float(row["multiply_adds"])))
                if found != told:
                    sys.exit(f"training_pytorch.py: {row['network']}: {row['node']} is {found}, "
                             f"and `bench networks` says {told}")
            return hook
        hooks = [node.register_forward_hook(watch(row))
                 for node, row in zip(self.nodes, self.rows[1:])]
        with torch.no_grad():
            self(torch.rand(2, *self.shapes["input"]))
        for hook in hooks:
            hook.remove()


def memory():
    """(resident, peak resident) in MiB."""
    with open("/proc/self/status") as f:
        text = f.read()
    return [int(re.search(name + r":\s*(\d+) kB", text)[1]) / 1024 for name in ("VmRSS", "VmHWM")]


def set_blas_threads(threads):
    try:
        ctypes.CDLL("libopenblas.so.0").openblas_set_num_threads(threads)
    except (OSError, AttributeError):
        pass  # another BLAS, which does as it likes


def train(rows, precision, threads, blas_threads, layout, seconds):
    """Images per second, memory before and at most."""
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    set_blas_threads(blas_threads)
    before = memory()[0]
    network = Network(rows).to(memory_format=LAYOUTS[layout])
    output = network.shapes[rows[-1]["node"]]
    classify = output[1:] == (1, 1)
    count = max(1, min(16, int(1e10 / (6 * network.multiply_adds * network.batch))))
    batches = []
    for _ in range(count):
        x = torch.rand(network.batch, *network.shapes["input"])
        target = torch.arange(network.batch) % output[0] if classify else \
            torch.rand(network.batch, *output).contiguous(memory_format=LAYOUTS[layout])
        batches.append((x.contiguous(memory_format=LAYOUTS[layout]), target))
    optimizer = torch.optim.SGD(network.parameters(), 1e-4, momentum=0.9)
    loss = nn.CrossEntropyLoss() if classify else nn.MSELoss()

    def epoch():
        begin = time.perf_counter()
        for x, target in batches:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                y = network(x)
                error = loss(y.flatten(1) if classify else y, target)
            error.backward()
            optimizer.step()
        return time.perf_counter() - begin

    epoch()
    passed = []
    while len(passed) < 3 or sum(passed) < seconds:
        passed.append(epoch())
    return network.batch * count / statistics.median(passed), before, memory()[1]


def alone(function, *arguments):
    """What the function returns (floats), computed in a process of its own; None if it failed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with os.fdopen(write, "w") as f:
            f.write(" ".join(map(repr, function(*arguments))))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    if os.waitpid(child, 0)[1] != 0:
        return None
    return [float(word) for word in text.split()]


def measure(rows, precision, threads, seconds):
    name = rows[0]["network"]
    network = Network(rows)
    dense = sum(float(r["multiply_adds"]) for r in rows if r["layer"].startswith("dense"))
    blas = sorted({1, threads}) if dense > 0.01 * network.multiply_adds else [1]
    results = []
    for layout, blas_threads in itertools.product(LAYOUTS, blas):
        setting = f"{name}, pytorch, {precision}, threads {threads}, BLAS {blas_threads}, {layout}"
        result = alone(train, rows, precision, threads, blas_threads, layout, seconds)
        print(f"{setting}: " + (f"{result[0]:.4g} images/s" if result else "failed"),
              file=sys.stderr)
        if result:
            results.append(result)
    if not results:
        return
    speed, before, peak = max(results)
    print(f"{name},pytorch,{precision},{threads},{speed:.4g},"
          f"{6e-9 * network.multiply_adds * speed:.4g},,,{network.parameter_count},"
          f"{before:.4g},{peak:.4g}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "understudy"))
    parser.add_argument("--network", default="all")
    parser.add_argument("--precision", default="float32,bfloat16")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--check", action="store_true", help="build the networks and no more")
    options = parser.parse_args()
    told = subprocess.run([options.program, "bench", "networks", "--network", options.network],
                          stdout=subprocess.PIPE, text=True)
    if told.returncode != 0:
        sys.exit(told.returncode)
    networks = {}
    for row in csv.DictReader(told.stdout.splitlines()):
        networks.setdefault(row["network"], []).append(row)
    if not options.check:
        print(COLUMNS, flush=True)
    for name, rows in networks.items():
        if alone(lambda: Network(rows).check() or []) is None:
            sys.exit(1)
        if options.check:
            print(f"{name}: as PyTorch has it")
            continue
        for precision in options.precision.split(","):
            for threads in options.threads.split(","):
                measure(rows, precision, int(threads), options.seconds)


if __name__ == "__main__":
    main()
