# `status` of what was launched: from the launch's files and from squeue.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
understudy run --launcher paper --set network.width=[2,3,4,5] tiny.yaml >jobs 2>err
printf '101_0|RUNNING|None\n101_1|PENDING|Resources\n101_2|PENDING|Priority\n103|PENDING|Dependency\n' >slurm/queue
echo '1 0 node1' >results/runs/tiny/slurm/ended/3
status() { try status tiny | grep -v -i '^time left'; }
status
rm slurm/queue
printf '101_1|OUT_OF_MEMORY|node2\n' >slurm/sacct.said
for task in 0 2; do echo '0 1 node2' >results/runs/tiny/slurm/ended/$task; done
echo '1 0 node1' >results/runs/tiny/slurm/ended/merge
status
echo 'merge -3' >>results/runs/tiny/slurm/jobs
status
sed -i '$d' results/runs/tiny/slurm/jobs
understudy run --no-plots --set network.width=[2,3,4,5] tiny.yaml >out 2>err
: >slurm/busy
try status tiny | grep -v ', cached'
