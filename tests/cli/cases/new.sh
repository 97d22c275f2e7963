# A first experiment file from folders of images: it is one that `check` accepts and `run` runs; nothing is
# overwritten; what is wrong is said.
. "$ROOT/tests/cli/tiny.sh"
python3 "$ROOT/examples/recorded.py" mine 16
mkdir mine/by_hand
cp mine/old_output/00[0-7].pgm mine/by_hand
printf '#!/bin/sh\nexec cat\n' >same.sh
chmod +x same.sh
try new first --inputs mine/photos --pipeline ./same.sh
try check --data first.yaml
grep -q 'exec: {command: \["./same.sh"\], persistent: true}' first.yaml || fail "not the stage that was tried"
understudy run --set train.epochs=1 --set 'network.width=[4]' --no-plots first.yaml >said 2>told || { cat told; exit 1; }
grep -c 'agreement with the pipeline: ssim' told
try new second --inputs mine/photos --labels mine/old_output --truth mine/by_hand
try check --data second.yaml
grep -E '^  (manual|test):' second.yaml
try new folders --inputs mine/photos --pipeline "sh -c 'cp {in}/* {out}'"
try check folders.yaml
cp first.yaml kept.yaml
try new first --inputs mine/photos --pipeline ./same.sh
cmp first.yaml kept.yaml
try new third --inputs mine/photos --pipeline 'sh -c "exit 3"' | sed "s,$PWD,.,"
try new third --inputs mine/photos --pipeline "sh -c 'exit 3"
try new third --inputs nowhere --pipeline ./same.sh
try new third --inputs mine/photos
try new a/b --inputs mine/photos --pipeline ./same.sh
mkdir few && cp mine/photos/00[0-3].pgm few
try new third --inputs few --pipeline ./same.sh
[ ! -e third.yaml ] || fail "a file was written in spite of it"
