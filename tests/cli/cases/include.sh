# Shared fragments: found from where the file lies, kept beside the results; mistakes in them have their place.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir parts
sed -n '/^dataset:/,/^  degrade/p' tiny.yaml >parts/digits.yaml
sed -i '/^dataset:/,/^  degrade/d' tiny.yaml
echo 'include: [parts/digits.yaml]' >>tiny.yaml
mkdir elsewhere
(cd elsewhere && understudy check ../tiny.yaml)
understudy run --no-plots --no-timing tiny.yaml >said 2>/dev/null
/usr/bin/python3 - <<'END' || fail "the fragment is not in the results"
try:
    import h5py
except ImportError:
    raise SystemExit
with h5py.File("results/tiny.h5") as f:
    part = f["plan/include/00000"]
    assert part.attrs["name"].decode() == "parts/digits.yaml", part.attrs["name"]
    assert "include" in f["plan/yaml"][()].decode()
    assert part[()].decode() == open("parts/digits.yaml").read()
END
# The same written in one file is the same experiment.
sed -i '/^include/d' tiny.yaml
cat parts/digits.yaml >>tiny.yaml
understudy run --no-plots --no-timing --results others tiny.yaml >whole 2>/dev/null
[ "$(digest said)" = "$(digest whole)" ] || fail "another content"
sed -i 's/manual: 4/manul: 4/' parts/digits.yaml
sed -i '/^dataset:/,/^  degrade/d' tiny.yaml
echo 'include: parts/digits.yaml' >>tiny.yaml
try check tiny.yaml
