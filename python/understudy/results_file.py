"""A results file, with text as str: `understudy.results(NAME)` opens one."""
import difflib
import functools
import json
import operator
import os
from collections.abc import Mapping

import numpy as np

try:
    import h5py
except ImportError as error:
    raise ImportError("understudy.results needs h5py; install python3-h5py, or h5py by pip") from error


class MissingName(KeyError):
    """A name that is not there, with the nearest one that is."""

    def __init__(self, where, name, names):
        super().__init__(f"{where}: there is no {name!r}{did_you_mean(name, names)}")

    def __str__(self):  # a KeyError would quote it
        return self.args[0]


def did_you_mean(name, names):
    """The nearest of the names, as the end of a message; those that end so, where parts are left out in front."""
    names = sorted(names)
    near = [other for other in names if other.endswith("." + name)] or difflib.get_close_matches(name, names, 1)
    return f"; did you mean {' or '.join(map(repr, near[:3]))}?" if near else ""


def _value(item):
    """An array, number or text as it is stored; text as str."""
    return item.asstr()[()] if h5py.check_string_dtype(item.dtype) else item[()]


class Tree(Mapping):
    """What lies below a group of the file, by name: arrays, numbers, texts, and further trees.

    A trial may be given as its number: curves[8] is curves["00008"]. What was measured in seconds lies below
    /timing in the file, and beside the rest here.
    """

    def __init__(self, where, groups):
        self._where, self._groups = where, groups

    def __getitem__(self, name):
        name = name if isinstance(name, str) else f"{operator.index(name):05d}"
        found = [group[name] for group in self._groups if name in group]
        if not found:
            raise MissingName(self._where, name, self)
        if isinstance(found[0], h5py.Group):
            return Tree(f"{self._where}/{name}", found)
        return _value(found[0])

    def __iter__(self):
        return iter(dict.fromkeys(name for group in self._groups for name in group))

    def __len__(self):
        return len(list(iter(self)))

    def __repr__(self):
        return f"<{self._where}: {', '.join(self) or 'nothing'}>"

    @property
    def attributes(self):
        """What describes it: labels of a series, for example."""
        return {name: value.decode() if isinstance(value, bytes) else value
                for group in reversed(self._groups) for name, value in group.attrs.items()}


class Columns(dict):
    """Column -> array, one value a trial."""

    def __init__(self, where, columns):
        super().__init__(columns)
        self._where = where

    def __missing__(self, name):
        raise MissingName(self._where, name, self)


def _find(name, folder):
    """The path of a name as the command line has it: of an experiment, or of a file."""
    name = os.fspath(name)
    path = name if name.endswith(".h5") or os.sep in name else os.path.join(folder, name + ".h5")
    if not os.path.exists(path):
        where, file = os.path.split(path)
        there = os.listdir(where or ".") if os.path.isdir(where or ".") else []
        near = did_you_mean(file[:-3], [other[:-3] for other in there if other.endswith(".h5")])
        raise FileNotFoundError(f"{path}: there is no such results file{near}")
    return path


def _part(name, about):
    return property(lambda self: self._tree(name), doc=about)


class Results:
    """The results of an experiment. Nothing but what is asked for is read. A with-statement closes the file."""

    activations = _part("activations", "activations[trial][layer], where the experiment stores them.")
    curves = _part("curves", "curves[trial]['train.loss']: one value an epoch.")
    examples = _part("examples", "examples[trial]['network']: [image, …], beside 'pipeline' and what went in.")
    figures = _part("figures", "figures[figure][series]: what is drawn.")
    filter = _part("filter", "filter[trial]: kept or not, reason and score of each item.")
    flagged = _part("flagged", "flagged[trial]: images of labels that the filter dropped.")
    guard = _part("guard", "guard: what a guard of two networks comes to.")
    layers = _part("layers", "layers[trial]: parameters, operations and costs, one value a layer.")
    parameters = _part("parameters", "parameters[trial][layer]['weights'].")
    verdict = _part("verdict", "verdict['next']: what to do; the rest is in docs/reading_results.md.")
    weakest = _part("weakest", "weakest[trial]: test images on which the network falls behind most.")

    def __init__(self, name, folder="results", unfinished=False):
        self.path = _find(name, folder)
        self.unfinished = unfinished
        try:
            self.file = h5py.File(self.path, "r")
            self.experiment = self.provenance["experiment"]
            self.file["trials/status"]
        except (OSError, KeyError) as error:
            raise ValueError(f"{self.path}: this is no results file; expected one of `understudy run`") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def __repr__(self):
        return f"<{self.path}: experiment {self.experiment}, {len(self.columns['trial'])} trials>"

    def _tree(self, name):
        inside = (self.file, self.file["timing"]) if "timing" in self.file else (self.file,)
        return Tree(f"{self.path}: /{name}", [group[name] for group in inside if name in group])

    @functools.cached_property
    def columns(self):
        """Column -> array, one value a trial. The column `suspect` has the reason, or nothing, why a trial's
        network can hardly be meant."""
        tree = self._tree("trials")
        order = [name for name in tree.attributes.get("columns", "").split("\n") if name in tree]
        columns = {name: tree[name] for name in dict.fromkeys(order + list(tree))}
        status = columns["status"]
        suspect = np.array([text.partition("suspect: ")[2] for text in status], object)
        finished = (status == "done") | (suspect != "") | self.unfinished
        columns["suspect"] = suspect
        return Columns(f"{self.path}: /trials", {name: values[finished] for name, values in columns.items()})

    @property
    def trials(self):
        """The columns as a table, a row a trial: a DataFrame, or the columns themselves where there is no pandas."""
        try:
            import pandas
        except ImportError:
            return self.columns
        return pandas.DataFrame(dict(self.columns))

    @property
    def kept(self):
        """The trial whose network the file keeps, that `apply` and `export` use."""
        attributes = self._tree("network").attributes
        if "trial" not in attributes:
            raise MissingName(self.path, "/network", ())  # published files have none
        return int(attributes["trial"])

    def graph(self, trial=None):
        """The layers of a network, of the kept one by default, and what it was trained for (docs/taking_it_out.md)."""
        return json.loads(self._tree("network")[self.kept if trial is None else trial]["graph"])

    @property
    def plan(self):
        """The experiment as it ran, with all defaults: YAML."""
        return self._tree("plan")["resolved"]

    @property
    def yaml(self):
        """The experiment file as it was written."""
        return self._tree("plan")["yaml"]

    @property
    def provenance(self):
        """Digest, commit, compiler, libraries, machine."""
        return {**Tree(self.path, [self.file]).attributes, **self._tree("environment")}
