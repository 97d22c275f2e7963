#!/usr/bin/env python3
"""Parameters and multiply-adds of published networks, counted by PyTorch.

    python3 tests/golden/families.py > tests/golden/families.inc

Each network is written down here from its paper, not from networks/families/. Multiply-adds are
those of convolutions, transposed convolutions and dense layers, for one image. Where the paper or
its authors' code says how many parameters there are, `published` has it, and is compared.
"""
import torch
from torch import nn
from torch.nn import functional as F


def conv(a, b, k, stride=1, bias=False, groups=1):
    return nn.Conv2d(a, b, k, stride, (k - 1) // 2, groups=groups, bias=bias)


def conv_bn(a, b, k=3, stride=1, groups=1):
    return nn.Sequential(conv(a, b, k, stride, groups=groups), nn.BatchNorm2d(b), nn.ReLU())


def dense(*sizes):
    """Dense layers with rectifiers between them."""
    layers = [nn.Flatten()]
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Shortcut(nn.Module):
    """x + body(x), or way(x) + body(x)."""

    def __init__(self, body, way=None, after=None):
        super().__init__()
        self.body, self.way, self.after = body, way or nn.Identity(), after or nn.Identity()

    def forward(self, x):
        return self.after(self.way(x) + self.body(x))


def lenet5():
    return nn.Sequential(conv(1, 6, 5, bias=True), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5),
                         nn.ReLU(), nn.MaxPool2d(2), dense(400, 120, 84, 10))


def vgg(plan, side, *hidden):
    layers, channels = [], 3
    for block, count in enumerate(plan):
        for _ in range(count):
            width = [64, 128, 256, 512, 512][block]
            layers += [conv(channels, width, 3, bias=True), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, dense(channels * (side // 32) ** 2, *hidden, 1000))


def vgg_small(width):
    layers, channels = [], 3
    for w in (width, 2 * width, 4 * width):
        layers += [conv_bn(channels, w), conv_bn(w, w), nn.MaxPool2d(2)]
        channels = w
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), dense(channels, 10))


def cuda_convnet(side):
    pool = nn.MaxPool2d(3, 2, 1)
    return nn.Sequential(conv(3, 64, 5, bias=True), nn.ReLU(), pool, conv(64, 64, 5, bias=True),
                         nn.ReLU(), pool, dense(64 * (side // 4) ** 2, 384, 192, 10))


def alexnet_cifar():
    pool = nn.MaxPool2d(2)
    return nn.Sequential(conv(3, 64, 11, 4, bias=True), nn.ReLU(), pool, conv(64, 192, 5, bias=True),
                         nn.ReLU(), pool, conv(192, 384, 3, bias=True), nn.ReLU(),
                         conv(384, 256, 3, bias=True), nn.ReLU(), conv(256, 256, 3, bias=True),
                         nn.ReLU(), pool, dense(256, 10))


def resnet(n):
    layers, channels = [conv_bn(3, 16)], 16
    for width in (16, 32, 64):
        for _ in range(n):
            stride = 2 if width != channels else 1
            body = nn.Sequential(conv_bn(channels, width, stride=stride), conv(width, width, 3),
                                 nn.BatchNorm2d(width))
            way = None
            if stride == 2:
                way = nn.Sequential(conv(channels, width, 1, 2), nn.BatchNorm2d(width))
            layers.append(Shortcut(body, way, nn.ReLU()))
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), dense(64, 10))


def resnet9():
    def twice(c):
        return Shortcut(nn.Sequential(conv_bn(c, c), conv_bn(c, c)))
    pool = nn.MaxPool2d(2)
    return nn.Sequential(conv_bn(3, 64), conv_bn(64, 128), pool, twice(128), conv_bn(128, 256), pool,
                         conv_bn(256, 512), pool, twice(512), nn.MaxPool2d(4), nn.Flatten(),
                         nn.Linear(512, 10, bias=False))


def airbench():
    def block(before, channels):
        return [conv(before, channels, 3), nn.MaxPool2d(2), nn.BatchNorm2d(channels), nn.GELU(),
                conv(channels, channels, 3), nn.BatchNorm2d(channels), nn.GELU()]
    return nn.Sequential(nn.Conv2d(3, 24, 2), nn.GELU(), *block(24, 64), *block(64, 256),
                         *block(256, 256), nn.MaxPool2d(3), nn.Flatten(),
                         nn.Linear(256, 10, bias=False))


def mobilenet(multiplier, stride, outputs):
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + \
        [(1024, 2), (1024, 1)]
    channels = int(32 * multiplier)
    layers = [conv_bn(3, channels, stride=stride)]
    for width, step in plan:
        width = int(width * multiplier)
        layers += [conv_bn(channels, channels, stride=step, groups=channels),
                   conv_bn(channels, width, 1)]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), dense(channels, outputs))


