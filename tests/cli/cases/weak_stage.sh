# A denoising stage that is set for far less noise than there is: the run says so once, whatever the number of
# trials, names what to raise, and stores it with each trial; from the cache, too. One that suits is not spoken of.
. "$ROOT/tests/cli/tiny.sh"
tiny
sed -i 's/stages: .*/stages: [nlm: {search_radius: 3, h: 5}, gaussian: {sigma: 0.2}]}/' tiny.yaml
understudy run --no-plots -r results tiny.yaml 2>log >out || fail "$(cat log)"
grep -o 'note: .*' log
note=$(sed -n 's/.*note: //p' log)
[ "$(understudy table results/tiny.h5 | grep -cF "$note")" -eq 2 ] || fail 'the note is not stored with both trials'
understudy run --no-plots -r results -s network.width=3 tiny.yaml 2>&1 | grep -qF "note: $note" || fail 'not from the cache'
understudy run --no-plots -r results -s 'pipeline.stages=[nlm: {search_radius: 3}]' tiny.yaml 2>log >out || fail "$(cat log)"
grep 'note: ' log && fail 'the default does nothing, either'
for sigma in 0 32; do
  understudy run --no-plots -r results -s "pipeline.stages=[ksvd: {atoms: 40, iterations: 1, sigma: $sigma}]" tiny.yaml \
    2>log >out || fail "$(cat log)"
  grep 'note: ' log && fail "ksvd with a sigma of $sigma does nothing"
done
:
