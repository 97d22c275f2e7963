# One's own images: by absolute path, below $UNDERSTUDY_DATA, and below --data, to the same bits.
. "$ROOT/tests/cli/tiny.sh"
image() { # image FILE WIDTH HEIGHT STEP: a grey PGM
  {
    printf 'P5\n%d %d\n255\n' "$2" "$3"
    for ((i = 0; i < $2 * $3; i++)); do printf '%b' "\\x$(printf %02x $((i * i * $4 / 50 % 256)))"; done
  } >"$1"
}
mkdir -p mine/train mine/test
image mine/train/a.pgm 16 14 1
image mine/train/b.pgm 20 12 3
image mine/test/c.pgm 13 17 2
printf 'P2\n12 12\n255\n%s\n' "$(seq 0 143)" >mine/train/plain.pgm
printf 'P3\n13 11\n255\n%s\n' "$(seq 1 429 | awk '{print $1 % 256}')" >mine/test/colour.ppm
tiny
cat >mine.yaml <<'END'
experiment: mine
task: denoise
dataset: {name: folder, train_folder: mine/train, test_folder: mine/test, manual: 1, unlabelled: all,
          validation: 1, test: all, colour: grey, patch: {size: 8, per_image: 4}, degrade: [salt_and_pepper: {density: 0.1}]}
pipeline: {stages: [median]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
END
understudy run -r one --data "$PWD" mine.yaml >first
UNDERSTUDY_DATA=$PWD understudy run -r two mine.yaml >second
UNDERSTUDY_DATA=/nowhere understudy run -r three --data "$PWD" mine.yaml >third
understudy run -r four --set dataset.train_folder="$PWD/mine/train" --set dataset.test_folder="$PWD/mine/test" \
  mine.yaml >fourth
[ -n "$(digest first)" ] || fail "no content_sha256"
cmp <(digest first) <(digest second)
cmp <(digest first) <(digest third)
understudy table four/mine.h5 | cut -d, -f1-4
cmp <(understudy table one/mine.h5 | sed 's/,[^,]*$//') <(understudy table four/mine.h5 | sed 's/,[^,]*$//')
