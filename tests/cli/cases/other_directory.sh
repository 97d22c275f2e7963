# Paths are those of the working directory; the home is found from anywhere; names may have spaces.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml 2>/dev/null >here
mkdir -p 'a folder/b'
cp tiny.yaml 'a folder/an experiment.yaml'
cd 'a folder/b'
understudy check '../an experiment.yaml'
understudy run --no-plots -r 'my results' '../an experiment.yaml' 2>/dev/null >../../there
cd ../..
[ -n "$(digest here)" ] || fail "no content_sha256"
cmp <(digest here) <(digest there)
head -n 1 there
