#!/usr/bin/env python3
"""Whole networks as PyTorch computes them, in double precision: one step, and trainings of 20 steps.

    python3 tests/golden/networks.py            write tests/golden/networks.h5
    python3 tests/golden/networks.py --check    compute anew from what goes in, compare with the file

Needs PyTorch and h5py (Debian: python3-torch, python3-h5py); without them, --check says so and ends
well. tests/unit/networks/networks_golden_test.c reads the file. A network is a text, a node a line: its name, its
layer, the nodes that it reads, its settings.

    /steps/CASE         attribute nodes; x, parameters (of all nodes, flat), running (statistics), dy;
                        y, dx (where the first node is `hold`), gradients, statistics (of the batch) in
                        training, inferred in inference
    /trainings/CASE     attributes nodes, nesterov, adam (sections of an experiment); inputs, targets or
                        classes in the order in which 20 steps take them, start; for each optimiser
                        OPTIMISER_parameters and OPTIMISER_statistics (running) after the last step
"""
import sys

try:
    import h5py
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    print(f"nothing is checked: {missing}")
    sys.exit(0 if "--check" in sys.argv else 1)

FILE = "tests/golden/networks.h5"
STEPS = 20
HOLD = "hold dropout input rate=0\n"  # plain values, as they are: what comes back to it is dx

STEP_CASES = {
    "relus": (4, (2, 3, 6, 5), HOLD + """
        conv1 conv hold filters=20 kernel=3
        relu1 relu conv1
        conv2 conv relu1 filters=16 kernel=3 bias=false
        norm1 batchnorm conv2
        relu2 relu norm1
        up1 transposed_conv relu2 filters=20 kernel=2 stride=2
        relu3 relu up1
        down1 conv relu3 filters=16 kernel=2 stride=2 padding=valid
        add1 add down1,relu2
        relu4 relu add1
        pool1 global_avgpool relu4
        dense1 dense pool1 outputs=20
        relu5 relu dense1
        dense2 dense relu5 outputs=3"""),
    "relu_last": (2, (2, 6, 4, 4), HOLD + """
        conv1 conv hold filters=6 kernel=1
        relu1 relu conv1
        norm1 batchnorm relu1 epsilon=0.01
        relu2 relu norm1"""),
    "readers": (3, (2, 3, 5, 4), HOLD + """
        conv1 conv hold filters=16 kernel=3
        soft1 softmax conv1
        conv2 conv conv1 filters=16 kernel=1
        gelu1 gelu conv1
        twice add conv1,conv1
        soft2 softmax conv1
        add1 add soft1,conv2
        add2 add gelu1,twice
        add3 add add2,soft2
        relu1 relu add1
        silu1 silu add1
        both add relu1,silu1
        add4 add both,add3
        norm1 batchnorm add4
        relu2 relu norm1
        join concat relu2,conv1
        conv3 conv join filters=3 kernel=1"""),
    "unread": (5, (2, 3, 5, 4), HOLD + """
        conv1 conv hold filters=16 kernel=3
        dead1 conv conv1 filters=6 kernel=1
        dead2 softmax conv1
        dead3 relu dead1
        norm1 batchnorm conv1
        dead4 sigmoid norm1
        conv2 conv norm1 filters=3 kernel=1
        dead5 relu conv2
        dead6 add conv2,conv2
        gelu1 gelu conv2"""),
    "own_between": (6, (2, 3, 4, 5), HOLD + """
        conv1 conv hold filters=20 kernel=3
        drop1 dropout conv1 rate=0
        conv2 conv drop1 filters=16 kernel=1
        soft1 softmax conv2
        pool1 maxpool soft1
        norm1 batchnorm pool1
        soft2 softmax norm1
        deep1 depthwise soft2 kernel=3
        leak1 leaky_relu deep1
        scale1 scale leak1 factor=3
        up1 upsample scale1
        flat1 flatten up1
        dense1 dense flat1 outputs=6
        relu1 relu dense1
        soft3 softmax relu1"""),
    "layouts": (7, (2, 6, 6, 5), HOLD + """
        conv1 conv hold filters=16 kernel=1
        few1 conv hold filters=3 kernel=1
        sigmoid1 sigmoid few1
        join1 concat conv1,sigmoid1
        join2 concat few1,conv1
        join3 concat conv1,hold
        plain1 dropout join1 rate=0
        add1 add plain1,join2
        add2 add join1,plain1
        pool1 maxpool add1 size=3 stride=2 padding=1
        up1 upsample pool1
        pool2 avgpool up1 size=2 stride=1
        conv2 conv add2 filters=6 kernel=3 stride=2
        conv3 conv pool2 filters=6 kernel=2 stride=2 padding=valid
        conv4 conv join3 filters=6 kernel=3 stride=2
        few2 conv conv4 filters=6 kernel=1
        sum1 add conv2,conv4
        pick1 maxpool conv3 size=2 stride=1 padding=1
        norm1 batchnorm sum1
        sum2 add norm1,few2
        relu1 relu sum2
        sigmoid2 sigmoid pick1
        pool3 global_avgpool sigmoid2
        pool4 global_avgpool relu1
        join4 concat pool3,pool4
        dense1 dense join4 outputs=4"""),
    "at_once": (8, (2, 6, 4, 4), """
        conv1 conv input filters=16 kernel=3
        norm1 batchnorm input
        pool1 maxpool input size=3 stride=1 padding=1
        pool2 avgpool input size=3 stride=1 padding=1
        gelu1 gelu input
        relu1 relu input
        deep1 depthwise input kernel=3
        twice add input,input
        join1 concat input,input
        up1 upsample input
        down1 avgpool up1
        back1 transposed_conv input filters=6 kernel=3 padding=1
        sum1 add norm1,pool1
        sum2 add pool2,gelu1
        sum3 add relu1,deep1
        sum4 add twice,down1
        sum5 add sum1,sum2
        sum6 add sum3,sum4
        sum7 add sum5,sum6
        sum8 add sum7,back1
        join2 concat conv1,sum8
        join3 concat join2,join1
        conv2 conv join3 filters=6 kernel=1
        last add conv2,input"""),
    "image": (9, (2, 3, 6, 7), """
        conv1 conv input filters=20 kernel=3
        relu1 relu conv1
        conv2 conv relu1 filters=3 kernel=3
        last add conv2,input"""),
    "dense_at_once": (10, (3, 20, 1, 1), """
        dense1 dense input outputs=16
        relu1 relu dense1
        dense2 dense relu1 outputs=3 bias=false"""),
}

