# `make install`: the program works outside of its checkout, with families, machines, figures, the header for
# plugins and the module for Python.
. "$ROOT/tests/cli/tiny.sh"
tiny
"$ROOT/tools/install" "$(command -v understudy)" "$PWD/a prefix" | sed "s,$PWD,.,g"
PATH=$PWD/a\ prefix/bin:/usr/bin:/bin
hash -r
find "a prefix" -name '*.png' -o -name __pycache__ | head -n 3
try describe family dncnn | head -n 1
try describe hardware | grep -c tpu_v1
try run tiny.yaml | tail -n 1
ls plots/tiny/*.png | wc -l
cp "$ROOT/examples/plugin/rank.c" .
gcc -shared -fPIC -O2 -I"a prefix/include" -o rank.so rank.c
printf '#!/usr/bin/python3\nimport understudy\nunderstudy.serve(lambda image: image)\n' >same.py
chmod +x same.py
sed 's|^pipeline:.*|pipeline: {stages: [exec: {command: [./same.py]}, plugin: {library: rank.so, symbol: rank_stage, settings: "radius=1 rank=0.5"}]}|; s/experiment: tiny/experiment: own/' tiny.yaml >own.yaml
try check own.yaml
try run --no-plots own.yaml | tail -n 1
PYTHONPATH="$PWD/a prefix/share/understudy/python" /usr/bin/python3 -c '
import understudy
print(list(understudy.results("results/own.h5").columns["status"]))'
