# This machine as one to price on: numbers above 0, each with a source; experiments take it.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir hardware
understudy bench host --seconds 0.01 --threads 1 >hardware/host.yaml
sed -n 's/^\([a-z0-9_]*\): \[*\([0-9].*[0-9]\)\]*$/\1 \2/p' hardware/host.yaml | tr -d , |
  awk '{ for (i = 2; i <= NF; i++) good += $i > 0; all += NF - 1 } END { print (good == all && all >= 6) ? "positive" : "no: " good " of " all }'
UNDERSTUDY_PATH=. understudy describe hardware host | head -n 3 | sed 's/ran on, .*/ran on/'
sed -i 's/^hardware:.*/hardware: [host]/; /performance/d' tiny.yaml
understudy run --no-plots tiny.yaml >out 2>&1 || fail "$(cat out)"
understudy table results/tiny.h5 | head -n 1 | tr , '\n' | grep '^hardware' | tr -d '\r'
try bench host --threads 0
