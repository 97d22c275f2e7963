# The published part draws the same tables and figures as the whole file, and holds no images.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --set store.parameters=true tiny.yaml >/dev/null 2>&1
mkdir shared
understudy publish --to shared results/tiny.h5
understudy table --timing results/tiny.h5 >whole.csv
understudy table --timing shared/tiny.h5 >part.csv
cmp whole.csv part.csv
understudy plot --plots whole results/tiny.h5 >/dev/null
understudy plot --plots part shared/tiny.h5
for file in whole/tiny/*.png; do
  case $file in *examples*) continue ;; esac
  cmp "$file" "part/${file#whole/}"
done
has_images() { /usr/bin/python3 -c 'import h5py, sys; sys.exit("examples" not in h5py.File(sys.argv[1]))' "$1"; }
has_images results/tiny.h5 || fail "the whole file has no images"
has_images shared/tiny.h5 && fail "images are still there"
[ "$(wc -c <shared/tiny.h5)" -lt "$(wc -c <results/tiny.h5)" ] || fail "no smaller"
# Nowhere to write; not a results file; itself.
try publish --to nowhere results/tiny.h5
echo nothing >no.h5
try publish --to shared no.h5
ls shared
