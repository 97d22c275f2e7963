# What is done is not done again; a trial that is new is; without the cache all is, to the same bits.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml 2>/dev/null >first
understudy run --no-plots tiny.yaml >second
cmp first second
understudy run --no-plots --set 'network.width=[2, 4, 6]' --set experiment=more tiny.yaml >/dev/null
rm -r results
understudy run --no-plots tiny.yaml 2>/dev/null >third
cmp first third
