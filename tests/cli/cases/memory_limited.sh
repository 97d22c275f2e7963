# Under whatever `ulimit -v`, a run ends by itself: done, or with a reason. (OpenBLAS waits for ever for a buffer
# that it does not get.)
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i "/^grid:/,+1d" tiny.yaml
unset OPENBLAS_NUM_THREADS
refused=0
for limit in 120000 160000 200000 240000 280000 320000 360000 380000 400000 420000 600000 1000000; do
  for threads in 1 2; do
    code=0
    (ulimit -v $limit && exec timeout -k 5 100 understudy run --no-plots --workers 1 -t $threads -r r-$limit-$threads \
      tiny.yaml) >out 2>log </dev/null || code=$?
    case $code in 124 | 137 | 139 | 134) fail "$limit kB, $threads threads: status $code: $(cat log)" ;; esac
    [ $code -eq 0 ] || [ -s log ] || fail "$limit kB, $threads threads: not a word, status $code"
    ! grep -q 'takes 128 MiB of address space for each thread' log || refused=$((refused + 1))
  done
done
[ $code -eq 0 ] || fail "1 GB is not enough: $(cat log)"
[ $refused -gt 0 ] || fail "no limit met the engine's own"
