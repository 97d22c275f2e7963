# Figures that are as they were drawn are not drawn again; one that is missing or was edited is.
. "$ROOT/tests/cli/tiny.sh"
tiny
real=$PATH
mkdir broken
printf '#!/bin/sh\necho out of ink >&2; exit 3\n' >broken/gnuplot
chmod +x broken/gnuplot
understudy run tiny.yaml 2>/dev/null >first
cp -r plots kept
export PATH=$PWD/broken:$real
understudy run tiny.yaml 2>/dev/null >second
cmp first second
rm plots/tiny/curves.png
echo edited >>plots/tiny/examples.csv
try run tiny.yaml | sed -n '/^understudy: /p; /^=> /p'
export PATH=$real
understudy run tiny.yaml 2>/dev/null >third
cmp first third
diff -r kept plots