RESNET = """
    conv1 conv input filters=6 kernel=3 bias=false
    norm1 batchnorm conv1
    relu1 relu norm1
    conv2 conv relu1 filters=6 kernel=3 bias=false
    norm2 batchnorm conv2
    relu2 relu norm2
    conv3 conv relu2 filters=6 kernel=3 bias=false
    norm3 batchnorm conv3
    add1 add norm3,relu1
    relu3 relu add1
    conv4 conv relu3 filters=18 kernel=3 stride=2 bias=false
    norm4 batchnorm conv4
    relu4 relu norm4
    conv5 conv relu4 filters=18 kernel=3 bias=false
    norm5 batchnorm conv5
    way conv relu3 filters=18 kernel=1 stride=2 bias=false
    norm6 batchnorm way
    add2 add norm5,norm6
    relu5 relu add2
    pool global_avgpool relu5
    scores dense pool outputs=5"""
UNET = """
    conv1 conv input filters=16 kernel=3
    relu1 relu conv1
    pool1 maxpool relu1
    conv2 conv pool1 filters=20 kernel=3
    relu2 relu conv2
    pool2 maxpool relu2
    conv3 conv pool2 filters=20 kernel=3
    relu3 relu conv3
    up1 transposed_conv relu3 filters=6 kernel=2 stride=2
    join1 concat relu2,up1
    conv4 conv join1 filters=6 kernel=3
    relu4 relu conv4
    up2 upsample relu4
    join2 concat relu1,up2
    conv5 conv join2 filters=1 kernel=3
    last add conv5,input"""
LENET = """
    conv1 conv input filters=6 kernel=5
    relu1 relu conv1
    pool1 maxpool relu1
    conv2 conv pool1 filters=16 kernel=3 padding=valid
    relu2 relu conv2
    pool2 maxpool relu2
    flat flatten pool2
    dense1 dense flat outputs=20
    relu3 relu dense1
    dense2 dense relu3 outputs=10"""
TRAIN = "{epochs: 1, batch: %d, shard: %d, loss: %s, %s}"
NESTEROV = "optimizer: {sgd: {momentum: 0.9, nesterov: true}}, learning_rate: 0.01, weight_decay: 5.0e-4"
ADAM = "optimizer: adam, learning_rate: 1.0e-3"
TRAINING_CASES = {  # seed, batch, image, classes (0: images), nodes
    "lenet": (21, 8, (1, 12, 12), 10, LENET),
    "resnet": (22, 6, (3, 8, 8), 5, RESNET),
    "unet": (23, 4, (1, 12, 8), 0, UNET),
}


def random(shape, generator, scale=1.0):
    """Values that a float holds exactly: what is read is what was computed with."""
    return (torch.randn(shape, dtype=torch.float64, generator=generator) * scale * 256).round() / 256


