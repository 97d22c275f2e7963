# Times are measured unless one asks not to; they are in /timing alone, and change no digest.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --workers 1 --no-plots --set replicates=2 tiny.yaml 2>/dev/null >timed
understudy run --no-plots --set replicates=2 --no-timing -r untimed tiny.yaml 2>/dev/null >untimed.out
[ "$(digest timed)" = "$(digest untimed.out)" ] || fail "times changed the digest"
understudy run --no-plots --set replicates=2 --no-timing tiny.yaml 2>/dev/null >again
[ "$(digest timed)" = "$(digest again)" ] || fail "a run of what was done changed the digest"

# columns FILE [OPTION]: those of times, and row by row whether they are numbers above 0.
columns() {
  understudy table "${@:2}" "$1" | tr -d '\r' | sed 's/"[^"]*"/x/g' |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^timing/) { names[i]; print $i } }
             NR > 1 { for (i in names) good += $i > 0 } END { print good + 0 }'
}
columns results/tiny.h5
columns results/tiny.h5 --timing
columns untimed/tiny.h5 --timing
networks() { understudy table --timing results/tiny.h5 | sed 's/"[^"]*"/x/g' | cut -d, -f"$1" | sed 1d | sort -u | wc -l; }
column=$(understudy table --timing results/tiny.h5 | sed 's/,/\n/g;q' | grep -n batch_64.latency_s | cut -d: -f1)
[ "$(networks "$column")" -eq 2 ] || fail "equal networks were measured more than once"
try table --timing=all results/tiny.h5
try run --no-timing=2 tiny.yaml

# A figure of times is drawn from the file, and is no content either.
set_figure="figures=[score_vs_minutes: {target: 0.1}]"
understudy run --set replicates=2 --set "$set_figure" tiny.yaml 2>/dev/null | sed -n 's/^plots/plots/p'
understudy run --no-plots --set replicates=2 --set "$set_figure" -r fresh tiny.yaml 2>/dev/null >fresh.out
understudy run --no-plots --set replicates=2 --set "$set_figure" tiny.yaml 2>/dev/null >again
[ "$(digest fresh.out)" = "$(digest again)" ] || fail "the figure's times changed the digest"
understudy plot -p drawn results/tiny.h5 >/dev/null
cmp plots/tiny/score_vs_minutes.csv drawn/tiny/score_vs_minutes.csv
grep -c '^passed network.width=[24],[0-9.e-]*,0\.[67]' drawn/tiny/score_vs_minutes.csv
try check --set 'figures=[score_vs_minutes: {target: 94}]' tiny.yaml
try check --set 'figures=[score_vs_minutes: {target: -1}]' tiny.yaml

# A program of the user's is timed itself, not its kept answers: it takes 50 ms an image.
cat >slow.sh <<'END'
sleep 0.05
cp "$1"/* "$2"
END
understudy run --no-plots --set 'pipeline.stages=[exec: {command: [sh, slow.sh, "{in}", "{out}"], protocol: files}]' \
  --set network.width=2 -r slow tiny.yaml >/dev/null 2>&1
understudy table --timing slow/tiny.h5 | /usr/bin/python3 -c '
import csv, sys
row = next(csv.DictReader(sys.stdin))
print(float(row["timing.pipeline.seconds_per_image"]) >= 0.05, float(row["timing.network.seconds_per_image"]) > 0)'
