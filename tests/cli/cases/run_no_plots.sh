. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml >out 2>/dev/null
[ ! -e plots ] || fail "plots/ is there"
[ "$(wc -l <out)" -eq 2 ] || fail "$(cat out)"
understudy run --no-plots --results elsewhere/deep tiny.yaml 2>/dev/null | head -n 1
[ -f elsewhere/deep/tiny.h5 ] || fail "no file where --results says"
