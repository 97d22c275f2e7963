"""The rounds of tests/bench/inference, which says what is measured:

    python3 inference.py PROGRAM SCRATCH PATTERN…
"""
import array, csv, fnmatch, os, shutil, statistics, struct, subprocess, sys, time

PROGRAM, SCRATCH = sys.argv[1:3]
PATTERNS = sys.argv[3:]
REPEATS = int(os.environ.get("REPEATS", "15"))
SECONDS = float(os.environ.get("SECONDS", "0.05"))
LEAST, LONGEST = 2, 3  # repeats at least, and seconds after which there are no more
MOST_RUNS = 2000
CLOCK = 1 if os.environ.get("CLOCK") == "processor" else 0  # of what servers answer
THREADS = (1,) if CLOCK else (1, 2)
AGREE = 1e-5
PAUSE = 0.01  # after a repeat: threads of ONNX Runtime compute for a while when there is nothing to do

PHOTOGRAPH, DIGIT, COLOUR = (1, 321, 481), (1, 28, 28), (3, 32, 32)
# Each: name, setting of `network:`, what it answers and how many of them, input, batches, widths.
NETWORKS = [
    ("dncnn", "family: dncnn", "images", 0, PHOTOGRAPH, [1], [4, 8, 16, 32]),
    ("red_cnn", "family: red_cnn", "images", 0, PHOTOGRAPH, [1], [4, 8, 16]),
    ("unet", "family: unet", "images", 0, (1, 320, 480), [1], [4, 8, 16, 32]),
    ("autoencoder", "family: autoencoder", "images", 0, (1, 320, 480), [1], [4, 8, 16, 32]),
    ("fcn", "family: fcn", "masks", 5, PHOTOGRAPH, [1], [4, 8, 16, 32]),
    ("dncnn28", "family: dncnn", "images", 0, DIGIT, [1, 64], [4, 8, 16, 32, 64]),
    ("red_cnn28", "family: red_cnn", "images", 0, DIGIT, [1, 64], [4, 8, 16, 32]),
    ("unet28", "family: unet", "images", 0, DIGIT, [1, 64], [4, 8, 16, 32]),
    ("autoencoder28", "family: autoencoder", "images", 0, DIGIT, [1, 64], [4, 8, 16, 32]),
    ("resnet9", "family: resnet9", "classes", 10, COLOUR, [1, 64], [4, 8, 16, 32]),
    ("airbench", "family: airbench", "classes", 10, COLOUR, [1, 64], [4, 8, 16, 32]),
    ("vgg", "family: vgg", "classes", 10, COLOUR, [1, 64], [4, 8, 16, 32, 64]),
]
COLUMNS = ["engine_1", "engine_2", "c", "c_float", "onnx_1", "onnx_2"]


class Server:
    """A process that answers each line with one."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self):
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit(f"inference: {self.process.args[:3]} ended")
        return answer

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.line()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def field(number, value):
    """A field of a protocol buffer: a whole number, or bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def write_empty_model(path):
    """y = image, one float."""
    tensor = field(1, 1) + field(2, field(1, field(1, 1)))
    values = [field(1, name) + field(2, field(1, tensor)) for name in (b"image", b"y")]
    node = field(1, b"image") + field(2, b"y") + field(4, b"Identity")
    graph = field(1, node) + field(2, b"empty") + field(11, values[0]) + field(12, values[1])
    with open(path, "wb") as file:
        file.write(field(1, 8) + field(7, graph) + field(8, field(2, 17)))


def floats(path):
    values = array.array("f")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return values


def check(answers):
    """All answers are those of the first, which is the exported C's."""
    first, expected = next(iter(answers.items()))
    largest = max(map(abs, expected))
    for name, got in answers.items():
        apart = max(abs(a - b) for a, b in zip(got, expected)) / largest
        if len(got) != len(expected) or not apart <= AGREE:
            sys.exit(f"inference: {name} and {first} differ by {apart:.1e}")


def runtime():
    folder = os.path.join(os.environ["ONNXRUNTIME"], "node_modules", "onnxruntime-node")
    if shutil.which("node") and os.path.isdir(folder):
        return True
    print("ONNX Runtime is not here (make setup-export): ours alone, without ratios", file=sys.stderr)
    return False


def onnx(model, inputs, dims):
    return Server(["node", os.path.join(os.path.dirname(__file__), "inference.mjs"), model, inputs,
                   ",".join(map(str, dims))])


def compile_c(name):
    """Shared libraries of the exported C, summing in double and in float."""
    made = {}
    for column, extra in (("c", []), ("c_float", ["-DUNDERSTUDY_SUM=float"])):
        made[column] = f"{SCRATCH}/{name}.{column}.so"
        subprocess.run(["gcc", "-std=c99", "-O3", "-march=native", "-ffp-contract=off", *extra, "-shared", "-fPIC", "-o",
                        made[column], f"{SCRATCH}/{name}.c"], check=True)
    return made


