# Times are measured unless one asks not to; they are in /timing alone, and change no digest.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --set replicates=2 tiny.yaml 2>/dev/null >timed
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
