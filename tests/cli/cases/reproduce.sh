# make reproduce: a published experiment run anew, apart from all that was kept, and compared.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir -p experiments results/published tools
cp tiny.yaml experiments/
cp "$ROOT/tools/reproduce" tools/
UNDERSTUDY=$(command -v understudy)
export UNDERSTUDY
understudy run --no-plots --no-timing tiny.yaml >/dev/null 2>&1
understudy publish results/tiny.h5 >/dev/null
again() {
  local code=0
  tools/reproduce "$@" >said 2>&1 || code=$?
  grep -E 'reproduce' said
  echo "=> $code"
}
again tiny --no-timing
[ -f build/reproduce/tiny/part/tiny.h5 ] || fail "nothing was run"
# The published score of a trial by hand.
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  /usr/bin/python3 -c '
import h5py
with h5py.File("results/published/tiny.h5", "r+") as f:
    f["trials/network.test.ssim"][1] = 2'
  again tiny --no-timing >told
  grep -qx 'results/published/tiny.h5: not reproduced' told || fail "$(cat told)"
  grep -q '^metric,network.test.ssim,trial 1,2,' said || fail "$(cat said)"
fi
again tini
grep -x tiny said
again
