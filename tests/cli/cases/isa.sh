. "$ROOT/tests/cli/tiny.sh"
tiny
try check --isa avx tiny.yaml
try check -i sse9 tiny.yaml
if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
  try check --isa avx2 tiny.yaml
  understudy run --no-plots --isa avx2 tiny.yaml 2>/dev/null >first
  rm -r results
  understudy run --no-plots --isa=avx2 tiny.yaml 2>/dev/null >second
  cmp first second
else
  echo "skipped: this processor has no avx2"
fi
