# The right-sized network is told by run (again, too), kept in the results, and picked by table.
. "$ROOT/tests/cli/tiny.sh"
tiny
set='select={within: 100, minimise: energy_j}'
understudy run --no-plots tiny.yaml --set "$set" >out 2>err
grep '^right-sized' err | sed 's/validation ssim.*wanted (pipeline [^)]*)/SCORES/'
understudy run --no-plots tiny.yaml --set "$set" >again 2>err
grep -c '^right-sized' err
cmp out again && echo same
understudy table --selected results/tiny.h5 2>/dev/null | cut -d, -f 1-3 | tr -d '\r'
understudy table results/tiny.h5 | wc -l
understudy run --no-plots tiny.yaml --set 'select={within: -100, minimise: parameters}' 2>&1 | grep right-sized
understudy table --selected results/tiny.h5 2>/dev/null | wc -l
understudy run --no-plots tiny.yaml >/dev/null 2>&1
try table --selected results/tiny.h5
# By memory; a section of experiment files is described. What 2 and 4 channels hold at once: input, output and these, of
# 28 x 28 float32; of parameters, 4 (19 w + 1).
understudy run --no-plots tiny.yaml --set 'select={within: 100, minimise: peak_activation_bytes}' 2>&1 | grep right-sized | cut -d';' -f 2
understudy table results/tiny.h5 | /usr/bin/python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin): print(row["network.parameter_bytes"], row["network.peak_activation_bytes"])'
understudy describe select | grep -o 'selection is not reproducible'
try describe selekt
