# A dictionary learnt on each image needs no data set afterwards, no cache and no hand-labelled images; one that was
# learnt on them comes from the cache. Both give the bits of any number of threads.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
tiny
images inputs 1 3
sed -i 's/manual: 4/manual: 0/; s/stages: .*/stages: [ksvd: {atoms: 40, iterations: 2, sigma: 32}]}/' tiny.yaml
understudy run --no-plots -r image tiny.yaml >log 2>&1 || fail "$(cat log)"
rm -r image/cache
understudy apply image/tiny.h5 inputs one --what pipeline --threads 1 2>log || fail "$(cat log)"
understudy apply image/tiny.h5 inputs two --what pipeline --threads 2 2>log || fail "$(cat log)"
diff -r one two && echo 'learnt on the image: the same by threads'
diff -r inputs one >diff && fail 'nothing was done'
understudy run --no-plots -r manual -s dataset.manual=4 -s 'pipeline.stages[0].ksvd.learn=manual' tiny.yaml >log 2>&1 ||
  fail "$(cat log)"
understudy apply manual/tiny.h5 inputs three -r manual --what pipeline --threads 1 2>log || fail "$(cat log)"
rm -r manual/cache
understudy apply manual/tiny.h5 inputs four -r manual --what pipeline --threads 2 2>log || fail "$(cat log)"
diff -r three four && echo 'learnt by hand: the same from the cache as anew'
diff -r one three >diff && fail 'it makes no difference where the dictionary is learnt'
:
