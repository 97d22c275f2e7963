#!/usr/bin/env python3
"""Losses, optimisers and learning-rate schedules as PyTorch computes them, in double precision.

    python3 tests/golden/training.py            write tests/golden/training.h5
    python3 tests/golden/training.py --check    compute anew, compare with the file

Needs PyTorch and h5py (Debian: python3-torch, python3-h5py); without them, --check says so and
ends well. tests/unit/train/training_golden_test.c reads the file:

    /losses/CASE        attributes loss, settings; y, targets (values, or the classes of pixels; NaN:
                        not known) or classes, value, dy
    /trainings/CASE     attribute train (the section of an experiment); inputs, targets or classes,
                        start, parameters after each of 20 steps of a linear network (weights, bias)
    /schedules/CASE     attributes schedule, settings, epochs; factors of all steps
"""
import math
import sys

try:
    import h5py
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    print(f"nothing is checked: {missing}")
    sys.exit(0 if "--check" in sys.argv else 1)

FILE = "tests/golden/training.h5"
STEPS = 20
TYPES = {"classes": "u1", "value": "f8", "factors": "f8"}  # others are single precision


def random(shape, seed):
    """Values that a float holds exactly: what is read is what was computed with."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(shape, dtype=torch.float64, generator=generator) * 1024).round() / 4096


def ssim(y, t):
    """Wang, Bovik, Sheikh, Simoncelli 2004: one value an image."""
    x = torch.arange(-5, 6, dtype=torch.float64)
    line = torch.exp(-x * x / (2 * 1.5 ** 2))
    line = line / line.sum()
    channels = y.shape[1]
    window = torch.outer(line, line).expand(channels, 1, 11, 11)

    def mean(z):
        return F.conv2d(z, window, groups=channels)

    my, mt = mean(y), mean(t)
    yy, tt, yt = mean(y * y) - my ** 2, mean(t * t) - mt ** 2, mean(y * t) - my * mt
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    index = (2 * my * mt + c1) * (2 * yt + c2) / ((my ** 2 + mt ** 2 + c1) * (yy + tt + c2))
    return index.mean(dim=(1, 2, 3))


def images(loss):
    return lambda y, t: loss(y, t).flatten(1).mean(dim=1).sum()


def charbonnier(epsilon):
    return images(lambda y, t: torch.sqrt((y - t) ** 2 + epsilon ** 2))


def known_values(loss):
    """The mean over an item's targets that are not NaN."""
    def item(y, t):
        known = ~t.isnan()
        return loss(y[known], t[known]).sum() / max(1, known.sum())
    return lambda y, t: sum(item(a, b) for a, b in zip(y, t))


def masks(**settings):
    """The mean over an item's pixels of known class; factors of classes are not divided by."""
    def item(y, t):
        known = int((~t.isnan()).sum())
        classes = t.nan_to_num(nan=-1).long()
        return F.cross_entropy(y[None], classes[None], reduction="none", ignore_index=-1,
                               **settings).sum() / max(1, known)
    return lambda y, t: sum(item(a, b) for a, b in zip(y, t))


def dice(smooth=1.0, weights=None, entropy=0.0):
    def item(y, t):
        known = ~t.isnan()
        if not known.any():
            return y.sum() * 0
        p = y.softmax(0)[:, known]
        one_hot = F.one_hot(t[known].long(), len(y)).double().T
        overlap = (2 * (p * one_hot).sum(1) + smooth) / (p.sum(1) + one_hot.sum(1) + smooth)
        w = torch.ones(len(y), dtype=torch.float64) if weights is None else weights
        loss = 1 - (w * overlap).sum() / w.sum()
        return loss + entropy * F.cross_entropy(y[:, known].T, t[known].long()) if entropy else loss
    return lambda y, t: sum(item(a, b) for a, b in zip(y, t))


