# Test images of several sizes: costs are means over them, whichever image the seed draws first, as the runs of
# each image alone say; examples and activations are of all of them; the figure draws them.
. "$ROOT/tests/cli/tiny.sh"
image() { # image FILE WIDTH HEIGHT STEP: a grey PGM
  printf 'P2\n%d %d\n255\n%s\n' "$2" "$3" "$(seq 1 $(($2 * $3)) | awk -v s="$4" '{print int($1 * $1 * s / 50) % 256}')" >"$1"
}
mkdir -p mine/train mine/test one two three
for i in 1 2 3 4 5; do image "mine/train/$i.pgm" 20 18 "$i"; done
image one/a.pgm 12 11 1
image two/b.pgm 40 30 2
image three/c.pgm 20 20 3
cp one/a.pgm two/b.pgm three/c.pgm mine/test
image mine/test/d.pgm 20 20 5
cat >mixed.yaml <<'END'
experiment: mixed
task: denoise
dataset: {name: folder, train_folder: mine/train, test_folder: mine/test, manual: 1, unlabelled: 2, validation: 2,
          test: all, colour: grey, patch: {size: 8, per_image: 2}, degrade: [gaussian_noise: {sigma: 25}]}
pipeline: {stages: [median: {radius: 1}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
hardware: [tpu_v1, raspberry_pi_4]
store: {examples: 8, activations: {layers: [all], images: 3}}
figures: [examples, performance_vs_computation]
END
# costs NAME: "column value" of every cost.
costs() {
  understudy table "$1/mixed.h5" | sed 's/"[^"]*"/x/g' | tr -d '\r' |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i }
             NR == 2 { for (i in name) if (name[i] ~ /multiply_adds|comparisons|hardware|sizes|parameter|bytes/) print name[i], $i }' | sort
}
for seed in 1 2 3; do
  understudy run -r "r$seed" -p "p$seed" -d . -s "seed=$seed" mixed.yaml >"out$seed" 2>&1 || fail "$(cat "out$seed")"
  costs "r$seed" >"costs$seed"
  cmp "costs1" "costs$seed"
  [ -s "p$seed/mixed/examples.png" ] || fail "no figure of examples"
done
for folder in one two three; do
  understudy run --no-plots -r "r$folder" -d . -s "dataset.test_folder=$folder" mixed.yaml >out 2>&1 || fail "$(cat out)"
  costs "r$folder" >"costs$folder"
  grep -q '\.sd\|sizes' "costs$folder" && fail "one size has no spread"
done
# The 20 x 20 size counts twice.
join costsone coststwo | join - coststhree | awk '
  NR == FNR { mean[$1] = ($2 + $3 + 2 * $4) / 4; least[$1] = $2; most[$1] = $3; next }
  $1 in mean { off = mean[$1] - $2; size = mean[$1] < 0 ? -mean[$1] : mean[$1]; good += off * off <= 1e-24 * size * size; all++ }
  $1 ~ /multiply_adds.min$/ && $1 ~ /^network/ { good += $2 == least["network.multiply_adds"]; all++ }
  $1 ~ /multiply_adds.max$/ && $1 ~ /^network/ { good += $2 == most["network.multiply_adds"]; all++ }
  END { print (good == all && all > 8) ? "means over the images" : "no means: " good " of " all }' - costs1
grep 'test.sizes' costs1
grep -c 'raspberry_pi_4.pipeline.*\.\(sd\|min\|max\)\|peak_activation_bytes.sd' costs1
cut -d, -f1,2 p1/mixed/examples.csv | grep -c network
# The clock's: at the size that most have.
understudy table --timing r1/mixed.h5 | sed 's/"[^"]*"/x/g' | tr -d '\r' |
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i }
           NR == 2 { for (i = 1; i <= NF; i++) if (name[i] ~ /inference.(height|width)/) print name[i], $i }'
mkdir public
understudy publish -o public r1/mixed.h5 >/dev/null
understudy verify -d . -r r1 --sample 1 mixed 2>&1 | tail -n 1 | tr -d "\r"