def dncnn(depth, width):
    layers = [conv(1, width, 3, bias=True), nn.ReLU()]
    layers += [conv_bn(width, width) for _ in range(depth - 2)]
    return Shortcut(nn.Sequential(*layers, conv(width, 1, 3, bias=True)))


def autoencoder(width):
    layers, channels = [], 1
    for _ in range(2):
        layers += [conv(channels, width, 3, bias=True), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    for _ in range(2):
        layers += [nn.Upsample(scale_factor=2), conv(width, width, 3, bias=True), nn.ReLU()]
    return nn.Sequential(*layers, conv(width, 1, 3, bias=True))


def fcn(depth, width, channels, outputs):
    layers = []
    for i in range(depth):
        far = 2 ** min(i, 4)
        layers += [nn.Conv2d(channels if i == 0 else width, width, 3, padding=far, dilation=far, bias=False),
                   nn.BatchNorm2d(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(width, outputs, 1))


def regressor(width, blocks, convolutions, channels, hidden, outputs):
    layers, before = [], channels
    for block in range(blocks):
        layers += [nn.MaxPool2d(2)] * (block > 0)
        filters = width * min(2 ** block, 8)
        for _ in range(convolutions):
            layers.append(conv_bn(before, filters))
            before = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         *dense(*([before, hidden, outputs] if hidden else [before, outputs])))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        def pair(a, b):
            return nn.Sequential(conv(a, b, 3, bias=True), nn.ReLU(), conv(b, b, 3, bias=True),
                                 nn.ReLU())
        widths = [64, 128, 256, 512, 1024]
        self.down = nn.ModuleList(pair(a, b) for a, b in zip([1] + widths, widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in widths[:-1])
        self.meet = nn.ModuleList(pair(2 * w, w) for w in widths[:-1])
        self.last = nn.Conv2d(64, 2, 1)

    def forward(self, x):
        seen = []
        for level, pair in enumerate(self.down):
            x = pair(F.max_pool2d(x, 2) if level else x)
            seen.append(x)
        for level in reversed(range(4)):
            x = self.meet[level](torch.cat([seen[level], self.up[level](x)], 1))
        return self.last(x)


class RedCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(1 if i == 0 else 96, 96, 5) for i in range(5))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(96, 1 if i == 4 else 96, 5) for i in range(5))

    def forward(self, x):
        first = x
        x = F.relu(self.convs[0](x))
        second = x = F.relu(self.convs[1](x))
        x = F.relu(self.convs[2](x))
        fourth = x = F.relu(self.convs[3](x))
        x = F.relu(self.convs[4](x))
        x = F.relu(self.ups[0](x) + fourth)
        x = F.relu(self.ups[1](x))
        x = F.relu(self.ups[2](x) + second)
        x = F.relu(self.ups[3](x))
        return F.relu(self.ups[4](x) + first)


