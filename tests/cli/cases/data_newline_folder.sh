# A newline in a folder's name: its images are known by what they are, as any others.
. "$ROOT/tests/cli/tiny.sh"
image() { { printf 'P2 16 16 255\n'; seq 0 255 | awk -v s="$2" '{ print ($1 * s) % 256 }'; } >"$1"; }
a=$'mine/a\nb' b=$'mine/b\nc'
mkdir -p "$a" "$b"
for i in $(seq 10 24); do image "$a/$i.pgm" "$i"; done
for i in $(seq 60 64); do image "$b/$i.pgm" "$i"; done
cat >mine.yaml <<'Y'
experiment: mine
task: denoise
dataset: {name: folder, train_folder: "a\nb", test_folder: "b\nc", manual: 1, unlabelled: 10, validation: 1, test: 4,
          degrade: [gaussian_noise: {sigma: 10}]}
pipeline: {stages: [median]}
network: {family: dncnn, depth: 2, width: 1}
train: {epochs: 1, batch: 2, shard: 2}
Y
run() { understudy run --no-plots --data mine mine.yaml >"$1" 2>"$1.err" || fail "$(cat "$1.err")"; }
touch -d '1 hour ago' "$a"/* "$b"/* # so that what was read is remembered
sleep 3.1 # inodes were changed a moment ago, too
run one
run two
grep -q '0 run, 1 done before' two.err || fail "the same images are run again: $(cat two.err)"
[ "$(digest one)" = "$(digest two)" ] || fail "other results from the same images"
[ -n "$(ls results/cache/digests)" ] || fail "nothing is remembered: this shows nothing"
image "$b/62.pgm" 99
run three
grep -q '1 run, 0 done before' three.err || fail "changed images are answered from the cache"
[ "$(digest one)" != "$(digest three)" ] || fail "changed images give the same results"
