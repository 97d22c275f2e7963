#!/bin/bash
#SBATCH --job-name=denoise.merge
#SBATCH --output=/data/results/runs/denoise/slurm/logs/merge-%j.log
#SBATCH --chdir=/data
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --time=60

# Writes the results file of experiment denoise after its tasks and runs the trials that
# they left. Written by `understudy run --launcher`.

self=merge
folder=/data/results/runs/denoise/slurm
restarts=${SLURM_RESTART_COUNT:-0}
echo "merge on ${SLURMD_NODENAME:-?}, started $((restarts + 1)) times"

# end STATUS: record the status and exit.
end() {
  echo "$1 $restarts ${SLURMD_NODENAME:-?}" >"$folder/ended/$self.part" &&
    mv "$folder/ended/$self.part" "$folder/ended/$self"
  exit "$1"
}

cd /data || end 1

/opt/understudy/build/understudy run --workers 1 --threads 1 --expect "$folder/plan.yaml" --home /opt/understudy --results /data/results --plots /data/plots -- /data/denoise.yaml >"$folder/merged" &
worker=$!
# USR1: the time is nearly over. The program writes a checkpoint and ends, and goes on from
# there once it is queued again. TERM, of a cancelled or preempted job, reaches the program
# too: this script only has to outlive it.
warned=
trap 'warned=1; kill -TERM "$worker" 2>/dev/null' USR1
stopped=
trap 'stopped=1' TERM
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; done
wait "$worker"
code=$?
if [ -n "$warned" ] && [ "$code" -ge 128 ] && [ "$restarts" -lt 100 ]; then
  echo 'the time limit is near: requeued'
  scontrol requeue "$SLURM_JOB_ID" && sleep 60
  [ -n "$stopped" ] || echo 'cannot be requeued'
elif [ -n "$warned" ] && [ "$code" -ge 128 ]; then
  echo "the time limit is near, and this was started $((restarts + 1)) times already"
fi
# Stopped by Slurm, which decides what happens to the job.
[ -z "$stopped" ] || [ "$code" -lt 128 ] || exit "$code"
end "$code"
