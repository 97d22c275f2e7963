# A search is handed over with all its rounds, and, once they are done, merged here.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
sed -i '/^grid/d; /^  network.width: .2/d' tiny.yaml
cat >>tiny.yaml <<'END'
search:
  method: tpe
  points: 6
  startup: 2
  batch: 2
  objectives: {network.validation.ssim: maximise}
  space: {network.width: {integer: [2, 6]}}
END
plan() { understudy plan --launcher paper tiny.yaml | sed -n '/^launcher\|^all rounds/p' | sed 's/, about [^(;]*each//'; }
plan
try run --launcher paper tiny.yaml
calls
rm -r results slurm/job
understudy run --no-plots --no-timing tiny.yaml >out 2>/dev/null
rm results/tiny.h5
echo "-- all rounds are done"
plan
try run --launcher paper --no-plots tiny.yaml | sed '/^\[/d; s/; [0-9.]* s$//; s/^content_sha256 .*/a digest/'
[ ! -e slurm/calls ] || [ -z "$(calls)" ] || fail "Slurm was asked"
understudy run --no-plots --no-timing tiny.yaml 2>/dev/null | cmp - out
echo "-- a record is gone"
mkdir aside
mv "$(find results/cache/evaluate -name '*.h5' | sort | tail -n 1)" aside
rm results/tiny.h5
understudy run --launcher paper tiny.yaml >/dev/null 2>&1
grep -c '^sbatch' slurm/calls
