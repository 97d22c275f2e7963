# Ctrl-C on a terminal, in each step of a run as soon as it is told there: status 130, nothing half-written,
# and the same command goes on where it was, to the bits of a run that nobody stopped.
. "$ROOT/tests/cli/tiny.sh"
cat >steps.yaml <<'END'
experiment: steps
task: denoise
dataset:
  {name: leaves, height: 128, width: 128, manual: 6, unlabelled: 40, validation: 2, test: 4, degrade: [gaussian_noise: {sigma: 25}]}
pipeline: {stages: [nlm: {h: {tune: [8, 12]}}, network: {family: dncnn, depth: 3, width: 4, train: {epochs: 30, batch: 8, shard: 4}, patch: {size: 32, per_image: 16}}]}
filter: {method: residual_trim, fraction: 0.1, folds: 2, epochs: 15}
network: {family: dncnn, depth: 3, width: 4}
train: {epochs: 40, batch: 8, shard: 4}
figures: [curves, examples]
END
understudy check steps.yaml >/dev/null
# gnuplot takes its time, and ends when it is told to
gnuplot=$(command -v gnuplot)
mkdir slow
printf '#!/bin/sh\nsleep 5 & trap "kill $!; exit 143" TERM; wait; exec %s "$@"\n' "$gnuplot" >slow/gnuplot
chmod +x slow/gnuplot
run=(understudy run --no-timing --workers 1 -t 1)
"${run[@]}" --results calm --plots calm steps.yaml >calm.out 2>/dev/null
stop() { # stop STEP: in the middle of it
  local code=0
  PATH=$PWD/slow:$PATH /usr/bin/python3 "$ROOT/tests/cli/terminal.py" 120 --press "$1" "${run[@]}" steps.yaml >"screen" || code=$?
  [ $code -eq 130 ] || fail "$1: status $code: $(cat screen)"
  grep -q 'understudy: stopped' screen || fail "$1: $(cat screen)"
  [ -z "$(find results plots -name '*.part' -o -path '*/workers/*' 2>/dev/null)" ] || fail "$1: $(find results plots)"
  echo "stopped in $1"
}
for step in tuning fitting labelling filtering training; do
  stop "trial 0: $step"
  [ ! -e results/steps.h5 ] || fail "$step: there are results"
done
stop 'drawing'
"${run[@]}" steps.yaml >out 2>/dev/null
cmp <(digest out) <(digest calm.out)
diff <(cd calm/steps && ls) <(cd plots/steps && ls)
