"""Your pipeline as a stage of Understudy, and its results in Python.

A stage, in a file clean.py beside the experiment file (needs NumPy alone):

    import cv2, understudy

    def clean(image):                       # float32 [channel, height, width], black 0, white 1
        ...
        return cleaned

    understudy.serve(clean)

and in the experiment file:

    pipeline:
      stages:
        - exec: {command: [python3, clean.py], persistent: true}

Results (need h5py, too; with pandas, trials are a DataFrame):

    import understudy
    quickstart = understudy.results("quickstart")       # or a path
    quickstart.trials.groupby("network.width")["network.test.ssim"].mean()
    print(quickstart.verdict["next"])
"""
from .serving import serve, serve_batches

__all__ = ["serve", "serve_batches", "results"]


def results(name, folder="results", unfinished=False):
    """Open the results of an experiment, FOLDER/NAME.h5, or a results file by its path.

    Columns have the trials that finished, with `unfinished` all trials.
    """
    from .results_file import Results  # stages need no h5py, and start in less time without it

    return Results(name, folder, unfinished)
