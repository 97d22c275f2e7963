#!/bin/bash
#SBATCH --job-name=odd.merge
#SBATCH --output="/d %%A 'q' \"w\" #1/runs/odd/slurm/logs/merge-%j.log"
#SBATCH --chdir="/d %A 'q' \"w\" #1"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@90
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --time=7
#SBATCH --mem=1234M
#SBATCH --partition=short
#SBATCH --account="my project"
#SBATCH --qos=high
#SBATCH --constraint=avx512&ib
#SBATCH --exclusive

# Writes the results file of experiment odd after its tasks and runs the trials that
# they left. Written by `understudy run --launcher`.

self=merge
folder='/d %A '\''q'\'' "w" #1/runs/odd/slurm'
restarts=${SLURM_RESTART_COUNT:-0}
echo "merge on ${SLURMD_NODENAME:-?}, started $((restarts + 1)) times"

# end STATUS: record the status and exit.
end() {
  echo "$1 $restarts ${SLURMD_NODENAME:-?}" >"$folder/ended/$self.part" &&
    mv "$folder/ended/$self.part" "$folder/ended/$self"
  exit "$1"
}

trap 'echo "a line of the launcher'\''s set-up failed: $BASH_COMMAND"; end 1' ERR
module load apptainer
ulimit -n 4096
trap - ERR
export A='it'\''s $x'
export B=2
export C=''
cd '/d %A '\''q'\'' "w" #1' || end 1

apptainer exec --bind '/a b' image.sif /usr/bin/understudy run --workers 8 --threads 1 --expect "$folder/plan.yaml" --set 'about=it'\''s "odd" $HOME `x`
#' --isa avx2 -- '/d %A '\''q'\'' "w" #1/-odd.yaml' >"$folder/merged" &
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
if [ -n "$warned" ] && [ "$code" -ge 128 ] && [ "$restarts" -lt 3 ]; then
  echo 'the time limit is near: requeued'
  scontrol requeue "$SLURM_JOB_ID" && sleep 60
  [ -n "$stopped" ] || echo 'cannot be requeued'
elif [ -n "$warned" ] && [ "$code" -ge 128 ]; then
  echo "the time limit is near, and this was started $((restarts + 1)) times already"
fi
# Stopped by Slurm, which decides what happens to the job.
[ -z "$stopped" ] || [ "$code" -lt 128 ] || exit "$code"
end "$code"
