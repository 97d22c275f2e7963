# What a run leaves and says: one file of results, three files a figure, the report, a hidden one that says what these were
# drawn from, nothing half-written.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run tiny.yaml
find results plots \( -name cache -o -name runs \) -prune -o -type f -print | LC_ALL=C sort >files
echo plots/tiny/.results >wanted
for figure in curves examples performance_vs_computation; do
  for kind in csv pdf png; do echo "plots/tiny/$figure.$kind"; done
done >>wanted
echo plots/tiny/index.html >>wanted
echo results/tiny.h5 >>wanted
LC_ALL=C sort wanted | diff - files
signature() { head -c "$2" "$1" | od -An -tx1 | tr -d ' \n'; }
[ "$(signature results/tiny.h5 8)" = 894844460d0a1a0a ] || fail "not HDF5"
for figure in plots/tiny/*.png; do
  [ "$(signature "$figure" 8)" = 89504e470d0a1a0a ] || fail "$figure is no PNG"
done
for figure in plots/tiny/*.pdf; do
  [ "$(signature "$figure" 5)" = 255044462d ] || fail "$figure is no PDF"
  tail -c 16 "$figure" | grep -q '%%EOF' || fail "$figure is cut short"
done
for figure in plots/tiny/*.csv; do
  [ "$(wc -l <"$figure")" -ge 2 ] || fail "$figure has no rows"
done
