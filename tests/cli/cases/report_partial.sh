# The report of an experiment that is still going on: its finished trials, marked as partial, beside no finished
# one's. It goes when the whole one is written.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --set replicates=2 tiny.yaml >/dev/null 2>&1
mv results/tiny.h5 kept.h5
key=$(sed -n 2p results/runs/tiny/trials)
find results/cache/evaluate -name "$key*" -delete
try report tiny
ls plots/tiny
has() { grep -q -- "$1" "plots/tiny/$2" && echo "$2 has: $1" || echo "$2 lacks: $1"; }
has 'partial: 3 of 4 trials done, 0 failed' partial.html
has 'judgement    ' partial.html
find results/cache/evaluate -type f -delete
try report tiny
mv kept.h5 results/tiny.h5
try report tiny
ls plots/tiny
has 'partial: ' index.html
echo "- of an older program"
try report "$ROOT/results/published/cells_count.h5" | sed "s|$ROOT/||"
grep -q 'trial 17, network.width=16; best mae' plots/cells_count/index.html && echo 'it has a verdict'