CASES = [  # family and settings, network, input, outputs, published number of parameters
    ("airbench", airbench(), (3, 32, 32), 10, 1972792),
    ("alexnet_small, stride: 4, hidden: 0", alexnet_cifar(), (3, 32, 32), 10, None),
    ("autoencoder", autoencoder(16), (1, 28, 28), 1, None),
    ("cuda_convnet", cuda_convnet(24), (3, 24, 24), 10, 1068298),
    ("cuda_convnet", cuda_convnet(28), (3, 28, 28), 10, 1387786),
    ("dncnn, depth: 17, width: 64", dncnn(17, 64), (1, 40, 40), 1, None),
    ("dncnn, depth: 7, width: 32", dncnn(7, 32), (1, 40, 40), 1, None),
    ("fcn", fcn(5, 16, 1, 3), (1, 48, 40), 3, None),
    ("fcn, depth: 7, width: 32", fcn(7, 32, 3, 2), (3, 32, 32), 2, None),
    ("lenet5", lenet5(), (1, 28, 28), 10, None),
    ("mlp, depth: 1, width: 512", dense(2352, 512, 10), (3, 28, 28), 10, 1209866),
    ("mlp, depth: 3, width: 512", dense(2352, 512, 512, 512, 10), (3, 28, 28), 10, 1735178),
    ("mobilenet", mobilenet(1, 1, 10), (3, 32, 32), 10, None),
    ("mobilenet, stride: 2", mobilenet(1, 2, 1000), (3, 224, 224), 1000, None),
    ("mobilenet, stride: 2, width: 8", mobilenet(.25, 2, 1000), (3, 224, 224), 1000, None),
    ("red_cnn, width: 96", RedCnn(), (1, 64, 64), 1, None),
    ("regressor", regressor(16, 3, 1, 1, 0, 2), (1, 41, 32), 2, None),
    ("regressor, blocks: 5, convolutions: 2, width: 8, hidden: 30", regressor(8, 5, 2, 3, 30, 1), (3, 64, 64), 1, None),
    ("resnet", resnet(3), (3, 32, 32), 10, None),
    ("resnet, blocks: 18", resnet(18), (3, 32, 32), 10, None),
    ("resnet9", resnet9(), (3, 32, 32), 10, None),
    ("unet, depth: 4, width: 64, batchnorm: 0, residual: 0", UNet(), (1, 64, 64), 2, None),
    ("vgg", vgg_small(32), (3, 32, 32), 10, None),
    ("vgg, width: 64", vgg_small(64), (3, 32, 32), 10, None),
    ("vgg, blocks: 5, convolutions: 1, extra: 1, width: 64, hidden: 4096, batchnorm: 0",
     vgg([1, 1, 2, 2, 2], 224, 4096, 4096), (3, 224, 224), 1000, 132863336),
    ("vgg, blocks: 5, width: 64, hidden: 4096, batchnorm: 0",
     vgg([2, 2, 2, 2, 2], 224, 4096, 4096), (3, 224, 224), 1000, 133047848),
    ("vgg, blocks: 5, extra: 1, width: 64, hidden: 4096, batchnorm: 0",
     vgg([2, 2, 3, 3, 3], 224, 4096, 4096), (3, 224, 224), 1000, 138357544),
    ("vgg, blocks: 5, extra: 2, width: 64, hidden: 4096, batchnorm: 0",
     vgg([2, 2, 4, 4, 4], 224, 4096, 4096), (3, 224, 224), 1000, 143667240),
]


def multiply_adds(network, shape):
    total = 0

    def hook(layer, inputs, output):
        nonlocal total
        pixels = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
        pixels = pixels[0, 0].numel() if pixels.dim() == 4 else 1
        total += pixels * layer.weight.numel()

    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            layer.register_forward_hook(hook)
    with torch.no_grad():
        network.eval()(torch.zeros(1, *shape))
    return total


print("/* Written by families.py: family and settings, input, outputs, parameters, multiply-adds. */")
for choice, network, shape, outputs, published in CASES:
    count = sum(p.numel() for p in network.parameters())
    assert published in (None, count), (choice, count, published)
    sizes = ", ".join(str(s) for s in shape)
    print(f'{{"{choice}", {{{sizes}}}, {outputs}, {count}, {multiply_adds(network, shape)}}},')