def measure(askers):
    """Seconds of a run by each way, REPEATS times, in turns."""
    runs, seconds = {}, {name: [] for name in askers}
    for name, ask in askers.items():
        once = min(float(ask(1).split()[CLOCK]) for _ in range(2))
        runs[name] = max(1, min(MOST_RUNS, int(SECONDS / once)))
    for repeat in range(REPEATS):
        for name, ask in askers.items():
            if repeat >= LEAST and sum(seconds[name]) * runs[name] > LONGEST:
                continue
            seconds[name].append(float(ask(runs[name]).split()[CLOCK]) / runs[name])
            time.sleep(PAUSE)
    return seconds


def overhead():
    """Seconds that a call of ONNX Runtime takes by itself, from here."""
    write_empty_model(f"{SCRATCH}/empty.onnx")
    with open(f"{SCRATCH}/empty.input", "wb") as file:
        file.write(struct.pack("f", 1))
    server = onnx(f"{SCRATCH}/empty.onnx", f"{SCRATCH}/empty.input", [1])
    seconds = [float(server.ask("run", 1, 500).split()[CLOCK]) / 500 for _ in range(5)]
    server.close()
    return min(seconds)


def network(name, setting, content, count, shape, batch, with_onnx, empty):
    ours = Server([PROGRAM, SCRATCH, name, setting, content, str(count), *map(str, shape), str(batch)])
    work = float(ours.line().split()[0]) * batch
    libraries = compile_c(name)
    askers = {column: lambda runs, file=libraries[column]: ours.ask("c", file, runs) for column in libraries}
    askers |= {f"engine_{t}": lambda runs, t=t: ours.ask("engine", t, runs) for t in THREADS}
    theirs = onnx(f"{SCRATCH}/{name}.onnx", f"{SCRATCH}/{name}.input", (batch, *shape)) if with_onnx else None
    if theirs:
        askers |= {f"onnx_{t}": lambda runs, t=t: theirs.ask("run", t, runs) for t in THREADS}
    answers = {}
    for column, ask in askers.items():
        ask(1)
        path = f"{SCRATCH}/{column}.output"
        (theirs if column.startswith("onnx") else ours).ask("write", path)
        answers[column] = floats(path)
    check(answers)
    seconds = measure(askers)
    for server in (ours, theirs):
        if server:
            server.close()
    least = {column: min(values) - (empty if column.startswith("onnx") else 0) for column, values in seconds.items()}
    median = {column: statistics.median(values) for column, values in seconds.items()}
    return work, least, median


def main():
    with_onnx = runtime()
    empty = overhead() if with_onnx else 0
    if with_onnx:
        print(f"a call of ONNX Runtime with an empty model takes {empty * 1e6:.0f} us, which are subtracted", file=sys.stderr)
    rows = csv.writer(open(os.environ["CSV"], "w", newline="")) if "CSV" in os.environ else None
    head = ["network", "batch", "gmac", *(f"{c}_ms" for c in COLUMNS), "engine_ratio", "engine_1_ratio", "c_ratio"]
    if rows:
        rows.writerow(head + [f"{c}_median_ms" for c in COLUMNS])
    print(f"{'network':>20} {'batch':>5} {'gmac':>7} " + " ".join(f"{c + '_ms':>11}" for c in COLUMNS) +
          f" {'ratio':>6} {'1:1':>6} {'c:1':>6}", flush=True)
    for base, setting, content, count, shape, batches, widths in NETWORKS:
        for batch in batches:
            for width in widths:
                name = f"{base}_{width}" + (f"_b{batch}" if len(batches) > 1 else "")
                if not any(fnmatch.fnmatch(name, pattern) for pattern in PATTERNS):
                    continue
                work, least, median = network(name, f"{{{setting}, width: {width}}}", content, count, shape, batch,
                                              with_onnx, empty)
                ratios = ["", "", ""]
                if with_onnx:
                    best, ours = (min(least[f"{way}_{t}"] for t in THREADS) for way in ("onnx", "engine"))
                    ratios = [best / ours, least["onnx_1"] / least["engine_1"],
                              least["onnx_1"] / least["c"]]
                print(f"{name:>20} {batch:>5} {work / 1e9:7.4f} " +
                      " ".join(f"{least[c] * 1e3:11.4f}" if c in least else f"{'':>11}" for c in COLUMNS) +
                      " ".join([""] + [f"{r:6.2f}" if r else f"{'':>6}" for r in ratios]), flush=True)
                if rows:
                    rows.writerow([name, batch, work / 1e9, *(least.get(c, 0) * 1e3 for c in COLUMNS), *ratios,
                                   *(median.get(c, 0) * 1e3 for c in COLUMNS)])


main()
