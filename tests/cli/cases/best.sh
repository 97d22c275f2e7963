# The board of an experiment that is done, and of one of which trials are missing; two of them side by side.
. "$ROOT/tests/cli/tiny.sh"
tiny
numbers() { sed -E 's/[-+]?[0-9]+\.[0-9]+(e[-+]?[0-9]+)?/N/g; s/ +/ /g'; }
understudy run --no-plots --set replicates=2 tiny.yaml >/dev/null 2>&1
understudy best tiny | sort | numbers
understudy best results/tiny.h5 --by network.test.psnr --minimise seconds_per_image --top 1 | numbers | sed 's/width=./width/'
try best tiny --by psn
try best tiny --minimise watts
try best tiny --top 0
try best tine
echo "- in mid-run"
mv results/tiny.h5 kept.h5
key=$(sed -n 2p results/runs/tiny/trials)
find results/cache/evaluate -name "$key*" -delete
understudy best tiny 2>&1 | sort | numbers
understudy table tiny 2>told | cut -d, -f 1-4 | tr -d '\r'
cat told
find results/cache/evaluate -type f -delete # the file is enough, where it is there
try best tiny
mv kept.h5 results/tiny.h5
understudy best tiny 2>&1 | sort | numbers
echo "- beside another"
sed 's/^experiment: tiny/experiment: other/; s/width: \[2, 4\]/width: [4, 6]/' tiny.yaml >other.yaml
understudy run --no-plots other.yaml >/dev/null 2>&1
understudy compare tiny other | numbers
try compare tiny other --by accuracy
try compare tiny
