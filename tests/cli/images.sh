# For cases to source: folders of small images, and an experiment on them.
# image FILE STEP [WIDTH HEIGHT]: a grey PGM; other steps are other images.
image() {
  { printf 'P2 %d %d 255\n' "${3:-16}" "${4:-16}"; awk -v n=$((${3:-16} * ${4:-16})) -v s="$2" \
    'BEGIN { for (i = 0; i < n; i++) print (i * s + int(i * i / 7)) % 256 }'; } >"$1"
}

# images FOLDER FIRST LAST: FIRST.pgm … LAST.pgm.
images() {
  mkdir -p "$1"
  local i
  for i in $(seq "$2" "$3"); do image "$1/$i.pgm" "$i"; done
}

# mine [SETTING …]: mine.yaml, on the folders train and test, with more settings of `dataset`.
mine() {
  local more=
  [ $# -eq 0 ] || more=$(printf ', %s' "$@")
  cat >mine.yaml <<END
experiment: mine
task: denoise
dataset: {name: folder, train_folder: train, test_folder: test, manual: 2, unlabelled: 4, validation: 2, test: all$more,
          degrade: [gaussian_noise: {sigma: 10}]}
pipeline: {stages: [median: {radius: 1}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 4, shard: 4}
END
}

# told ARGUMENT …: runs the program; what it notes and refuses goes to stdout, then its exit status.
told() {
  local code=0
  echo "\$ understudy $*"
  understudy "$@" 2>told.err >/dev/null || code=$?
  sed '/^verdict$/,/^  next /d; /^  command /d' told.err | grep -vE '^\[|^[0-9]+ trials?: ' || true
  echo "=> $code"
}
