# What is cached, how long the rest takes, and which field made it so.
. "$ROOT/tests/cli/tiny.sh"
tiny
plan() {
  understudy plan "$@" tiny.yaml |
    sed -E '1,3d; s/about [0-9.]+ core-[a-z]*/about N/; s/^(launcher slurm: .*), about.*/\1/'
}
run() { understudy run --no-plots --no-timing tiny.yaml >/dev/null 2>&1; }
echo "-- nothing has been run"
plan --why
run
echo "-- all is there"
plan --why
rm -r results/cache/evaluate
echo "-- the results file alone"
plan --why | tail -n 3
echo "-- an entry is gone"
rm results/tiny.h5
plan --why | tail -n 4
echo "-- a setting of the training, and a wider network"
run
plan --why --set train.epochs=4 --set 'network.width=[2,4,8]'
echo "-- a stage's setting, and what is stored"
plan --why --set 'pipeline.stages[1].gaussian.sigma={tune: [0.5, 0.7]}' --set store.examples=3 | tail -n 5
echo "-- machines alone"
plan --why --set hardware=[] --set figures=[] | tail -n 2
echo "-- other random numbers"
plan --why --set seed=7 | tail -n 5
echo "-- another version of a stage"
rm -r results/cache results/tiny.h5
sed -i 's/stages version: gaussian [0-9]*/stages version: gaussian 0/' results/runs/tiny/plan/first.txt
plan --why | tail -n 5
