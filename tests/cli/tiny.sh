# For cases to source. tiny: writes tiny.yaml, an experiment of two trials that takes a moment.
# try: runs the program, both streams to stdout in order but for the verdict, then its exit status; never ends the
# case.
# fail: ends the case and says why.
set -eu

tiny() {
  cat >tiny.yaml <<'END'
experiment: tiny
task: denoise
dataset:
  name: digits
  manual: 4
  unlabelled: 16
  validation: 4
  test: 8
  degrade: [gaussian_noise: {sigma: 32}]
pipeline: {stages: [median: {radius: 1}, gaussian: {sigma: 0.5}]}
network: {family: dncnn, depth: 2, width: 2}
train: {epochs: 1, batch: 8, shard: 4}
hardware: [tpu_v1]
grid:
  network.width: [2, 4]
figures:
  - performance_vs_computation: {hardware: tpu_v1, metric: ssim}
  - curves
  - examples
END
}

SED=$(command -v sed) # a case may try without any PATH

try() {
  echo "\$ understudy $*"
  { understudy "$@" 2>&1 && echo "=> 0" || echo "=> $?"; } | "$SED" '/^verdict$/,/^  next /d; /^  command /d'
}

fail() {
  echo "$*" >&2
  exit 99
}

# digest NAME: what `run` said on its stdout, kept in the file NAME.
digest() { sed -n 's/^content_sha256 \([0-9a-f]\{64\}\)$/\1/p' "$1"; }
