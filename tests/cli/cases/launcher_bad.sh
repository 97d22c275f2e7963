# Launchers that are not there, or wrong; and local, which is this machine.
. "$ROOT/tests/cli/tiny.sh"
tiny
try run --launcher slrum tiny.yaml
mkdir -p home/experiments/launchers
ln -s "$ROOT/networks" home/networks
ln -s "$ROOT/experiments/hardware" home/experiments/hardware
printf 'launcher: bad\nsystem: slurm\ncpus: many\noptions: [-a 1-3]\nenvironment: 3\n' >home/experiments/launchers/bad.yaml
try run --home home --launcher bad tiny.yaml
try schema machine
understudy run --launcher local --no-plots tiny.yaml >out 2>err
[ -s results/tiny.h5 ] || fail 'local did not run here'
