# The figures come from the results file alone: elsewhere, without cache and experiment, the same data.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --set 'figures=[curves, examples]' tiny.yaml >/dev/null 2>&1
mkdir elsewhere
mv results/tiny.h5 elsewhere/renamed.h5
rm -r results tiny.yaml
cd elsewhere
understudy plot --plots drawn renamed.h5
for file in ../plots/tiny/*.csv; do cmp "$file" "drawn/tiny/$(basename "$file")"; done
[ "$(find drawn -type f ! -name .results | wc -l)" -eq 6 ] || fail "not six files"
