# A header and a line each, as many fields in all, every number positive; speed itself is not judged.
. "$ROOT/tests/cli/tiny.sh"
understudy bench training --network lenet5 --engine openblas --precision float32 \
  --threads 2,1 --seconds 0.01 | tr -d '\r' >bench.csv
sed 's/^\([^,]*,[^,]*,[^,]*,[^,]*\),.*/\1/' bench.csv
[ "$(head -n 1 bench.csv | tr -cd , | wc -c)" -eq 10 ] || fail "not eleven columns"
tail -n +2 bench.csv | awk -F, '
  NF != 11 { print "line " NR ": " NF " fields"; bad = 1 }
  { for (i = 4; i <= NF; i++) if (!($i > 0)) { print "line " NR ", field " i ": " $i; bad = 1 } }
  $9 != 61706 { print "line " NR ": " $9 " parameters"; bad = 1 }
  $5 * 6 * 416520 / 1e9 / $6 > 1.01 || $5 * 6 * 416520 / 1e9 / $6 < 0.99 {
    print "line " NR ": " $5 " images/s and " $6 " GFLOP/s do not fit"; bad = 1 }
  $11 < $10 { print "line " NR ": less memory at most than before"; bad = 1 }
  END { exit bad }' || fail "$(cat bench.csv)"
