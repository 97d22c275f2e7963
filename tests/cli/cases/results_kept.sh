# Another plan of the same name keeps the old results and figures, and says so; the same plan goes on.
. "$ROOT/tests/cli/tiny.sh"
tiny
run() { understudy run "$@" 2>&1 >out | grep '^understudy: ' || true; }
echo '- once, and again'
run tiny.yaml
digest out >first
run tiny.yaml
run --no-timing --threads 1 tiny.yaml
ls results plots
echo '- another value'
run --set train.epochs=2 tiny.yaml
digest out >second
ls results plots
understudy table results/tiny~1.h5 | wc -l
ls plots/tiny~1 | grep -c png
echo '- another file'
sed 's/sigma: 32/sigma: 48/' tiny.yaml >other.yaml
run other.yaml
echo '- as it was: what is kept already is not kept twice, but what was there is'
run tiny.yaml
cmp <(digest out) first || fail "other bits"
run other.yaml
run --set train.epochs=2 tiny.yaml
cmp <(digest out) second || fail "other bits"
ls results plots
echo '- a number that is taken, by figures too, is not given again'
rm results/tiny~3.h5
run --no-plots --set seed=3 tiny.yaml
rm results/tiny~1.h5
run --no-plots --set seed=4 tiny.yaml
ls results plots
echo '- what is no results file'
place() { # place NAME: something odd for a results file
  rm results/tiny.h5
  case $1 in
  notes) echo 'my notes' >results/tiny.h5 ;;
  folder) mkdir results/tiny.h5 ;;
  cut) head -c 3000 results/tiny~2.h5 >results/tiny.h5 ;;
  link) ln -s nowhere results/tiny.h5 ;;
  esac
}
for what in notes folder cut link; do
  place $what
  run --no-plots tiny.yaml
done
cat results/tiny~5.h5
[ -d results/tiny~6.h5 ]
[ "$(wc -c <results/tiny~7.h5)" -eq 3000 ]
readlink results/tiny~8.h5
cmp <(understudy run --no-plots tiny.yaml 2>/dev/null | digest /dev/stdin) first
[ "$(find . -name '*.part')" = "" ]
echo '- each file plots its own'
understudy plot results/tiny~2.h5 | head -n 1
