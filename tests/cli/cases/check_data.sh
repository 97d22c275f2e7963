# `check` finds what `run` would stumble over in the files of the data set; with --data in their pixels, too.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
mine
check() { told check -d . "$@" mine.yaml; }
echo "no folders, one folder, empty folders"
check
images train 1 8
check
mkdir test
check
images test 20 23
check
echo "more than there are"
check --set dataset.test=5
check --set dataset.unlabelled=5
check --set 'grid.dataset.unlabelled=[1, 4, 5, 6]'
check --set 'grid.dataset.train_folder=[train, test, tset]'
echo "no test folder, no training folder"
check --set "dataset.test_folder=''"
check --set "dataset.train_folder=''"
echo "sub-folders alone"
mkdir -p only/cat only/dog
cp test/20.pgm only/cat
check --set dataset.test_folder=only
echo "the same folder, links to the same files"
check --set dataset.test_folder=train
ln -s ../train/7.pgm test/link.pgm
check
check --set dataset.allow_test_in_training=true
rm test/link.pgm
echo "every fault at once, by name"
check --data
head -c 700 "$ROOT/tests/fuzz/corpus/jpeg/rgb-q95-s0" >train/a.jpg
cp "$ROOT/tests/bad/data/png-bad-crc.png" train/b.png
: >test/c.png
printf 'GIF8abcd' >test/d.gif
cp "$ROOT/tests/bad/data/jpeg-12-bits.jpg" test/e.jpg
image test/f.pgm 3 1 1
image train/g.pgm 5 20 12
cp train/3.pgm test/h.pgm
sed 's/^P2/P2 # the same pixels in another file\n/' train/4.pgm >test/i.pgm
cp "$ROOT/tests/fuzz/corpus/jpeg/extraneous" test/j.jpg
check
check --data --set dataset.unlabelled=all
echo "published data that are not there yet"
sed 's/name: folder, train_folder: train, test_folder: test/name: mnist/' mine.yaml >m.yaml
told check -d . m.yaml
told check --data -d . m.yaml
told check -d . --set dataset.train_folder=bsds300/train --set dataset.test_folder=bsds300/test mine.yaml
mkdir mnist
told check -d . m.yaml
UNDERSTUDY_DATA=$PWD/nowhere told check mine.yaml | sed "s|$PWD|HERE|g"