class Network:
    """Parsed nodes; parameters and statistics are lists of tensors, in the nodes' order."""

    def __init__(self, text):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        self.text, self.nodes = "\n".join(lines), []
        for line in lines:
            name, layer, inputs, *settings = line.split()
            self.nodes.append((name, layer, inputs.split(","), dict(s.split("=") for s in settings)))

    def shapes(self, x):
        """Shapes of all parameters, and channels of all batch normalisations."""
        parameters, norms = [], []

        def note(shape, count):
            parameters.append(shape)
            return torch.zeros(shape, dtype=torch.float64)

        def norm(channels):
            norms.append(channels)
            return torch.zeros(channels, dtype=torch.float64), torch.ones(channels, dtype=torch.float64)

        self.run(x, note, norm, True)
        return parameters, norms

    def run(self, x, parameter, statistic, training, momentum=0.1):
        values = {"input": x}
        for name, layer, inputs, s in self.nodes:
            values[name] = self.layer(layer, [values[i] for i in inputs], s, parameter, statistic, training, momentum)
        return values

    @staticmethod
    def layer(layer, inputs, s, parameter, statistic, training, momentum):
        x, number = inputs[0], lambda name, default: int(s.get(name, default))
        c = x.shape[1]
        k, stride, groups, d = number("kernel", 3), number("stride", 1), number("groups", 1), number("dilation", 1)
        if layer in ("conv", "depthwise"):
            groups = c if layer == "depthwise" else groups
            filters = number("filters", c)
            padding = 0 if s.get("padding") == "valid" else d * (k - 1) // 2
            w = parameter((filters, c // groups, k, k), 0)
            b = parameter((filters,), 1) if s.get("bias") != "false" else None
            return F.conv2d(x, w, b, stride, padding, d, groups)
        if layer == "transposed_conv":
            w = parameter((c, number("filters", 1), k, k), 0)
            return F.conv_transpose2d(x, w, parameter((w.shape[1],), 1), stride, number("padding", 0))
        if layer == "dense":
            w = parameter((number("outputs", 1), x.flatten(1).shape[1]), 0)
            b = parameter((w.shape[0],), 1) if s.get("bias") != "false" else None
            return F.linear(x.flatten(1), w, b)[:, :, None, None]
        if layer == "batchnorm":
            w, b, (mean, variance) = parameter((c,), 2), parameter((c,), 1), statistic(c)
            return F.batch_norm(x, mean, variance, w, b, training, momentum, float(s.get("epsilon", 1e-5)))
        if layer in ("maxpool", "avgpool"):
            size = number("size", 2)
            window = size, number("stride", size), number("padding", 0)
            return F.max_pool2d(x, *window) if layer == "maxpool" else F.avg_pool2d(x, *window, count_include_pad=False)
        if layer == "upsample":
            return F.interpolate(x, scale_factor=number("factor", 2), mode="nearest")
        return {"add": lambda: x + inputs[-1], "concat": lambda: torch.cat(inputs, 1), "dropout": lambda: x,
                "flatten": lambda: x.flatten(1)[:, :, None, None], "gelu": lambda: F.gelu(x),
                "global_avgpool": lambda: F.adaptive_avg_pool2d(x, 1), "leaky_relu": lambda: F.leaky_relu(x),
                "relu": lambda: F.relu(x), "scale": lambda: float(s["factor"]) * x, "sigmoid": lambda: torch.sigmoid(x),
                "silu": lambda: F.silu(x), "softmax": lambda: F.softmax(x, 1)}[layer]()


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors]) if tensors else torch.zeros(0, dtype=torch.float64)


def initial(shapes, generator):
    """He's normal weights, small biases, scales about 1."""
    weights = []
    for shape in shapes:
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 0
        weights.append(random(shape, generator, (2 / fan_in) ** 0.5 if fan_in else 0.25))
    return weights


def step_case(case, given=None):
    seed, shape, text = STEP_CASES[case]
    generator = torch.Generator().manual_seed(seed)
    network = Network(text)
    x = random(shape, generator) if given is None else given["x"]
    shapes, norms = network.shapes(x)
    parameters = initial(shapes, generator)
    running = [(random((c,), generator), random((c,), generator).abs() + 0.5) for c in norms]
    if given is not None:
        parameters = cut(given["parameters"], shapes)
    if given is not None and norms:
        running = [(m[:c], m[c:]) for m, c in zip(cut(given["running"], [(2 * c,) for c in norms]), norms)]
    x.requires_grad_()
    for p in parameters:
        p.requires_grad_()
    batch = [(torch.zeros(c, dtype=torch.float64), torch.zeros(c, dtype=torch.float64)) for c in norms]
    last = network.nodes[-1][0]
    with torch.no_grad():
        left, means = iter(parameters), iter(running)
        inferred = network.run(x, lambda *_: next(left), lambda _: next(means), False)[last]
    left, means = iter(parameters), iter(batch)
    y = network.run(x, lambda *_: next(left), lambda _: next(means), True, 1.0)[last]
    dy = random(y.shape, generator) if given is None else given["dy"]
    y.backward(dy)
    arrays = {"x": x, "parameters": flat(parameters), "dy": dy, "y": y, "inferred": inferred,
              "gradients": flat([torch.zeros_like(p) if p.grad is None else p.grad for p in parameters])}
    if norms:
        arrays |= {"running": flat([flat(r) for r in running]), "statistics": flat([flat(b) for b in batch])}
    if network.nodes[0][0] == "hold":
        arrays["dx"] = x.grad
    return {"nodes": network.text}, arrays


