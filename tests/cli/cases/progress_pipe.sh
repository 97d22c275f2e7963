# In a pipe: whole lines, no bar, no control characters.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml 2>&1 >/dev/null | cat >log
! grep -q "[[:cntrl:]]" log || fail "control characters"
sed -i "/^verdict$/,/^  next /d; /^  command /d" log
[ "$(wc -l <log)" -eq 3 ] || fail "$(cat log)"
! grep -q ' left' log || fail "a bar"
