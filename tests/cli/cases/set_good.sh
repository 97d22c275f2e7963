# --set on an axis replaces it; on grid.PATH it adds one; elsewhere it is the value of every trial.
. "$ROOT/tests/cli/tiny.sh"
tiny
# The plan's hash, which knows the processor, is not looked at.
{
  try plan --set 'network.width=[6, 8, 10]' tiny.yaml
  try plan -s network.width=6 -s replicates=2 tiny.yaml
  try plan --set=grid.train.epochs=[1,2] tiny.yaml
  try plan --set 'pipeline.stages=[bilateral]' --set experiment=other tiny.yaml
} | sed 's/^plan [0-9a-f]\{64\}$/plan HASH/'
