# Waiting: until the queue is empty and the merging job has left word. What went wrong is named.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
printf '101_0|RUNNING|None\n102|PENDING|Dependency\n' >slurm/queue
cat >slurm/meanwhile <<'END'
[ "$(grep -c ^squeue "$SLURM/calls")" -ne 2 ] || : >"$SLURM/busy"
if [ "$(grep -c ^squeue "$SLURM/calls")" -eq 3 ]; then
  cd results/runs/tiny/slurm
  echo '0 0 node1' >ended/0
  printf 'results/tiny.h5\ncontent_sha256 00\n' >merged
  echo '0 0 node1' >ended/merge
  rm "$SLURM/queue"
fi
END
try run --wait --launcher paper --set network.width=[2] tiny.yaml
calls

printf '103_0|CANCELLED|None\n104|CANCELLED|None\n' >slurm/queue
cat >slurm/meanwhile <<'END'
[ ! -e results/runs/tiny/slurm/jobs ] || echo '3 0 node1' >results/runs/tiny/slurm/ended/1
END
echo 8 >slurm/array
echo '103_2|TIMEOUT|node2' >slurm/sacct.said
try run --wait --launcher paper --set network.width=[2,3,4] tiny.yaml
echo 'sacct: error: Slurm accounting storage is disabled' >slurm/sacct.said
sed -i 's/^cat/cat >\&2/' slurm/sacct
rm slurm/queue slurm/meanwhile
try run --wait --launcher paper --set network.width=[2,3,4] tiny.yaml
