# The two engines train to the same scores, as far as the line of a trial tells them.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots -r reference --engine reference tiny.yaml >/dev/null 2>reference.log
understudy run --no-plots -r openblas --engine openblas tiny.yaml >/dev/null 2>openblas.log
# (trials of two workers end in either order)
scores() { sed -n 's/^\[[0-9]*\(.*)\), .*/\1/p' "$1" | sort; }
scores reference.log
[ "$(scores reference.log)" = "$(scores openblas.log)" ] || fail "$(cat reference.log openblas.log)"
