# Without a home, that is the one thing said.
. "$ROOT/tests/cli/tiny.sh"
tiny
try check --home nowhere tiny.yaml
try plan --home nowhere tiny.yaml
UNDERSTUDY_HOME=nowhere try check tiny.yaml
UNDERSTUDY_HOME=nowhere try check --home "$ROOT" tiny.yaml | sed "s|$ROOT|HOME|"
