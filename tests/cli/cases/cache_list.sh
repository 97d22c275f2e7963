# What the cache holds; what is pruned is computed again, to the same bits.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/sigma: 0.5/sigma: {tune: [0.4, 0.8]}/' tiny.yaml
understudy cache
understudy run --no-plots tiny.yaml >first 2>err
understudy cache | awk '{ print $1, $2, $3, $4 }'
understudy cache --prune --older 1 | sed 's|: .*||'
understudy cache --prune --dry-run --to 0 | sed 's/: .*//'
understudy cache --prune --to 0 | sed 's/: .*//'
understudy cache | awk '{ print $1, $2, $3, $4, $5 }'
rm results/tiny.h5
understudy run --no-plots tiny.yaml >second 2>err
grep -q '2 run, 0 done before' err || fail "$(cat err)"
cmp first second
