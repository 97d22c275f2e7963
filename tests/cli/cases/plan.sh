. "$ROOT/tests/cli/tiny.sh"
tiny
understudy plan --set replicates=2 tiny.yaml >shown
sed -E 's/^plan [0-9a-f]{64}$/plan HASH/' shown
[ ! -e results ] || fail "something ran"
# The hash is the plan's: not the file's spelling, but what the trials are.
understudy plan --set replicates=2 --set about=else tiny.yaml | grep ^plan >words
understudy plan --set replicates=2 --set train.batch=4 tiny.yaml | grep ^plan >batch
understudy plan --set replicates=0x2 tiny.yaml | grep ^plan >spelling
grep -q -x -f spelling shown || fail "the spelling of a number counts"
! grep -q -x -f batch shown || fail "a setting does not count"
