# Results of a program of one's own, and of images beside the experiment file: the network runs on new images, leaves,
# and is verified from where the file is, though the results are in another folder.
. "$ROOT/tests/cli/tiny.sh"
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null || { echo 'no numpy for Python (make setup)' >&2; exit 77; }
printf 'import understudy\nunderstudy.serve(lambda image: image / 2)\n' >half.py
$python "$ROOT/examples/recorded.py" made 12
try new mine --inputs made/photos --pipeline "$python half.py"
try run --no-plots --set train.epochs=1 --set network.width=2 --set replicates=1 mine.yaml | tail -n 1
for what in network pipeline hybrid; do
  try apply --what "$what" results/mine.h5 made/photos "$what" 2>&1 | sed 's/; .*//'
  ls "$what" | wc -l
done
cmp network/003.pgm hybrid/003.pgm
try export results/mine.h5 --onnx mine.onnx >/dev/null
[ -s mine.onnx ] || fail 'no model'
understudy verify --sample 1 mine 2>/dev/null | tail -n 1
