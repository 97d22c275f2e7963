# On a terminal: a bar with the time left, cleared before every line.
. "$ROOT/tests/cli/tiny.sh"
if ! script -qec true /dev/null >/dev/null 2>&1; then
  echo "skipped: no script(1) to make a terminal"
  exit
fi
# Long enough for several drawings of the bar, ten a second at most.
tiny
script -qec 'understudy run --no-plots -t 1 --set train.epochs=2000 tiny.yaml' /dev/null >typescript
tr '\r' '\n' <typescript >lines
grep -q '\[[#.]\{30\}\] [01] of 2 trials' lines || fail "no bar: $(cat lines)"
grep -q '\] [01] of 2 trials, .* left' lines || fail "no time left: $(cat lines)"
grep -q "$(printf '\033\\[K')" lines || fail "nothing is cleared"
grep -o '2 trials: 2 run, 0 done before' lines
