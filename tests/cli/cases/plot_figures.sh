# Figures of other settings, and whole new ones, from stored results: nothing runs, the results file stays as it is.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing tiny.yaml >/dev/null 2>&1
sum=$(sha256sum results/tiny.h5)
sed '/^figures:/,$d' tiny.yaml >changed.yaml
cat >>changed.yaml <<'END'
figures:
  - curves: {title: Two widths, x_axis: {label: passes}, y2_axis: {scale: linear}, legend: right, theme: dark}
  - scatter: {x: multiply_adds, y: ssim, by: network.width, size: [5, 3]}
  - pareto: {cost: energy_j, y_axis: {unit: x}}
  - histogram: {column: network.test.psnr, bins: 3}
  - agreement
  - parallel
  - examples: {images: 1, cut: always, gain: 10}
END
try plot --figures changed.yaml results/tiny.h5
[ "$(sha256sum results/tiny.h5)" = "$sum" ] || fail "the results file has changed"
head -1 plots/tiny/scatter.csv
echo 'figures: [scatter: {x: multiply_ads, y: ssim}]' >wrong.yaml
try plot --figures wrong.yaml results/tiny.h5
echo 'figures: [scater: {x: a, y: b}, curves: {y_axis: {range: [2, 1]}}]' >wrong.yaml
try plot --figures wrong.yaml results/tiny.h5
echo 'experiment: tiny' >wrong.yaml
try plot --figures wrong.yaml results/tiny.h5
try plot --figures missing.yaml results/tiny.h5
