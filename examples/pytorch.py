"""A trained network in PyTorch: rebuilt from the graph and the parameters that its results file holds.

    PYTHONPATH=python python3 examples/pytorch.py results/quickstart.h5 [IMAGE.npy ANSWER.npy]

Prints the layers. With an image (float32 [channel, height, width], 0 to 1), writes the network's answer,
which is that of `understudy apply --what network --format npy`. Needs h5py and torch.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F
import understudy


def pads(layer):
    """Zeros before and behind, of an input whose size is kept."""
    settings = layer["settings"]
    total = settings["dilation"] * (settings["kernel"] - 1) if settings["padding"] == "same" else 0
    return [total // 2, total - total // 2] * 2


def conv(layer, x, p):
    s = layer["settings"]
    groups = s["groups"] if "groups" in s else x.shape[1]  # of a depthwise one, each channel
    return F.conv2d(F.pad(x, pads(layer)), p["weights"], p.get("bias"), s["stride"], 0, s["dilation"], groups)


def batchnorm(layer, x, p):
    mean, variance = p["statistics"].reshape(2, -1)
    return F.batch_norm(x, mean, variance, p["scale"], p["shift"], eps=layer["settings"]["epsilon"])


def pool(function, **more):
    return lambda layer, x, p: function(x, layer["settings"]["size"], layer["settings"]["stride"] or None,
                                        layer["settings"]["padding"], **more)


LAYERS = {
    "add": lambda layer, x, y, p: x + y,
    "avgpool": pool(F.avg_pool2d, count_include_pad=False),
    "batchnorm": batchnorm,
    "concat": lambda layer, x, y, p: torch.cat([x, y], 1),
    "conv": conv,
    "dense": lambda layer, x, p: F.linear(x.flatten(1), p["weights"].flatten(1), p.get("bias"))[..., None, None],
    "depthwise": conv,
    "dropout": lambda layer, x, p: x,
    "flatten": lambda layer, x, p: x.flatten(1)[..., None, None],
    "gelu": lambda layer, x, p: F.gelu(x),
    "global_avgpool": lambda layer, x, p: x.mean((2, 3), keepdim=True),
    "leaky_relu": lambda layer, x, p: F.leaky_relu(x, layer["settings"]["slope"]),
    "maxpool": pool(F.max_pool2d),
    "relu": lambda layer, x, p: F.relu(x),
    "rescale": lambda layer, x, p: x * p["scale"][None, :, None, None] + p["shift"][None, :, None, None],
    "scale": lambda layer, x, p: x * layer["settings"]["factor"],
    "sigmoid": lambda layer, x, p: torch.sigmoid(x),
    "silu": lambda layer, x, p: F.silu(x),
    "softmax": lambda layer, x, p: F.softmax(x, 1),
    "transposed_conv": lambda layer, x, p: F.conv_transpose2d(x, p["weights"], p.get("bias"), layer["settings"]["stride"],
                                                              layer["settings"]["padding"]),
    "upsample": lambda layer, x, p: F.interpolate(x, scale_factor=layer["settings"]["factor"]),
}


def load(path):
    """The graph, and each layer's parameters as tensors."""
    with understudy.results(path) as results:
        graph, stored = results.graph(), results.parameters[results.kept]
        parameters = {layer["name"]: {name: torch.from_numpy(stored[layer["name"]][name])
                                      for name in layer["parameters"]} for layer in graph["layers"]}
    for tensors in parameters.values():  # one number a channel or filter
        for name in tensors.keys() - {"weights", "statistics"}:
            tensors[name] = tensors[name].flatten()
    return graph, parameters


def answer(graph, parameters, images):
    values = {"input": images}
    for layer in graph["layers"]:
        inputs = [values[name] for name in layer["from"]]
        values[layer["name"]] = LAYERS[layer["layer"]](layer, *inputs, parameters[layer["name"]])
    return values[graph["layers"][-1]["name"]]


if __name__ == "__main__":
    graph, parameters = load(sys.argv[1])
    for layer in graph["layers"]:
        print(layer["name"], "=", layer["layer"], "of", ", ".join(layer["from"]), layer["output"])
    if len(sys.argv) > 3:
        image = torch.from_numpy(np.load(sys.argv[2]))
        np.save(sys.argv[3], answer(graph, parameters, image[None])[0].numpy())
