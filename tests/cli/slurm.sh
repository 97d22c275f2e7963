# A Slurm of paper for cases to source: what `understudy` asks of Slurm's programs is noted in calls, and
# answered from files, so that each answer can be tried; tests/slurm/run has a real one.
mkdir -p slurm home/experiments/launchers
ln -s "$ROOT/networks" home/networks
ln -s "$ROOT/experiments/hardware" home/experiments/hardware
export UNDERSTUDY_HOME=$PWD/home SLURM=$PWD/slurm
PATH=$SLURM:$PATH
cat >home/experiments/launchers/paper.yaml <<'END'
launcher: paper
system: slurm
poll: 0.1
task_time: 1
END
cat >slurm/sbatch <<'END'
#!/usr/bin/env bash
echo "sbatch $*" | sed "s|$PWD/|./|" >>"$SLURM/calls"
[ ! -e "$SLURM/refuse" ] || ! grep -q "$(cat "$SLURM/refuse")" <<<"$*" || { echo 'sbatch: error: no' >&2; exit 1; }
job=$(($(cat "$SLURM/job" 2>/dev/null || echo 100) + 1))
echo "$job" >"$SLURM/job"
echo "$job"
END
cat >slurm/squeue <<'END'
#!/usr/bin/env bash
echo "squeue $*" >>"$SLURM/calls"
[ ! -e "$SLURM/meanwhile" ] || . "$SLURM/meanwhile"
if [ -e "$SLURM/busy" ]; then
  rm "$SLURM/busy"
  echo 'slurm_load_jobs error: Socket timed out' >&2
  exit 1
fi
cat "$SLURM/queue" 2>/dev/null || { echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1; }
END
cat >slurm/scontrol <<'END'
#!/usr/bin/env bash
echo "scontrol $*" >>"$SLURM/calls"
echo "MaxArraySize            = $(cat "$SLURM/array" 2>/dev/null || echo 3)"
END
for program in scancel sacct; do
  cat >slurm/$program <<'END'
#!/usr/bin/env bash
echo "$(basename "$0") $*" >>"$SLURM/calls"
cat "$SLURM/$(basename "$0").said" 2>/dev/null || true
END
done
chmod +x slurm/sbatch slurm/squeue slurm/scontrol slurm/scancel slurm/sacct
calls() {
  cat slurm/calls
  : >slurm/calls
}
