# One bad file does not hide another, nor a good one.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed 's/^task:.*/&\nsead: 3/' tiny.yaml >typo.yaml
mkdir folder
: >empty.yaml
try check typo.yaml tiny.yaml missing.yaml folder empty.yaml
