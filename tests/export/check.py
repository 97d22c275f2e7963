#!/usr/bin/python3
"""ONNX's own checker takes every model, with the shapes that it infers; head and axes are as promised.

    check.py FOLDER

FOLDER is what tests/export/models has written.
"""
import os, sys
import onnx

folder = sys.argv[1]
passed = failed = 0


def axes(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


def look(model, output, size):
    """What is wrong, or nothing."""
    onnx.checker.check_model(model, full_check=True)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    image, answer = model.graph.input[0], model.graph.output[0]
    names = [t.name for t in model.graph.initializer] + [o for n in model.graph.node for o in n.output]
    if (model.ir_version, model.opset_import[0].version, model.producer_name) != (8, 17, "understudy"):
        return "another head"
    if not {"input", "output", "sides_multiple_of", "experiment"} <= set(facts):
        return "facts are missing: %s" % sorted(facts)
    if len(model.graph.input) != 1 or image.name != "image" or answer.name != output:
        return "reads %s, gives %s" % (image.name, answer.name)
    if axes(image)[0] != "batch" or axes(answer)[0] != "batch":
        return "the batch has a size"
    if (axes(image)[2:] == ["height", "width"]) != (size == "any"):
        return "images of %s sizes are expected, not %s" % (size, axes(image))
    if len(set(names)) != len(names):
        return "two values have one name"
    return None


with open(os.path.join(folder, "cases.tsv")) as file:
    cases = dict.fromkeys(tuple(line.split("\t")[:3]) for line in file)
for name, output, size in cases:
    try:
        wrong = look(onnx.load(os.path.join(folder, name + ".onnx")), output, size)
    except Exception as error:
        wrong = str(error)
    if wrong:
        print("FAILED %s: %s" % (name, wrong))
        failed += 1
    else:
        passed += 1
print("%d passed, %d failed" % (passed, failed))
sys.exit(1 if failed or not passed else 0)
