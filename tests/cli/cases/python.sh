# README's lines read the table; the attributes and the CSV tell the same.
. "$ROOT/tests/cli/tiny.sh"
python=/usr/bin/python3
if ! $python -c 'import h5py, pandas' 2>/dev/null; then
  echo "skipped: no h5py or pandas"
  exit
fi
tiny
understudy run --no-plots tiny.yaml >out 2>/dev/null
understudy table results/tiny.h5 >table.csv
mv results/tiny.h5 results/quickstart.h5
sed -n '/^    import h5py/,/^$/s/^    //p' "$ROOT/README.md" >read.py
grep -q DataFrame read.py || fail "README has no such lines"
cat >>read.py <<'END'
with h5py.File("results/quickstart.h5") as f:
    digest = f.attrs["content_sha256"]
    layers = list(f["curves"])
csv = pandas.read_csv("table.csv", float_precision="round_trip")
assert list(table["network.width"]) == [2, 4], table
assert list(table["status"]) == ["done"] * 2, table["status"]
assert len(done) == 2 and (csv["status"] == "done").sum() == 2
for name in csv.columns:
    if csv[name].dtype.kind == "f" and name in table:
        assert ((csv[name] == table[name]) | csv[name].isna()).all(), name
digest = digest.decode() if isinstance(digest, bytes) else digest
assert digest in open("out").read(), digest
assert len(layers) == 2, layers
print("read", len(table), "rows")
END
$python read.py
