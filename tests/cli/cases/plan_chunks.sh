# The tasks and job arrays that a launcher would make: those that `run --launcher` hands in.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
plan() { try plan "$@" tiny.yaml | sed -n '/^launcher\|^every\|^=>/p'; }
echo "-- nothing has run: a trial is taken for what the description says"
plan --launcher paper --set replicates=4
calls
echo "-- the same, handed in"
understudy run --launcher paper --set replicates=4 tiny.yaml 2>/dev/null
calls >/dev/null
echo "-- as many trials as tasks last for; the array's size is the description's"
printf 'task_time: 2.6\narray_size: 2\ncpus: 4\nthreads: 2\n' >more
sed '/^task_time/d' home/experiments/launchers/paper.yaml | cat - more | sed 's/paper/other/' >home/experiments/launchers/other.yaml
plan --launcher other --set replicates=11
[ ! -s slurm/calls ] || fail "the site was asked"
echo "-- no word of the site"
printf '#!/bin/sh\necho no controller >&2\nexit 3\n' >slurm/scontrol
plan --launcher paper --set replicates=4
echo "-- no launcher is named: slurm, if there is one; the site is not asked"
plan --set replicates=4
ln -s "$ROOT/experiments/launchers/slurm.yaml" "$ROOT/experiments/launchers/local.yaml" home/experiments/launchers 2>/dev/null
plan --set replicates=4
echo "-- trials are known to take a moment"
understudy run --no-plots tiny.yaml >/dev/null 2>&1
plan --launcher other --set network.width=[2,4,6] | sed 's/about.*each/about N/'
plan --launcher other
echo "-- those to come are long, though the ones that have run were not"
sed -i 's/^task_time.*/task_time: 0.001/; s/^array_size.*/array_size: 5/; /^cpus/d; /^threads/d' \
  home/experiments/launchers/other.yaml
plan --launcher other --set train.epochs=200000 --set replicates=4 | sed 's/about.*each/about N/'
echo "-- mistakes"
try plan --launcher papr tiny.yaml
