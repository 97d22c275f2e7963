# The paper's numbers, tables and figures from published results; what is changed, stale or missing is named.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir -p experiments results/published paper
sed 's/^task:/replicates: 2\ntask:/' tiny.yaml >experiments/tiny.yaml
understudy run --no-plots experiments/tiny.yaml >/dev/null 2>&1
understudy publish results/tiny.h5
cat >paper/paper.yaml <<'END'
results: [tiny]
later: [talk]
numbers:
  - {name: Trials, results: tiny, reduce: count, digits: 0}
  - {name: Gain, results: tiny, column: network.test.ssim, minus: pipeline.test.ssim, reduce: interval}
  - {name: Talk, results: talk, column: network.test.ssim}
tables:
  - {name: small, columns: lr, head: [what, number], rows: [[trials, "${Trials}"], [talk, "${Talk}"]]}
figures:
  - {name: loss, results: tiny, figure: curves}
END
try paper
grep 'Trials' build/paper/numbers.tex
cat build/paper/tables/small.tex
understudy verify paper >differences 2>said || fail "verify: $(cat differences said)"
grep -q '^[0-9]* compared, 0 different$' said || fail "$(cat said)"
# Twice the same files.
mv build first
understudy paper >/dev/null
diff -r first build
# A number by hand, a figure by hand, a figure from other results.
sed -i 's/{\\Trials}{4}/{\\Trials}{5}/' build/paper/numbers.tex
echo >>build/paper/figures/loss.pdf
sed -i 's/^content_sha256 .*/content_sha256 other/' build/paper/figures/loss.source
try verify paper | sed 's/[0-9a-f]\{64\}/SHA/g; s/^[0-9]* compared/N compared/'
# A result and a plotted value by hand: told as such; published once more, it is not what the curves give.
cp results/published/tiny.h5 kept.h5
alter() {
  /usr/bin/python3 -c '
import h5py, sys
with h5py.File("results/published/tiny.h5", "r+") as f:
    group = f["figures/curves"] if sys.argv[1] == "series" else f["trials"]
    values = group[group["order"][0].decode()]["y"] if sys.argv[1] == "series" else group["network.test.ssim"]
    values[0] = 0.125' "$1"
}
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  understudy paper >/dev/null
  for what in series trials; do
    cp kept.h5 results/published/tiny.h5
    alter $what
    understudy verify paper >differences 2>said && fail "an altered result is not seen"
    grep -q 'tiny: results/published/tiny.h5 was changed after it was published$' said || fail "$(cat said)"
    understudy publish results/published/tiny.h5 >/dev/null
    understudy verify paper >differences 2>said && fail "altered $what are not seen"
    case $what in
      series) grep -q '^series,tiny:/figures/curves,' differences || fail "$(cat differences said)" ;;
      trials) grep -q '^number,Gain,' differences || fail "$(cat differences said)" ;;
    esac
  done
  cp kept.h5 results/published/tiny.h5
fi
# Of another plan than the experiment's file has now; gone.
sed -i 's/epochs: 1/epochs: 2/' experiments/tiny.yaml
try paper
rm results/published/tiny.h5
try paper
try verify paper
try paper none.yaml
