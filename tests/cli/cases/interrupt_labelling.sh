# Ctrl-C and SIGTERM are answered in the middle of an image, and what is done is told on a terminal: labelling
# all of these images would take minutes. Nothing is left behind.
if ! script -qec true /dev/null >/dev/null 2>&1; then
  echo "skipped: no script(1) to make a terminal" >&2
  exit
fi
fail() { echo "$1"; exit 99; }
cat >slow.yaml <<'END'
experiment: slow
task: denoise
dataset:
  name: leaves
  height: 512
  width: 512
  manual: 0
  unlabelled: 8
  validation: 0
  test: 1
  degrade: [gaussian_noise: {sigma: 25}]
pipeline: {stages: [nlm: {search_radius: 40, patch_radius: 10}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 8, shard: 8}
END
for signal in INT TERM; do
  script -qefc 'echo $$ >pid; exec understudy run --no-plots --workers 1 -t 1 slow.yaml' typescript \
    >/dev/null 2>&1 </dev/null &
  ending=$!
  until grep -aqs 'labelling' typescript; do
    kill -0 $ending 2>/dev/null || fail "no labelling: $(cat typescript)"
    sleep 0.05
  done
  pid=$(cat pid)
  worker=$(cat "/proc/$pid/task/$pid/children")
  kill -$signal "$pid"
  for _ in $(seq 600); do # a guard: the whole of it would take longer
    kill -0 $ending 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 $ending 2>/dev/null; then
    kill -KILL $worker "$pid"
    fail "SIG$signal is not answered"
  fi
  wait $ending
  [ $? -eq 130 ] || fail "SIG$signal: $(cat typescript)"
  grep -aq 'stopped; finished trials are kept' typescript || fail "$(cat typescript)"
  for one in $worker; do [ ! -e "/proc/$one" ] || fail "worker $one is left"; done
  [ -z "$(find results -name '*.part' -o -name '*.h5' -o -path '*/workers/*')" ] || fail "$(find results)"
  rm -f typescript
done
