. "$ROOT/tests/cli/tiny.sh"
tiny
understudy check tiny.yaml
