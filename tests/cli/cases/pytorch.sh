# examples/pytorch.py rebuilds networks from what the results file says: PyTorch gives what apply gives.
. "$ROOT/tests/cli/tiny.sh"
python=/usr/bin/python3
$python -c 'import h5py, torch' 2>/dev/null || { echo 'no h5py or torch for Python' >&2; exit 77; }
$python - <<'END'
import numpy as np
image = (np.indices((32, 32)).sum(0) * 37 % 256).astype(np.uint8)
open("image.pgm", "wb").write(b"P5\n32 32\n255\n" + image.tobytes())
np.save("image.npy", (image[None] / 255).astype(np.float32))
END
tiny
cat >classify.yaml <<'END'
experiment: classify
task: classify
dataset: {name: digits, manual: 20, unlabelled: 16, validation: 4, test: 8}
pipeline: {stages: [hog: {cell_size: 7}, linear_svm: {}]}
network: {family: resnet9, width: 2}
train: {epochs: 1, batch: 8, shard: 4}
END
rebuilt() { # rebuilt NAME FAMILY
  understudy run --no-plots --no-timing "$1.yaml" --set "network={family: $2, width: 4}" >log 2>&1 || fail "$(cat log)"
  PYTHONPATH=$ROOT/python $python "$ROOT/examples/pytorch.py" "results/$1.h5" image.npy theirs.npy >layers
  grep -q ' = conv of input ' layers || fail "$(cat layers)"
}
images() { # the same values
  understudy apply results/tiny.h5 -w network --format npy image.pgm ours.npy 2>log || fail "$(cat log)"
  $python -c 'import numpy as np; a, b = np.load("ours.npy"), np.load("theirs.npy"); assert a.shape == b.shape
assert abs(a - b).max() < 1e-5 and abs(a).max() > 0, abs(a - b).max()'
}
classes() { # the same class and score
  understudy apply results/classify.h5 -w network small.pgm ours.csv 2>log || fail "$(cat log)"
  $python -c 'import numpy as np; b = np.load("theirs.npy").ravel(); row = open("ours.csv").read().split("\n")[1].split(",")
assert int(row[1]) == b.argmax() and abs(float(row[2]) - b.max()) < 1e-4 * max(1, abs(b).max()), (row, b)'
}
sed -i '/^grid/,/^  network.width/d' tiny.yaml
for family in unet red_cnn; do
  rebuilt tiny $family
  images
done
$python -c 'import numpy as np; image = np.load("image.npy")[:, :28, :28]; np.save("image.npy", image)
open("small.pgm", "wb").write(b"P5\n28 28\n255\n" + (image * 255).round().astype(np.uint8).tobytes())'
for family in airbench mobilenet; do
  rebuilt classify $family
  classes
done
