# On a terminal: a bar with the run's time left, and how far the trial's step is, in the terminal's width.
. "$ROOT/tests/cli/tiny.sh"
tiny
show() { /usr/bin/python3 "$ROOT/tests/cli/terminal.py" "$@"; }
widest() { /usr/bin/python3 -c 'import sys; print(max(len(line.rstrip("\n")) for line in sys.stdin))' <"$1"; }
long=(--no-plots -t 1 --workers 1 --set train.epochs=3000)
show 120 understudy run "${long[@]}" tiny.yaml >wide
grep -q '^\[[#.]\{30\}\] [01] of 2 trials, .* left; trial [01]: training [1-9][0-9]* of 48000 images, .*/s, .* left$' wide ||
  fail "no bar: $(cat wide)"
grep -o '2 trials: 2 run, 0 done before' wide
# What does not fit is left out; lines that people should read go on below.
rm -r results
show 60 understudy run "${long[@]}" tiny.yaml >narrow
grep -q '^[01] of 2 trials; training [1-9][0-9]* of 48000 images, .*/s, ' narrow || fail "no step: $(cat narrow)"
[ "$(widest narrow)" -le 79 ] && grep -v '^content_sha256' narrow >rest && [ "$(widest rest)" -le 60 ] ||
  fail "too wide: $(cat narrow)"
# The window becomes narrower in between.
rm -r results
show 120 --narrow 'training [1-9]' 40 understudy run "${long[@]}" tiny.yaml >both
sed '1,/training [1-9]/d' both | grep -v '^content_sha256' | tail -n +2 >rest
[ "$(widest rest)" -le 40 ] || fail "too wide: $(cat both)"
