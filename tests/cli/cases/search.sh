# Searches by every method: the same file whatever the threads and however often interrupted; nothing is
# computed twice; the results say what was searched and what came out best; and they can be verified.
. "$ROOT/tests/cli/tiny.sh"
base() {
  tiny
  sed -i '/^grid:/,$d' tiny.yaml
  cat >>tiny.yaml
}
space='  objectives: {network.validation.ssim: maximise, hardware.tpu_v1.energy_j: minimise}
  space:
    train.learning_rate: {log_uniform: [1e-4, 1e-1]}
    network.width: {integer: [2, 6]}
    train.optimizer: {choice: [sgd, adam]}'
run() { understudy run --no-plots --no-timing --results "$@" tiny.yaml >out 2>err; }
for method in 'method: random, points: 5' 'method: sobol, points: 4' 'method: tpe, points: 9, startup: 4, batch: 3' \
  'method: halving, points: 9, most: 4, eta: 2'; do
  printf 'search:\n%s\n%s\n' "$(echo "$method" | sed 's/^/  /; s/, /\n  /g')" "$space" | base
  rm -rf a b
  run a --threads 1
  calm=$(digest out)
  sed -n '/^[0-9]* trials/s/; .*//p' err
  run b --threads 2 --workers 3
  [ "$(digest out)" = "$calm" ] || fail "$method: other threads, other bits"
  # What was kept of the trials is lost: the same points come out.
  rm -r b/cache/evaluate b/tiny.h5
  run b --threads 1
  [ "$(digest out)" = "$calm" ] || fail "$method: resumed, other bits"
  run b --threads 1
  sed -n '/^[0-9]* trials/s/; .*//p' err
  understudy table a/tiny.h5 | head -n 1 | cut -d, -f1-6 | tr -d '\r'
  understudy verify -r a tiny -n 2 --seed 1 2>/dev/null | cut -d, -f3 | sort | uniq -c
done
understudy check tiny.yaml
# Figures know what was searched, and a point may come twice.
{
  printf 'search: {method: random, points: 5, objectives: {network.validation.ssim: maximise},\n'
  printf '  space: {network.width: {integer: [2, 3]}}}\n'
  printf 'figures: [performance_vs_computation: {hardware: tpu_v1}, curves, examples]\n'
} | base
run c
understudy table c/tiny.h5 | cut -d, -f3 | tr -d '\r' | sort | uniq -c
printf 'search:\n  method: halving\n  points: 9\n  most: 4\n  eta: 2\n%s\n' "$space" | base
understudy plan tiny.yaml | head -n 1
understudy plan --set search.most=1 tiny.yaml | head -n 1
if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  echo "skipped: no h5py"
  exit
fi
/usr/bin/python3 - <<'END'
import h5py
with h5py.File('a/tiny.h5') as f:
    s, t = f['search'], f['trials']
    assert s['method'][()] == b'halving'
    assert list(s['objectives']) == [b'network.validation.ssim', b'hardware.tpu_v1.energy_j']
    assert list(s['directions']) == [b'maximise', b'minimise']
    assert list(s['round']) == list(s['rung']) == [0] * 9 + [1] * 4 + [2] * 2, list(s['round'])
    assert list(t['train.epochs']) == [1] * 9 + [2] * 4 + [4] * 2
    assert (s['values'][:, 0] == t['network.validation.ssim'][:]).all()
    score, cost = s['values'][13:, 0], s['values'][13:, 1]
    for i in (0, 1):
        o = 1 - i
        dominated = score[o] >= score[i] and cost[o] <= cost[i] and (score[o], cost[o]) != (score[i], cost[i])
        assert s['pareto'][13 + i] == (not dominated)
    assert sum(s['pareto'][:13]) == 0 and sum(s['pareto']) > 0
    print(f['plan/resolved'][()].decode().split('search:')[1].split('figures')[0])
END
