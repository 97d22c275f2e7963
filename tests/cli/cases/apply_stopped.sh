# Ctrl-C and SIGTERM end apply in the middle of an image: it would take minutes. What was written is whole.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
mkdir inputs
{ printf 'P5\n2000 2000\n255\n'; head -c 4000000 /dev/urandom; } >inputs/1.pgm
cp inputs/1.pgm inputs/2.pgm
cat >slow.yaml <<'END'
experiment: slow
task: denoise
dataset: {name: leaves, manual: 0, unlabelled: 8, validation: 0, test: 1, degrade: [gaussian_noise: {sigma: 25}]}
pipeline: {stages: [nlm: {search_radius: 40, patch_radius: 10}]}
network: {family: dncnn, depth: 2, width: 2}
END
for signal in INT TERM; do
  env --default-signal=INT understudy apply --experiment slow.yaml inputs out 2>err &
  pid=$!
  until [ -d out ]; do
    kill -0 $pid 2>/dev/null || fail "it ended: $(cat err)"
    sleep 0.02
  done
  kill -$signal $pid
  for _ in $(seq 600); do # a guard: the whole of it would take longer
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL $pid 2>/dev/null && fail "SIG$signal is not answered"
  code=0
  wait $pid || code=$?
  echo "=> $code"
  cat err
  rmdir out || fail "$(ls out)"
done
