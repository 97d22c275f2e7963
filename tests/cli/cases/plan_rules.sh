# What is left out, by which rule, and in which line it stands.
. "$ROOT/tests/cli/tiny.sh"
tiny
cat >>tiny.yaml <<'END'
zip:
  - train.epochs: [1, 2, 3]
    train.learning_rate: [0.1, 0.2, 0.3]
exclude:
  - network.width: 4
    train.epochs: [1, 2]
only:
  - train.epochs: [1, 3]
  - network.width: 2
constraint:
  network.parameters: {max: 200}
END
understudy plan --set network.width=[2,4,16] tiny.yaml | sed '/^plan /d'
echo
understudy plan --set 'constraint={hardware.tpu_v1.latency_s: {min: 0}}' tiny.yaml | grep 'leaves out'
echo
echo "twenty of what is left out, unless all is asked for"
seeds=$(seq -s , 1 12)
understudy plan --set "grid.seed=[$seeds]" tiny.yaml | grep -c '  by '
understudy plan --set "grid.seed=[$seeds]" tiny.yaml | grep ' more;'
understudy plan --all --set "grid.seed=[$seeds]" tiny.yaml | grep -c '  by '
# A bound on a cost is one on what the results hold under that name.
tiny
one=(--set grid=~ --set 'figures=[]' --set 'hardware=[tpu_v1, haswell_e5_2699v3]')
understudy run --no-plots --no-timing "${one[@]}" -r costs tiny.yaml >/dev/null 2>&1
for column in network.parameter_bytes network.peak_activation_bytes hardware.tpu_v1.cycles hardware.tpu_v1.idle_energy_j hardware.haswell_e5_2699v3.idle_energy_j \
  hardware.haswell_e5_2699v3.pipeline.latency_s hardware.haswell_e5_2699v3.pipeline.energy_j; do
  bounds=$(understudy table costs/tiny.h5 | /usr/bin/python3 -c '
import csv, sys
value = float(next(csv.DictReader(sys.stdin))[sys.argv[1]])
print(repr(value * (1 - 1e-12)), repr(value * (1 + 1e-12)))' "$column")
  understudy check "${one[@]}" --set "constraint={$column: {min: ${bounds% *}, max: ${bounds#* }}}" tiny.yaml 2>&1 | grep -o '1 trial, no mistakes'
  understudy check "${one[@]}" --set "constraint={$column: {max: ${bounds% *}}}" tiny.yaml 2>&1 | grep -o 'no trial is left'
done
