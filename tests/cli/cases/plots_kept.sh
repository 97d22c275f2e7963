# Results of the same name in another folder: figures that are drawn over are kept, and it is said, whoever
# draws. A published file that holds other results is kept, too, and each goes by the name that its file has.
. "$ROOT/tests/cli/tiny.sh"
tiny
run() { understudy run "$@" 2>&1 >out | grep '^understudy: ' | sed "s|$PWD/||" || true; }
draw() { understudy plot "$@" 2>&1 >out | sed "s|$PWD/||" || true; }
echo '- two folders'
run --results one tiny.yaml
cp plots/tiny/curves.csv first.csv
run --results two --set train.epochs=2 tiny.yaml
cmp plots/tiny~1/curves.csv first.csv
ls plots
echo '- the same again, and the same results from elsewhere: nothing to keep'
run --results two --set train.epochs=2 tiny.yaml
cp -r two three
draw three/tiny.h5
ls plots
echo '- plot draws over the figures of another file'
draw one/tiny.h5
cmp plots/tiny/curves.csv first.csv
ls plots
echo '- another plan in the same folder: the figures are not its own, and are kept once'
run --results two --set train.epochs=3 tiny.yaml
ls one two/*.h5 plots
echo '- figures that nobody knows are drawn over'
rm plots/tiny/.results
draw one/tiny.h5
ls plots
echo '- published under the name of the file'
mkdir public
try publish -o public two/tiny.h5
cp public/tiny.h5 two.h5
try publish -o public two/tiny.h5
try publish -o public two/tiny~3.h5
cmp public/tiny.h5 two.h5 || fail "another file took its name"
echo '- what it replaces is kept'
try publish -o public one/tiny.h5
cmp public/tiny~4.h5 two.h5
try publish -o public one/tiny.h5
ls public
