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
# Classes by sub-folder, in one folder or in train and test; masks.
python3 "$ROOT/examples/classes/draw.py" shapes
cat >guess.sh <<'END2'
#!/usr/bin/python3
import numpy as np, understudy
understudy.serve(lambda image: int(image.mean() > 0.2))
END2
chmod +x guess.sh
try new parts --inputs shapes --pipeline ./guess.sh
try check --data parts.yaml
grep -E 'folder|classes|task|test:|family' parts.yaml | sed "s,$PWD,.,"
try new whole --inputs shapes/train --pipeline ./guess.sh
try check --data whole.yaml
understudy run --set train.epochs=1 --set 'network.width=[2]' --no-plots whole.yaml >said 2>told || { cat told; exit 1; }
try new third --inputs shapes --labels mine/old_output | sed "s,$PWD,.,"
mkdir masks
for i in 00 01 02 03 04 05 06 07 08 09 10 11; do { printf 'P2 40 40 255\n'; yes '0 255 0 255' | head -n 400; } >masks/0$i.pgm; done
rm mine/photos/01[2-5].pgm
try new masks --inputs mine/photos --labels masks
try check --data masks.yaml
grep -E '^task|masks|classes|values|family' masks.yaml | sed "s,$PWD,.,"
understudy run --set train.epochs=1 --set 'network.width=[2]' --no-plots masks.yaml >said 2>told || { cat told; exit 1; }
# Patches have sides that the network takes.
mkdir large large_masks
for i in 00 01 02 03 04 05 06 07 08 09 10 11; do
    { printf 'P2 46 38 255\n'; yes "$i 9 100 200" | head -n 437; } >large/0$i.pgm
    { printf 'P2 46 38 255\n'; yes '0 0 1 2' | head -n 437; } >large_masks/0$i.pgm
done
try new large --inputs large --labels large_masks
try check --data large.yaml
grep -E '^task|patch|classes|values' large.yaml
# 255 beside 0 and 1 is no class; a program answers masks where truth is such; numbers of pixels.
mkdir unsure maps
for i in 00 01 02 03 04 05 06 07 08 09 10 11; do { printf 'P2 40 40 255\n'; yes '0 1 1 255' | head -n 400; } >unsure/0$i.pgm; done
cat >bright.sh <<'END2'
#!/usr/bin/python3
import understudy
understudy.serve(lambda image: (image[0] > 0.5) * 1)
END2
chmod +x bright.sh
try new unsure --inputs mine/photos --truth unsure --pipeline ./bright.sh
try check --data unsure.yaml
grep -E '^task|truth:|classes|values|ignore' unsure.yaml
python3 - <<'END2'
import array
head = "{'descr': '<f4', 'fortran_order': False, 'shape': (40, 40), }"
head = head.ljust(117) + "\n"
for i in range(12):
    with open(f"maps/0{i:02d}.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
        file.write(array.array("f", [k / 7 for k in range(1600)]).tobytes())
END2
try new maps --inputs mine/photos --labels maps
try check --data maps.yaml
grep -E '^task|labels|numbers|family|loss' maps.yaml
understudy run --set train.epochs=1 --set 'network.width=[2]' --no-plots maps.yaml >said 2>told || { cat told; exit 1; }
# Folders may be named from the experiment file on.
mkdir sub
cp guess.sh sub
sed 's,_folder: .*/\(.*\)",_folder: ../shapes/\1,' parts.yaml >sub/parts.yaml
grep _folder sub/parts.yaml
try check --data sub/parts.yaml
sed 's,_folder: ../,_folder: ./,' sub/parts.yaml >sub/wrong.yaml
try check sub/wrong.yaml
[ ! -e third.yaml ] || fail "a file was written in spite of it"
