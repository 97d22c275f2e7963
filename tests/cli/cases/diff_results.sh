# Equal contents, whatever ran them; else the first field, metric and dataset, with both files' values.
. "$ROOT/tests/cli/tiny.sh"
tiny
run() { understudy run --no-plots --no-timing --results "$@" tiny.yaml >/dev/null 2>&1; }
run a --threads 1
run b --threads 2
run c --set store.examples=2 --set 'network.width=[2,4,8]'
run d --set train.optimizer=sgd
try diff a/tiny.h5 b/tiny.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/[0-9]* datasets/N datasets/'
try diff a/tiny.h5 c/tiny.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/[0-9]* datasets/N datasets/'
try diff --all --limit 4 c/tiny.h5 a/tiny.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/[0-9]* datasets/N datasets/'
try diff a/tiny.h5 d/tiny.h5 | sed 's/[0-9a-f]\{64\}/SHA/g; s/0[.][0-9]*/NUMBER/g; s/, [0-9]* \(values\|datasets\)/, N \1/g'
understudy diff --all a/tiny.h5 d/tiny.h5 2>said >all.csv || [ $? -eq 1 ]
[ "$(wc -l <all.csv)" -gt 20 ] || fail "only $(wc -l <all.csv) lines"
grep -q '^metric,network.test.ssim,trial 1,0[.][0-9]*,0[.][0-9]*' all.csv || fail "no test score differs"
grep -q '^dataset,/figures/' all.csv || fail "no figure differs"
grep -v '/timing/' all.csv | cmp - all.csv
