# A line a trial below one header, every one with as many fields.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml >/dev/null 2>&1
understudy table results/tiny.h5 >table.csv
[ "$(wc -l <table.csv)" -eq 3 ] || fail "$(wc -l <table.csv) lines, not 3"
sed 's/median: {radius: 1}; gaussian: {sigma: 0.5}/CHOSEN/' table.csv | grep -c CHOSEN
fields() { sed -n "$1p" table.csv | sed 's/"[^"]*"/x/g' | tr -cd , | wc -c; }
[ "$(fields 1)" -eq "$(fields 2)" ] && [ "$(fields 1)" -eq "$(fields 3)" ] || fail "ragged rows"
tr -d '\r' <table.csv
