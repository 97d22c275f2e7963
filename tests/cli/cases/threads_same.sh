# The number of threads is no part of a result.
. "$ROOT/tests/cli/tiny.sh"
tiny
for count in 1 2 3; do
  understudy run --no-plots -t $count -r results$count tiny.yaml 2>/dev/null >out
  digest out >digest$count
  [ -s digest$count ] || fail "no content_sha256"
done
cmp digest1 digest2
cmp digest1 digest3
