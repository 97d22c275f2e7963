# The two engines train to the same scores, as far as the line of a trial tells them.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots -r reference --engine reference tiny.yaml >/dev/null 2>reference.log
understudy run --no-plots -r openblas --engine openblas tiny.yaml >/dev/null 2>openblas.log
scores() { sed -n 's/^\(\[.*)\), .*/\1/p' "$1"; }
scores reference.log
[ "$(scores reference.log)" = "$(scores openblas.log)" ] || fail "$(cat reference.log openblas.log)"
