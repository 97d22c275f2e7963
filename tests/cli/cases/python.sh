# `understudy.results` in Python: what the table has, the finished trials alone, text as text, networks, curves, the
# verdict; mistakes are told. Also of results that were selected by times, and of those published.
. "$ROOT/tests/cli/tiny.sh"
python=/usr/bin/python3
$python -c 'import h5py, pandas' 2>/dev/null || { echo 'no h5py or pandas for Python (make setup)' >&2; exit 77; }
export PYTHONPATH=$ROOT/python PYTHONDONTWRITEBYTECODE=1
tiny
understudy run --no-plots --set 'about=Über 2 µm' --set 'store.activations.layers=[conv1]' tiny.yaml >out 2>/dev/null
understudy table --timing results/tiny.h5 >table.csv
understudy verdict tiny >verdict
understudy run --no-plots --set 'zip=[{train.learning_rate: [1e-3, 10, 1000], train.optimizer: [adam, adam, sgd]}]' \
  --set network.width=2 --set train.epochs=30 -r odd tiny.yaml >/dev/null 2>odd.err || [ "$?" -eq 1 ] || cat odd.err
understudy run --no-plots --set replicates=2 --set 'select={within: 100, minimise: seconds_per_image}' -r by_times \
  tiny.yaml >/dev/null 2>&1
cat >read.py <<'END'
import glob, os, sys
import numpy as np, pandas
import understudy

with understudy.results("tiny") as tiny:
    print(tiny)
    table = tiny.trials
    csv = pandas.read_csv("table.csv", float_precision="round_trip")
    for name in csv.columns:
        ours = table[name if name in table else name.replace("timing.", "", 1)].replace("", np.nan)
        if ours.dtype == object:  # in the CSV, lines become one
            ours = ours.str.strip().str.replace("\n", "; ")
        assert (ours.isna() == csv[name].isna()).all() and ((ours == csv[name]) | ours.isna()).all(), name
    assert list(table["suspect"]) == ["", ""]
    assert tiny.provenance["content_sha256"] in open("out").read()
    print(tiny.provenance["about"], type(tiny.provenance["cpu"]).__name__, tiny.experiment)
    print(tiny.plan.splitlines()[0], "|", tiny.yaml.splitlines()[0])
    lines = open("verdict").read()
    assert tiny.verdict["next"] in lines and all(line in lines for line in tiny.verdict["about"].splitlines())
    print(*tiny.verdict["machines"], *tiny.verdict["machines"]["tpu_v1"])
    graph = tiny.graph()
    for layer in graph["layers"]:
        for name, shape in layer["parameters"].items():
            assert tiny.parameters[tiny.kept][layer["name"]][name].size == np.prod(shape)
    assert tiny.kept == tiny.verdict["trial"] and tiny.graph(tiny.kept) == graph
    curves = tiny.curves[np.int64(1)]
    print(*curves, curves["train.loss"].shape, curves["train.loss"].dtype, "00001" in tiny.curves, len(tiny.curves))
    print(*tiny.activations[0], "|", *tiny.examples[0], tiny.examples[0]["network"].dtype)
    print(*tiny.layers[0]["name"], "|", *tiny.figures, tiny.figures["curves"].attributes["x_label"])
    print(len(tiny.filter), len(tiny.guard), len(tiny.flagged), tiny.weakest[0]["image"].dtype.kind)
    columns = tiny.columns

odd = understudy.results("odd/tiny.h5")
print(list(odd.columns["trial"]), [bool(reason) for reason in odd.columns["suspect"]])
everything = understudy.results("tiny", folder="odd", unfinished=True).trials
print([status.split(":")[0] for status in everything["status"]], np.isnan(everything["network.test.ssim"][2]))

by_times = understudy.results("tiny", folder="by_times")
print(by_times.kept == by_times.verdict["trial"], len(by_times.graph()["layers"]), len(by_times.parameters))

published = sorted(glob.glob(os.environ["ROOT"] + "/results/published/*.h5"))
for path in published:
    with understudy.results(path) as results:
        assert len(results.trials) == len(results.columns["trial"]) > 0, path
        assert not any(isinstance(value, bytes) for values in results.columns.values() for value in values[:1]), path
        assert results.plan.startswith("experiment: " + results.experiment), path
assert len(published) > 20

sys.modules["pandas"] = None  # as where it is not installed
assert odd.trials is odd.columns


def fails(function):
    try:
        function()
    except (KeyError, OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


open("text.h5", "w").write("no HDF5")
fails(lambda: columns["network.tets.ssim"])
fails(lambda: columns["test.psnr"])
fails(lambda: odd.curves[0]["nothing like it"])
fails(lambda: odd.curves[12345])
fails(lambda: understudy.results("tiney"))
fails(lambda: understudy.results("nowhere/x.h5"))
fails(lambda: understudy.results("text.h5"))
fails(lambda: understudy.results(published[0]).graph())
END
$python read.py | sed "s,$ROOT/,,"

# Stages need neither h5py nor pandas; results say what is missing.
cat >without.py <<'END'
import sys
sys.modules["h5py"] = None
import understudy
print(callable(understudy.serve), "understudy.results_file" in sys.modules)
try:
    understudy.results("tiny")
except ImportError as error:
    print(error)
END
$python without.py
