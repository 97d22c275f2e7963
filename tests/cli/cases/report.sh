# The report of a results file, by the experiment's name and by the file's; of a file that was kept; what it does
# not take. A run writes it, too.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots --no-timing --set figures=[curves] tiny.yaml >/dev/null 2>&1
[ ! -e plots ] || fail "a report that nobody wanted"
try report tiny
mv plots/tiny/index.html first.html
try report results/tiny.h5
cmp plots/tiny/index.html first.html
cp results/tiny.h5 tiny~2.h5
try report --plots elsewhere 'tiny~2.h5'
cmp 'elsewhere/tiny~2/index.html' first.html
grep -c '{{' first.html || true
understudy run --no-timing --set figures=[] tiny.yaml 2>/dev/null | sed 's/[0-9a-f]\{64\}/DIGEST/'
echo '- the text of a stranger is no markup'
understudy run --no-plots --no-timing --set 'about=</script><img src=x onerror=alert(1)>' tiny.yaml >/dev/null 2>&1
try report tiny
if grep -q '<img src=x' plots/tiny/index.html; then fail "markup of a stranger"; fi
grep -c '"about": "\\u003c/script>\\u003cimg src=x onerror=alert(1)>"' plots/tiny/index.html
echo '- what it does not take'
try report nothing
try report tiny.yaml
echo no results >no.h5
try report no.h5
try report
try report --megabytes 0 tiny
try report --megabytes 5x tiny
try report --home "$PWD" tiny | sed "s|$PWD|HERE|"
mkdir locked
: >locked/tiny
try report --plots locked tiny | sed "s|html.[0-9a-f].*part|html.PART|"
mkdir away linked
ln -s ../away linked/tiny
try report --plots linked tiny
[ -z "$(ls away)" ] || fail "written through a link"
