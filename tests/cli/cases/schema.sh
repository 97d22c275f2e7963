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
[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null || { echo "skipped: no python3-jsonschema, python3-yaml" >&2; cat "$ROOT/tests/cli/cases/schema.stdout.exact"; exit 0; }

# What `check` accepts, the schema does, and the other way round where it is a matter of types.
cat >referring.yaml <<'END'
experiment: referring
about: "${network.family} of width ${network.width}"
task: denoise
replicates: "${train.epochs}"
dataset:
  name: digits
  manual: "${dataset.test}"
  unlabelled: 16
  validation: "${dataset.test}"
  test: 8
  degrade: [gaussian_noise: {sigma: "${train.batch}"}]
pipeline:
  stages:
    - median: {radius: "${network.depth}"}
    - gaussian: {sigma: {tune: [0.5, "${filter.fraction}"]}}
filter: {method: random, fraction: 0.7}
network: {family: dncnn, depth: 2, width: 4}
train: {epochs: 2, batch: "${dataset.unlabelled}", shard: "${network.width}"}
hardware: [tpu_v1]
END
tiny
valid() {
  /usr/bin/python3 - "$@" <<'END'
import json, sys, jsonschema, yaml
schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[1:]:
    found = sorted("/".join(map(str, e.absolute_path)) for e in validator.iter_errors(yaml.safe_load(open(name))))
    print(name.rsplit("/", 1)[-1] + ":", "; ".join(found) or "valid")
END
}
understudy check referring.yaml >/dev/null || fail "check refuses referring.yaml"
valid tiny.yaml referring.yaml 2>&1 || true
valid "$ROOT"/experiments/*.yaml | grep -v ': valid$' || true
# What a file includes may give what it lacks; it can be wrong in what it says all the same.
sed '/^task/d; /^  name/d' tiny.yaml >lacking.yaml
{ echo 'include: [tiny.yaml]' && cat lacking.yaml; } >including.yaml
sed 's/^train: {/&epochz: 1, /' including.yaml >mistaken.yaml
valid lacking.yaml including.yaml mistaken.yaml
# A stage that is a network: its family's parameters, and no other's.
sed 's/^pipeline:.*/pipeline: {stages: [network: {family: cuda_convnet, batchnorm: 1, train: {epochs: 1}}]}/' tiny.yaml >staged.yaml
sed 's/batchnorm/depth/' staged.yaml >foreign.yaml
valid staged.yaml foreign.yaml
# A plain word, and what only looks like a reference, are no numbers; a search has no references.
sed 's/epochs: 2/epochs: two/' referring.yaml >word.yaml
sed 's/depth: 2/depth: "$${x}"/' referring.yaml >plain.yaml
{ cat tiny.yaml && echo 'search: {method: random, points: "${network.width}", objectives: {network.test.ssim: maximise}, space: {}}'; } | sed '/^grid/,/^  network/d' >search.yaml
valid word.yaml plain.yaml search.yaml
