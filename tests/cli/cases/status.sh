# How far an experiment is: running, with a crash, and done; and what a failed trial wrote.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --workers 2 --set train.epochs=100000 tiny.yaml >/dev/null 2>err &
runner=$!
for _ in $(seq 300); do
  understudy status tiny >running 2>/dev/null || true
  [ "$(grep -c '; training [1-9]' running)" -lt 2 ] || break
  sleep 0.05
done
cat running
understudy status tiny.yaml >by_file
worker=$(sed -n 's/^worker .*\.\([0-9]*\): trial 0, .*/\1/p' running)
kill -SEGV "$worker" # a crash of trial 0
for _ in $(seq 300); do
  understudy status tiny >crashed || true
  ! grep -q failed: crashed || break
  sleep 0.05
done
cat crashed
echo 'in the log' >"results/runs/tiny/logs/$(head -n 1 results/runs/tiny/trials).log"
try status tiny --log 0
kill -TERM $runner
wait $runner || echo "the runner ended with $?"
find results/runs/tiny/workers -type f | grep . && fail "somebody seems to work"

understudy run --no-plots tiny.yaml >/dev/null 2>&1
try status tiny
try status --log 1 tiny
understudy run --no-plots --set experiment=other tiny.yaml >/dev/null 2>&1
try status other
try status --log 2 tiny
try status --log first tiny
try status tniy
try status --results nowhere tiny
try status
