# Every mistake of the file at once, in the order of its lines.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i -e 's/^task: denoise/task: denoize/' -e 's/manual: 4/manuel: 4/' -e 's/epochs: 1,/epochs: one,/' \
  -e 's/median/medain/' -e 's/tpu_v1\]/tpu_v2]/' -e 's/- curves/- curve/' tiny.yaml
understudy check tiny.yaml
