# A budget of core hours: no trial is begun once it is used up, on this machine or on a cluster; what was
# used is counted from the trials' log, in later runs, too. With a larger one, the run goes on to the same bits.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
hide() { sed 's/: [0-9.e-]* of 1e-06/: … of 1e-06/; s/core_hours=[0-9.e-]*, /core_hours=…, /; s/, [0-9.]* s, .*images.s/, …/; s/failed; [0-9.]* s/failed/; s/^content_sha256 .*/a digest/'; }
run() { try run --workers 1 --no-plots --no-timing "$@" tiny.yaml 2>&1 | hide; }
run --set limits.core_hours=1e-6
[ ! -e results/tiny.h5 ] || fail 'a results file was written'
grep -c '^done ' results/runs/tiny/computed/*.log
run --set limits.core_hours=1e-6
run --set limits.core_hours=1e-6 --launcher paper
[ ! -e slurm/calls ] || ! grep sbatch slurm/calls || fail 'trials were handed in'
try work --workers 1 --set limits.core_hours=1e-6 tiny.yaml 2>&1 | hide
run --set limits.core_hours=1
mv results/tiny.h5 with.h5
rm -r results
understudy run --no-plots --no-timing tiny.yaml >out 2>/dev/null
try diff with.h5 results/tiny.h5 2>&1 | grep -c '^equal$'
echo '-- eight threads take eight times as much'
rm -r results/runs/tiny/computed/* results/cache results/tiny.h5
understudy run --workers 1 --threads 8 --no-plots --no-timing --set network.width=2 tiny.yaml >/dev/null 2>&1 || :
sed 's/^done [0-9a-f]* \([0-9]*\) [0-9.]* [0-9]* /done \1 /; /^begin/d' results/runs/tiny/computed/*.log
try check --set limits.core_hours=-1 tiny.yaml
