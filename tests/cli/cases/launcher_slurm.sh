# What is handed in, to whom, and in which order; a second time is not a second launch.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
four='network.width=[2,3,4,5]'
try run --launcher paper --set "$four" tiny.yaml
calls
cat results/runs/tiny/slurm/jobs | grep -v '^plan '
bash -n results/runs/tiny/slurm/tasks-1.sh
printf '101_0|RUNNING|None\n101_1|PENDING|Resources\n' >slurm/queue
try run --launcher paper --set "$four" tiny.yaml
try run --launcher paper --set "$four" --set seed=3 tiny.yaml
calls
