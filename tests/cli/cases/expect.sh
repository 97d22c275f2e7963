# A launched task refuses what is not the plan of the launch: an edited file, another instruction set.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/slurm.sh"
tiny
run() { "$@" | sed "s|$PWD/||; s/'engine_isa: [^']*'/'engine_isa: …'/"; }
understudy run --launcher paper tiny.yaml >jobs 2>err
plan=results/runs/tiny/slurm/plan.yaml
understudy work --results here --expect $plan tiny.yaml 2>err || fail "$(cat err)"
run try work --expect $plan --set train.epochs=2 tiny.yaml
run try run --expect $plan --set 'grid.train.batch=[4, 8]' tiny.yaml
sed -i 's/engine_isa: .*/engine_isa: other/' $plan
run try work --expect $plan tiny.yaml
run try work --expect missing.yaml tiny.yaml
[ ! -e results/cache/evaluate ] || fail 'something was computed'
