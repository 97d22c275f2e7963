. "$ROOT/tests/cli/tiny.sh"
tiny
try check --engine reference tiny.yaml
try check --engine openblas tiny.yaml
try check --engine referense tiny.yaml
try check --engine abacus tiny.yaml
