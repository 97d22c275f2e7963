# What another user has, and does not let read, is not nothing: it is named, and nothing is replaced.
. "$ROOT/tests/cli/tiny.sh"
if [ "$(id -u)" -eq 0 ]; then
  command -v setpriv >/dev/null || { echo 'skipped: no setpriv'; exit; }
  cp "$(command -v understudy)" program && chmod 755 program
  home=$PWD/home
  mkdir home && cp -r "$ROOT/networks" "$ROOT/experiments" "$ROOT/plots" home
  chmod -R a+rX . .. && chmod 777 .
  as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups env UNDERSTUDY_HOME="$home" ./program "$@"; }
  understudy() { as_other "$@"; }
else
  as_other() { command understudy "$@"; }
fi
tiny
chmod a+r tiny.yaml
understudy run --no-plots tiny.yaml >/dev/null 2>&1
sum=$(sha256sum <results/tiny.h5)
for what in results results/cache results/cache/train results/runs results/runs/tiny results/runs/tiny/workers \
  results/runs/tiny/trials results/runs/tiny/plan results/tiny.h5; do
  echo "- $what"
  mode=$(stat -c %a "$what")
  chmod 0 "$what"
  for verb in 'status tiny' 'plan --why tiny.yaml' 'cache'; do
    code=0
    understudy $verb >out 2>&1 || code=$?
    said=$(grep 'Permission denied' out || true)
    [ -z "$said" ] || echo "$verb: $said => $code"
  done
  code=0
  understudy run --no-plots --set seed=2 tiny.yaml >out 2>&1 || code=$?
  grep 'Permission denied\|can be read' out | head -n 1
  chmod "$mode" "$what"
done
ls results
[ "$(sha256sum <results/tiny~1.h5)" = "$sum" ]
