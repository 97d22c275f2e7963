# A header, the lines that a grid has, as many fields in all, nothing left behind; speed is not judged.
. "$ROOT/tests/cli/tiny.sh"
mkdir scratch
understudy bench runner --trials 3 --plan 6 --repeats 1 --scratch scratch 2>told | tr -d '\r' >bench.csv
sed 's/^\([^,]*,[^,]*,[^,]*\),.*/\1/' bench.csv
tail -n +2 bench.csv | awk -F, '
  NF != 8 { print "line " NR ": " NF " fields"; bad = 1 }
  !($4 > 0 && $5 > 0) { print "line " NR ": " $4 " seconds, of processors " $5; bad = 1 }
  $1 !~ /_of_a_trial$/ && !($6 > 1) { print "line " NR ": " $6 " MiB"; bad = 1 }
  END { exit bad }' || fail "$(cat bench.csv)"
[ -z "$(ls scratch)" ] || fail "left behind: $(ls scratch)"
# `make bench` without Snakemake says so and gives ours alone.
SNAKEMAKE=/nonexistent TRIALS=2 PLAN=2 REPEATS=1 "$ROOT/tests/bench/runner" 2>told >bench.csv
grep -qx 'Snakemake (snakemake) is not here: ours alone, without ratios' told || fail "$(cat told)"
awk -F, 'NF != 10 || (NR > 1 && ($1 != "understudy" || $10 != ""))' bench.csv