def with_unknown(values, seed, share=0.3):
    """Some are not known, and nothing of the last item is."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.where(torch.rand(values.shape, generator=generator) < share,
                         torch.tensor(math.nan, dtype=torch.float64), values)
    values[-1] = math.nan
    return values


IMAGES, SCORES, MASKS = (2, 3, 4, 5), (4, 6), (3, 4, 5, 6)
CLASSES = torch.tensor([5, 0, 3, 3])
PROBABILITIES = random(SCORES, 7).abs()
PIXELS = (random((3, 5, 6), 21).abs() * 97).floor() % 4
SOME_PIXELS = with_unknown(PIXELS, 22)
SOME_VALUES = with_unknown(random((4, 3, 4, 5), 23), 24)
WEIGHTS, FACTORS = "[1, 5, 0.5, 0]", torch.tensor([1, 5, 0.5, 0], dtype=torch.float64)
SIX = torch.tensor([2, 1, 0.25, 3, 1, 0.5], dtype=torch.float64)

LOSSES = {
    "mse": ("mse", "{}", IMAGES, None, images(lambda y, t: (y - t) ** 2)),
    "l1": ("l1", "{}", IMAGES, None, images(lambda y, t: (y - t).abs())),
    "charbonnier": ("charbonnier", "{}", IMAGES, None, charbonnier(1e-3)),
    "charbonnier_wide": ("charbonnier", "{epsilon: 0.1}", IMAGES, None, charbonnier(0.1)),
    "huber": ("huber", "{}", IMAGES, None, images(lambda y, t: F.huber_loss(y, t, reduction="none"))),
    "huber_narrow": ("huber", "{delta: 0.1}", IMAGES, None,
                     images(lambda y, t: F.huber_loss(y, t, reduction="none", delta=0.1))),
    "mse_some": ("mse", "{}", (4, 3, 4, 5), SOME_VALUES, known_values(lambda y, t: (y - t) ** 2)),
    "l1_some": ("l1", "{}", (4, 3, 4, 5), SOME_VALUES, known_values(lambda y, t: (y - t).abs())),
    "charbonnier_some": ("charbonnier", "{epsilon: 0.1}", (4, 3, 4, 5), SOME_VALUES,
                         known_values(lambda y, t: torch.sqrt((y - t) ** 2 + 0.01))),
    "huber_some": ("huber", "{delta: 0.2}", (4, 3, 4, 5), SOME_VALUES,
                   known_values(lambda y, t: F.huber_loss(y, t, reduction="none", delta=0.2))),
    "ssim": ("ssim", "{}", (2, 3, 17, 14), None, lambda y, t: (1 - ssim(y, t)).sum()),
    "ssim_smallest": ("ssim", "{}", (3, 1, 11, 11), None, lambda y, t: (1 - ssim(y, t)).sum()),
    "cross_entropy": ("cross_entropy", "{}", SCORES, CLASSES,
                      lambda y, c: F.cross_entropy(y, c, reduction="sum")),
    "cross_entropy_smoothed": ("cross_entropy", "{smoothing: 0.2}", SCORES, CLASSES,
                               lambda y, c: F.cross_entropy(y, c, reduction="sum", label_smoothing=0.2)),
    "cross_entropy_weighted": (
        "cross_entropy", "{weights: [2, 1, 0.25, 3, 1, 0.5]}", SCORES, CLASSES,
        lambda y, c: F.cross_entropy(y, c, weight=SIX, reduction="sum")),
    "cross_entropy_weighted_smoothed": (
        "cross_entropy", "{smoothing: 0.2, weights: [2, 1, 0.25, 3, 1, 0.5]}", SCORES, CLASSES,
        lambda y, c: F.cross_entropy(y, c, weight=SIX, reduction="sum", label_smoothing=0.2)),
    "cross_entropy_masks": ("cross_entropy", "{}", MASKS, PIXELS, masks()),
    "cross_entropy_masks_some": ("cross_entropy", "{}", MASKS, SOME_PIXELS, masks()),
    "cross_entropy_masks_weighted": (
        "cross_entropy", "{smoothing: 0.1, weights: %s}" % WEIGHTS, MASKS, SOME_PIXELS,
        masks(weight=FACTORS, label_smoothing=0.1)),
    "dice": ("dice", "{}", MASKS, PIXELS, dice()),
    "dice_some": ("dice", "{smooth: 0.1}", MASKS, SOME_PIXELS, dice(0.1)),
    "dice_weighted": ("dice", "{smooth: 2, cross_entropy: 0.7, weights: %s}" % WEIGHTS, MASKS,
                      SOME_PIXELS, dice(2, FACTORS, 0.7)),
    "soft_cross_entropy": ("soft_cross_entropy", "{}", SCORES, None,
                           lambda y, s: F.cross_entropy(y, s.softmax(1), reduction="sum")),
    "soft_cross_entropy_hot": ("soft_cross_entropy", "{temperature: 4}", SCORES, None,
                               lambda y, s: F.cross_entropy(y, (s / 4).softmax(1), reduction="sum")),
    "soft_cross_entropy_probabilities": (
        "soft_cross_entropy", "{scores: probabilities}", SCORES, PROBABILITIES,
        lambda y, s: F.cross_entropy(y, s / s.sum(1, keepdim=True), reduction="sum")),
    "soft_cross_entropy_classes": ("soft_cross_entropy", "{}", SCORES, CLASSES,
                                   lambda y, c: F.cross_entropy(y, F.one_hot(c, 6).double(), reduction="sum")),
}


def loss_case(case):
    name, settings, shape, given, function = LOSSES[case]
    seed = sum(map(ord, case))
    y = (random(shape, seed) * 2).requires_grad_()
    targets = random(shape, seed + 1) if given is None else given
    if name == "ssim":
        with torch.no_grad():  # images, mostly in range, that resemble one another
            targets = 0.5 + targets / 2
            y.copy_(((targets + y / 8) * 4096).round() / 4096)
    value = function(y, targets)
    value.backward()
    pad = (1,) * (4 - len(shape))
    data = {"y": y.detach().reshape(shape + pad), "value": value.detach().reshape(1), "dy": y.grad}
    data["classes" if targets.dtype == torch.int64 else "targets"] = targets
    return {"loss": name, "settings": settings}, data


ADAM = "optimizer: adam, learning_rate: 0.05"
SGD = "optimizer: {sgd: {momentum: %g, nesterov: %s}}, learning_rate: 0.1"


def sgd(momentum=0.0, nesterov=False, decay=0.0):
    return lambda groups: torch.optim.SGD(groups(decay), lr=0.1, momentum=momentum, nesterov=nesterov)


# case: settings, PyTorch's optimiser, limit of the gradient's norm, decay of the average
TRAININGS = {
    "sgd": (SGD % (0, "false"), sgd(), 0, 0),
    "sgd_decay": (SGD % (0, "false") + ", weight_decay: 0.1", sgd(decay=0.1), 0, 0),
    "momentum": (SGD % (0.9, "false") + ", weight_decay: 0.02", sgd(0.9, decay=0.02), 0, 0),
    "nesterov": (SGD % (0.8, "true") + ", weight_decay: 0.02", sgd(0.8, True, 0.02), 0, 0),
    "clipped": (SGD % (0.9, "true") + ", weight_decay: 0.02, clip_norm: 0.25", sgd(0.9, True, 0.02), 0.25, 0),
    "adam": (ADAM, lambda groups: torch.optim.Adam(groups(0), lr=0.05), 0, 0),
    "adam_decay": ("optimizer: {adam: {beta1: 0.8, beta2: 0.99, epsilon: 1.0e-3}}, learning_rate: 0.05, weight_decay: 0.1",
                   lambda groups: torch.optim.Adam(groups(0.1), lr=0.05, betas=(0.8, 0.99), eps=1e-3), 0, 0),
    "adam_clipped": (ADAM + ", clip_norm: 0.1", lambda groups: torch.optim.Adam(groups(0), lr=0.05), 0.1, 0),
    "adamw": ("optimizer: adamw, learning_rate: 0.05, weight_decay: 0.5",
              lambda groups: torch.optim.AdamW(groups(0.5), lr=0.05), 0, 0),
    "adamw_clipped": ("optimizer: {adamw: {beta1: 0.7}}, learning_rate: 0.02, weight_decay: 1, clip_norm: 0.2",
                      lambda groups: torch.optim.AdamW(groups(1.0), lr=0.02, betas=(0.7, 0.999)), 0.2, 0),
    "average": (SGD % (0.9, "false") + ", average: 0.7", sgd(0.9), 0, 0.7),
    "classes": (SGD % (0.9, "false") + ", loss: {cross_entropy: {smoothing: 0.1}}", sgd(0.9), 0, 0),
}


def training_case(case):
    settings, optimizer, limit, average = TRAININGS[case]
    inputs = random((8, 6), 11) * 4
    classes = torch.arange(8) % 3
    targets = random((8, 3), 12) * 4
    weight, bias = random((3, 6), 13).requires_grad_(), random((3,), 14).requires_grad_()
    start = torch.cat([weight.flatten(), bias]).detach()

    def groups(decay):
        return [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0.0}]

    stepper, mean, history = optimizer(groups), start, []
    for step in range(1, STEPS + 1):
        stepper.zero_grad()
        y = F.linear(inputs, weight, bias)
        if case == "classes":
            F.cross_entropy(y, classes, label_smoothing=0.1).backward()
        else:
            F.mse_loss(y, targets).backward()
        if limit:
            torch.nn.utils.clip_grad_norm_([weight, bias], limit)
        stepper.step()
        now = torch.cat([weight.flatten(), bias]).detach()
        decay = min(average, (1 + step) / (10 + step))
        mean = decay * mean + (1 - decay) * now
        history.append(mean if average else now)
    data = {"inputs": inputs, "start": start, "parameters": torch.stack(history)}
    data["classes" if case == "classes" else "targets"] = classes if case == "classes" else targets
    loss = "" if case == "classes" else ", loss: mse"
    return {"train": "{epochs: 20, batch: 8, shard: 3, %s%s}" % (settings, loss)}, data


def factors(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, out = make(optimizer), []
    for _ in range(steps):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return torch.tensor(out, dtype=torch.float64)


def cycle(steps, strategy, warmup, start, final):
    """OneCycleLR; up always evenly, as this project goes."""
    make = lambda how: factors(lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, 1.0, total_steps=steps, pct_start=warmup, anneal_strategy=how, cycle_momentum=False,
        div_factor=1 / start, final_div_factor=start / final), steps - 1)
    peak, up, down = warmup * steps - 1, make("linear"), make(strategy)
    return torch.tensor([(up if s < peak else down)[s] for s in range(steps - 1)] + [final])


def warm_cosine(steps, warmup, final):
    w = warmup * steps
    return torch.tensor([(s + 1) / (w + 1) if s < w else
                         final + (1 - final) * (1 + math.cos(math.pi * (s - w) / (steps - w))) / 2
                         for s in range(steps)], dtype=torch.float64)


S = torch.optim.lr_scheduler
SCHEDULES = {
    "constant": ("constant", "{}", 5, lambda: torch.ones(20, dtype=torch.float64)),
    "cosine": ("cosine", "{}", 4, lambda: factors(lambda o: S.CosineAnnealingLR(o, 40), 40)),
    "cosine_final": ("cosine", "{final: 0.1}", 4,
                     lambda: factors(lambda o: S.CosineAnnealingLR(o, 40, eta_min=0.1), 40)),
    "cosine_warm": ("cosine", "{final: 0.1, warmup: 0.17}", 5, lambda: warm_cosine(50, 0.17, 0.1)),
    "one_cycle": ("one_cycle", "{}", 10, lambda: cycle(50, "cos", 0.3, 0.04, 4e-6)),
    "one_cycle_linear": ("one_cycle", "{down: linear, warmup: 0.23, start: 0.2, final: 0.05}", 4,
                         lambda: cycle(60, "linear", 0.23, 0.2, 0.05)),
    "step_every": ("step", "{every: 3, factor: 0.5}", 10,
                   lambda: factors(lambda o: S.StepLR(o, 15, gamma=0.5), 50)),
    "step_at": ("step", "{at: [0.5, 0.75]}", 6,
                lambda: factors(lambda o: S.MultiStepLR(o, [30, 45], gamma=0.1), 60)),
}


def schedule_case(case):
    name, settings, epochs, function = SCHEDULES[case]
    return {"schedule": name, "settings": settings}, {
        "factors": function(), "epochs": torch.tensor([float(epochs)], dtype=torch.float64)}


def all_cases():
    for group, cases, make in (("losses", LOSSES, loss_case), ("trainings", TRAININGS, training_case),
                               ("schedules", SCHEDULES, schedule_case)):
        for case in cases:
            attributes, data = make(case)
            yield f"{group}/{case}", attributes, {
                name: values.detach().numpy().astype(TYPES.get(name, "f4"))
                for name, values in data.items()}


def write():
    with h5py.File(FILE, "w", libver="latest") as file:
        for path, attributes, data in all_cases():
            group = file.create_group(path)
            for name, text in attributes.items():
                group.attrs[name] = np.bytes_(text)
            for name, values in data.items():
                group.create_dataset(name, data=values, track_times=False)


def check():
    right = wrong = 0
    with h5py.File(FILE, "r") as file:
        for path, attributes, data in all_cases():
            same = path in file and all(
                file[path].attrs.get(name) == np.bytes_(text) for name, text in attributes.items())
            for name, values in data.items():
                stored = file[path][name][()] if same else values
                scale = np.nanmax(np.abs(values)) or 1
                same = same and stored.shape == values.shape and np.allclose(
                    stored, values, rtol=0, atol=1e-6 * scale, equal_nan=True)
            right, wrong = right + same, wrong + (not same)
            if not same:
                print(f"FAILED {path}: PyTorch {torch.__version__} gives something else")
    print(f"{right} passed, {wrong} failed")
    return wrong == 0


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    write()
