# What is odd about folders of images is told, with the files' names; what is wrong is refused.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
mine
images train 1 8
images test 20 23
run() { told run --no-plots --no-timing -d . -r "r$((++number))" mine.yaml; }
number=0
echo "the same folder"
sed 's/test_folder: test/test_folder: train/' mine.yaml >same.yaml
told run --no-plots -d . -r same same.yaml
echo "one image in both, under another name; links to the same file; allowed"
cp train/3.pgm test/24.pgm
ln -s ../train/5.pgm test/25.pgm
run
mine 'allow_test_in_training: true'
run
mine
rm test/24.pgm test/25.pgm
echo "a copy within the training images"
cp train/3.pgm train/9.pgm
run
rm train/9.pgm
echo "sub-folders, hidden files, links that go round"
mkdir test/cat test/dog
cp train/1.pgm test/cat/1.PGM
cp train/2.pgm test/.hidden.pgm
ln -s . test/l1
ln -s . test/l2
ln -s . test/l3
run
mkdir away
mv test/*.pgm away
run
mv away/* test
rm -r test/cat test/dog test/l? test/.hidden.pgm
echo "too small, by name"
image test/im03x.pgm 3 1 1
run
rm test/im03x.pgm
echo "JPEG: remarks, no damage"
cp "$ROOT/tests/fuzz/corpus/jpeg/jfif-0.00" test/a.jpg
cp "$ROOT/tests/fuzz/corpus/jpeg/extraneous" test/b.jpg
run
rm test/?.jpg
echo "damaged, by name and split"
head -c 700 "$ROOT/tests/fuzz/corpus/jpeg/rgb-q95-s0" >test/cut.jpg
run
rm test/cut.jpg
echo "a GIF"
printf 'GIF8abcd' >train/a.gif
run
rm train/a.gif
echo "an empty name"
sed "s/train_folder: train/train_folder: ''/" mine.yaml >empty.yaml
told run --no-plots -d . -r empty empty.yaml
