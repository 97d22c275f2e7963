# Commands other than `run` and `work` end by the signal itself, at once, whenever it comes. What they leave
# behind then is no half of a file, and is gone after the next such command.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml >/dev/null 2>&1
mkdir pub
understudy publish -o pub results/tiny.h5 >/dev/null
understudy table pub/tiny.h5 >whole.csv
cat >paper.yaml <<'END'
results: [tiny]
numbers:
  - {name: Score, results: tiny, column: network.test.ssim}
figures:
  - {name: curves, results: tiny, figure: curves}
END
verb() {
  case $1 in
  publish) echo publish -o pub results/tiny.h5 ;;
  plot) echo plot pub/tiny.h5 ;;
  paper) echo paper --results pub --out out --experiments . paper.yaml ;;
  table) echo table results/tiny.h5 ;;
  diff) echo diff results/tiny.h5 pub/tiny.h5 ;;
  verify) echo verify --sample 1 tiny ;;
  esac
}
stop() { # stop VERB SIGNAL NUMBER SECONDS
  local code=0 begin=${EPOCHREALTIME/./}
  # shellcheck disable=SC2046
  timeout --preserve-status -s "$2" "$4" understudy $(verb "$1") >/dev/null 2>err || code=$?
  local took=$((${EPOCHREALTIME/./} - begin))
  [ $code -le 1 ] || [ $code -eq $((128 + $3)) ] || fail "$1, $2 after $4 s: status $code: $(cat err)"
  [ $code -le 1 ] || [ $took -lt 5000000 ] || fail "$1, $2 after $4 s: $took microseconds"
}
for name in publish plot paper table diff verify; do
  for seconds in 0.02 0.06 0.12 0.25; do
    stop $name INT 2 $seconds
    stop $name TERM 15 $seconds
    understudy table pub/tiny.h5 | cmp - whole.csv || fail "$name: half a file"
  done
done
for name in publish plot paper; do
  # shellcheck disable=SC2046
  understudy $(verb $name) >/dev/null || fail "$name: $?"
done
find . -name '*.part'
