# The Python module is a package that pip installs, without what the checkout has beside.
. "$ROOT/tests/cli/tiny.sh"
python=/usr/bin/python3
$python -c 'import h5py, setuptools, wheel, pip' 2>/dev/null || { echo 'no h5py, pip, setuptools or wheel for Python' >&2; exit 77; }
tiny
understudy run --no-plots tiny.yaml >/dev/null 2>&1
cp -r "$ROOT/python" package
$python -m pip install -q --no-deps --no-index --no-build-isolation --target installed ./package >pip.log 2>&1 || cat pip.log
PYTHONPATH=installed $python -c '
import understudy
print(understudy.results("tiny").experiment, understudy.__file__.split("/")[-3], callable(understudy.serve))'
