# Parts of an experiment, each by a process that only works; the run that follows merges them.
. "$ROOT/tests/cli/tiny.sh"
tiny
for part in 1/3 2/3 3/3; do
  understudy work --chunk $part --results apart --set replicates=2 tiny.yaml 2>err || fail "$part: $(cat err)"
  [ ! -e apart/tiny.h5 ] || fail "$part: work merged"
  grep -q ' 0 failed; ' err || fail "$(cat err)"
  grep -c 'trial . .*: ssim' err
done
understudy run --no-plots --results apart --set replicates=2 tiny.yaml 2>err >apart.out
grep -o '0 run, 4 done before' err
understudy run --no-plots --results whole --set replicates=2 tiny.yaml 2>/dev/null >whole.out
[ -n "$(digest whole.out)" ] && [ "$(digest apart.out)" = "$(digest whole.out)" ] || fail "another digest"
find apart/cache/claims apart/runs/tiny/workers -type f -o -type l | grep . && fail "something is left"
for part in 0/3 4/3 1 1/0 x/2 1/2x /2 1/ ''; do
  try work --chunk "$part" tiny.yaml
done
try work --workers 0 tiny.yaml
[ ! -e results ] || fail "something ran"