def cut(values, shapes):
    """The parts of a flat array."""
    return [part.reshape(shape).clone() for part, shape in
            zip(values.split([int(np.prod(shape)) for shape in shapes]), shapes)]


def train(network, start, norms, inputs, targets, batch, optimizer):
    parameters = [p.clone().requires_grad_() for p in start]
    running = [(torch.zeros(c, dtype=torch.float64), torch.ones(c, dtype=torch.float64)) for c in norms]
    groups = [{"params": [p], "weight_decay": 5e-4 if p.dim() > 1 and optimizer == "nesterov" else 0.0}
              for p in parameters]
    stepper = (torch.optim.Adam(groups, lr=1e-3) if optimizer == "adam" else
               torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True))
    for step in range(STEPS):
        now = slice(step * batch, (step + 1) * batch)
        left, means = iter(parameters), iter(running)
        y = network.run(inputs[now], lambda *_: next(left), lambda _: next(means), True)[network.nodes[-1][0]]
        loss = (F.cross_entropy(y.flatten(1), targets[now]) if targets.dtype == torch.int64 else
                F.mse_loss(y, targets[now]))
        stepper.zero_grad()
        loss.backward()
        stepper.step()
    return flat([p.detach() for p in parameters]), flat([flat(r) for r in running])


def training_case(case, given=None):
    seed, batch, image, classes, text = TRAINING_CASES[case]
    generator = torch.Generator().manual_seed(seed)
    network = Network(text)
    inputs = random((STEPS * batch, *image), generator, 0.5)
    targets = torch.arange(STEPS * batch) * 7 % classes if classes else F.avg_pool2d(inputs, 3, 1, 1)
    targets = targets if classes else (targets * 256).round() / 256
    shapes, norms = network.shapes(inputs)
    start = initial(shapes, generator)
    if given is not None:
        inputs, start = given["inputs"], cut(given["start"], shapes)
        targets = given["classes"].long() if classes else given["targets"]
    arrays = {"inputs": inputs, "start": flat(start), "classes" if classes else "targets": targets}
    attributes = {"nodes": network.text}
    for optimizer, settings in (("nesterov", NESTEROV), ("adam", ADAM)):
        attributes[optimizer] = TRAIN % (batch, batch, "cross_entropy" if classes else "mse", settings)
        end, running = train(network, start, norms, inputs, targets, batch, optimizer)
        arrays[optimizer + "_parameters"] = end
        if norms:
            arrays[optimizer + "_statistics"] = running
    return attributes, arrays


def all_cases():
    for group, cases, make in (("steps", STEP_CASES, step_case), ("trainings", TRAINING_CASES, training_case)):
        for case in cases:
            yield f"{group}/{case}", case, make


def stored(name, values):
    return values.detach().numpy().astype("u1" if name == "classes" else "f4")


def write():
    with h5py.File(FILE, "w", libver="latest") as file:
        for path, case, make in all_cases():
            attributes, arrays = make(case)
            group = file.create_group(path)
            for name, text in attributes.items():
                group.attrs[name] = np.bytes_(text)
            for name, values in arrays.items():
                data = stored(name, values)
                more = {"chunks": data.shape, "compression": 9, "shuffle": True} if data.size > 512 else {}
                group.create_dataset(name, data=data, track_times=False, **more)


def check():
    right = wrong = 0
    with h5py.File(FILE, "r") as file:
        for path, case, make in all_cases():
            same = path in file
            if same:
                given = {name: torch.from_numpy(data[()].astype("f8")) for name, data in file[path].items()}
                attributes, arrays = make(case, given)
                same = set(arrays) == set(given) and all(
                    file[path].attrs.get(name) == np.bytes_(text) for name, text in attributes.items())
            for name in arrays if same else ():
                data, known = stored(name, arrays[name]), file[path][name][()]
                same = same and data.shape == known.shape and (
                    np.abs(data - known).max() <= 1e-6 * max(1e-6, np.abs(data).max()))
            right, wrong = right + same, wrong + (not same)
            if not same:
                print(f"FAILED {path}: PyTorch {torch.__version__} gives something else")
    print(f"{right} passed, {wrong} failed")
    return wrong == 0


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    write()
