# The first twenty, unless all are asked for.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy plan --set replicates=30 tiny.yaml | sed -n '/^   19/,/more;/p'
understudy plan --set replicates=30 --all tiny.yaml | grep '^   59'
