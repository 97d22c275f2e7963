# Half a launch is taken back; a site without Slurm, or with a Slurm that says nothing, is told.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
echo merge.sh >slurm/refuse
try run --launcher paper tiny.yaml
calls
(ulimit -f 1 && try run --launcher paper tiny.yaml) | sed "s|$PWD/||; s/\.[0-9a-f]*\.[0-9a-f-]*\.part/.PID.part/"
calls
echo none >slurm/array
try run --launcher paper tiny.yaml
rm slurm/scontrol
PATH=$(dirname "$(command -v understudy)"):$SLURM:/usr/bin-nothing try run --launcher paper tiny.yaml
