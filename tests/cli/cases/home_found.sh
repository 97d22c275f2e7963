# A copied or moved checkout reads its own families and machines; a program taken out of it says so.
. "$ROOT/tests/cli/tiny.sh"
tiny
program=$(command -v understudy)
checkout="it's \"a\" b\\c"
mkdir -p "$checkout/build" "$checkout/networks" "$checkout/experiments" out
cp "$program" "$checkout/build"
cp -r "$ROOT/networks/families" "$checkout/networks"
cp -r "$ROOT/experiments/hardware" "$checkout/experiments"
ln -s "$ROOT/plots" "$checkout/plots"
sed -i 's/^about:.*/about: the copy/' "$checkout/networks/families/dncnn.yaml" "$checkout/experiments/hardware/tpu_v1.yaml"
PATH=$PWD/$checkout/build:$PATH
try describe family dncnn | grep 'the copy'
try describe hardware tpu_v1 | grep 'the copy'
mv "$checkout" moved
PATH=$PWD/moved/build:$PATH
hash -r
try describe family dncnn | grep 'the copy'
ln -s ../moved/build/understudy out/understudy
PATH=$PWD/out:$PATH
hash -r
try describe family dncnn | grep 'the copy'
try run --results "its' results" --plots "its' \"plots\"\\" tiny.yaml | tail -n 1
ls "its' \"plots\"\\/tiny" | grep -c png
rm out/understudy
mv moved/build/understudy out
try check tiny.yaml | sed "s|$PWD|HERE|"
try table --help | head -n 2
UNDERSTUDY_HOME=moved try check tiny.yaml
