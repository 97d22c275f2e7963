# The first twenty, unless all are asked for.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy plan --set replicates=30 tiny.yaml | tail -n 2
understudy plan --set replicates=30 --all tiny.yaml | tail -n 1
