# A damaged entry of any stage is told and passed over; the results come out the same. What a run is
# using stays.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --no-plots tiny.yaml >first 2>/dev/null
for stage in label train evaluate; do
  find results/cache/$stage -name '*.h5' | while read -r entry; do
    printf '\377\376\375' | dd of="$entry" bs=1 seek=2000 conv=notrunc 2>/dev/null
  done
done
rm results/tiny.h5
understudy run --no-plots tiny.yaml >second 2>err
cmp first second
echo "$(grep -c '^ignored damaged cache entry: .*its SHA-256 differs$' err) told"
sleep 300 &
mkdir -p results/runs/tiny
find results/cache/train -name '*.h5' | sed 's|.*/||; s|\.h5||' >"results/runs/tiny/keys.$(uname -n).$!"
understudy cache --prune --to 0 | sed 's/: .*//'
kill $!
wait $! 2>/dev/null || true
understudy cache --prune --to 0 | sed 's/: .*//'
