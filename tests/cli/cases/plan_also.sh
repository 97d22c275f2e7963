# A point off the grid, added to results that are there: nothing else is computed again, the other trials keep their
# numbers and scores, and board, table and figures know the new one.
. "$ROOT/tests/cli/tiny.sh"
tiny
scores() { understudy table tiny | python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
    print(*(row[name] for name in ("trial", "network.width", "network.test.ssim")))'; }
understudy run tiny.yaml >/dev/null 2>&1
scores >before
echo 'also: [{network.width: 3}]' >>tiny.yaml
understudy plan tiny.yaml | sed '/^plan /d; /^time/,$d'
understudy run tiny.yaml 2>&1 | grep ' trials: ' | sed 's/;.*//'
scores >after
head -n 2 after | cmp - before && echo 'the others are as they were'
cut -d' ' -f1,2 after
cut -d, -f1,2 plots/tiny/performance_vs_computation.csv | sed 's/\(0\.000....\).*/\1/'
understudy best tiny | sed -n 's/.*network.width/network.width/p' | sort
