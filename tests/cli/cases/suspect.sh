# A trial whose network is far below its input is suspect, with the reason; it counts, and the verdict says so.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --workers 1 --set 'grid.train.learning_rate=[1e-3, 10]' --set network.width=2 --set train.epochs=4 \
  tiny.yaml >/dev/null 2>err
understudy table results/tiny.h5 | cut -d, -f 3-5 | tr -d '\r' | sed -E 's/ [0-9][0-9.e+]*/ N/g'
grep -o '; suspect: .*far below' err | sed -E 's/ [0-9][0-9.e+]*/ N/g'
grep '^  suspect' err
understudy best tiny | tail -n 1 | grep -o '1/1 .*'
understudy verify --sample 2 tiny 2>&1 | tail -n 1
