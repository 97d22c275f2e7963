# Valid JSON, with every section of the experiment file and what can stand there.
. "$ROOT/tests/cli/tiny.sh"
understudy schema >schema.json
for key in experiment task dataset pipeline filter network train hardware grid zip exclude search figures; do
  grep -q "\"$key\": *{" schema.json || fail "no section $key"
done
for name in median digits dncnn residual_trim halving tpe; do
  grep -q "\"$name\"" schema.json || fail "nothing of $name"
done
if [ -x /usr/bin/python3 ]; then
  /usr/bin/python3 -m json.tool schema.json >/dev/null
else
  echo "skipped: no python3 to read the JSON"
fi
understudy schema launcher >launcher.json
for key in launcher system partition time_limit array_size; do
  grep -q "\"$key\"" launcher.json || fail "no key $key"
done
[ ! -x /usr/bin/python3 ] || /usr/bin/python3 -m json.tool launcher.json >/dev/null
