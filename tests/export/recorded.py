#!/usr/bin/python3
"""Where ONNX Runtime is not installed: models are those that it has answered, and it gave what Understudy gives.

    recorded.py FOLDER

FOLDER is what tests/export/models has written. recorded.tsv holds, for each model and its first input, a digest of
both and three of ONNX Runtime's values. After a change to what is exported, where ONNX Runtime is installed:

    tests/export/run --record
"""
import hashlib, math, os, struct, sys

folder = sys.argv[1]
place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded.tsv")


def read(name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def look(name, recorded, input, output, step, steps):
    """What is wrong, or nothing."""
    if recorded is None:
        return "ONNX Runtime has not answered it: run tests/export/run --record where it is installed"
    if hashlib.sha256(read(name + ".onnx") + read(input)).hexdigest()[:16] != recorded[0]:
        return "not the model that ONNX Runtime has answered: run tests/export/run --record where it is installed"
    values = struct.unpack("<%df" % (len(read(output)) // 4), read(output))
    last = len(values) - 1
    most = (steps + 0.01) * step if step else 1e-5 * max(map(abs, values))
    for at, theirs in zip((0, last // 2, last), map(float, recorded[1:])):
        if not math.isclose(values[at], theirs, rel_tol=1e-6, abs_tol=most):
            return "value %d is %.8g, ONNX Runtime gave %.8g" % (at, values[at], theirs)
    return None


with open(place) as file:
    answered = {line.split("\t")[0]: line.rstrip("\n").split("\t")[1:] for line in file}
with open(os.path.join(folder, "cases.tsv")) as file:
    cases = [line.rstrip("\n").split("\t") for line in file]
first = {}
for case in cases:
    first.setdefault(case[0], case)
passed = failed = 0
for name, case in first.items():
    wrong = look(name, answered.pop(name, None), case[3], case[5], float(case[7]), float(case[8]))
    if wrong:
        print("FAILED %s: %s" % (name, wrong))
    failed += bool(wrong)
    passed += not wrong
for name in answered:
    print("FAILED %s: recorded, but no longer written" % name)
    failed += 1
print("%d passed, %d failed" % (passed, failed))
sys.exit(1 if failed or not passed else 0)
