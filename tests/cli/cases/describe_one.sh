# One thing, with its kind or without.
. "$ROOT/tests/cli/tiny.sh"
understudy describe stage median
understudy describe stage median >one
understudy describe median | cmp - one
