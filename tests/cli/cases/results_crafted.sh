# Results files that were made to do harm: every verb that reads them names file and object, and writes nothing.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir -p experiments paper results/published
cp tiny.yaml experiments/tiny.yaml
understudy run --no-plots tiny.yaml >/dev/null 2>&1
if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  echo "skipped: no h5py"
  exit
fi
cp results/tiny.h5 sound.h5
cat >paper/paper.yaml <<'END'
results: [tiny]
numbers: [{name: Trials, results: tiny, reduce: count, digits: 0}]
END
# crafted NAME PYTHON: results/tiny.h5 as the lines make it; then every verb.
every() {
  echo "# $1"
  [ -p results/tiny.h5 ] || cp results/tiny.h5 results/published/tiny.h5
  for verb in 'table results/tiny.h5' 'plot results/tiny.h5' 'publish -o out results/tiny.h5' \
    'diff sound.h5 results/tiny.h5' 'diff results/tiny.h5 sound.h5' 'paper' 'verify paper' 'verify tiny'; do
    # shellcheck disable=SC2086
    try $verb | sed '/^1 mistake$/d; s/^paper.*results\[0\]: results.published/understudy: results/' >said
    tail -n +2 said >>all
  done
  sort -u all
  rm all
  [ -z "$(find out plots ESCAPED ../ESCAPED escaped.raw -type f 2>/dev/null)" ] || fail "something was written"
}
crafted() {
  cp sound.h5 results/tiny.h5
  /usr/bin/python3 -c "import h5py
with h5py.File('results/tiny.h5', 'r+') as f:
    $2"
  every "$1"
}
mkdir out
crafted 'a name that leads elsewhere' "f.attrs.modify('experiment', b'../../ESCAPED/dir')"
crafted 'a figure that lies elsewhere' "f.move('figures/curves', 'figures/-rf')"
crafted 'no digest' "f.attrs.modify('content_sha256', b'\$(id)')"
crafted 'another file' "f['curves/x'] = h5py.ExternalLink('/etc/passwd', '/')"
crafted 'raw data elsewhere' "f.create_dataset('curves/x', (9,), 'u1', external=[('escaped.raw', 0, 9)])"
crafted 'a group in itself' "f['curves/x'] = f['/']"
crafted 'never written' "f.create_dataset('curves/x', (1 << 30,), 'f4')"
cp "$ROOT/tests/fuzz/corpus/results/damaged_link_table.h5" results/tiny.h5
every 'a damaged table of links'
rm results/tiny.h5
mkfifo results/tiny.h5
rm results/published/tiny.h5
mkfifo results/published/tiny.h5
every 'a pipe' </dev/null
