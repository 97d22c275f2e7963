# A run ends in its verdict, then in few paths and the digest; the file has it, for people and for Python.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run tiny.yaml >out 2>err
sed -n '/^verdict/,$p' err | awk '{print $1}'
sed -E 's/[0-9a-f]{64}/DIGEST/' out
echo "- again"
sed -n '/^verdict/,$p' err | tail -n +2 >told
understudy verdict tiny >again
cmp told again
understudy verdict results/tiny.h5 | cmp - again
mv results elsewhere
understudy verdict --results elsewhere tiny | cmp - again
try verdict tiny
try verdict "$ROOT/results/published/cells_count.h5" | sed "s|$ROOT/||"
try verdict
/usr/bin/python3 -c 'import h5py' 2>/dev/null || { echo "skipped: no h5py"; exit; }
/usr/bin/python3 - <<'END'
import h5py
f = h5py.File("elsewhere/tiny.h5")
v = f["verdict"]
text = lambda name: v[name][()].decode()
print(sorted(v))
trial = v["trial"][()]
t = f["trials"]
assert v["network_score"][()] == t["network.test.ssim"][trial]
assert v["pipeline_score"][()] == t["pipeline.test.ssim"][trial]
assert v["difference_low"][()] == t["network.test.ssim.minus_pipeline.low"][trial]
assert v["manual_labels"][()] == 4 and v["margin"][()] == 0.005
assert text("network") == "network.width=%d" % t["network.width"][trial]
assert v["machines/tpu_v1/network_latency_s"][()] == t["hardware.tpu_v1.latency_s"][trial]
weak = f["weakest/%05d" % trial]
behind = weak["pipeline"][:] - weak["network"][:]
assert (behind > 0).all() and (behind[:-1] >= behind[1:]).all() and len(behind) <= 5, behind
assert list(weak["image"]) == list(v["weakest/image"])
cases, all_ = f["cases/%05d" % trial], f["examples/%05d" % trial]  # which has every test image here
behind = cases["scores/pipeline"][:] - cases["scores/network"][:]
assert cases["worst"][0] == 2 and len(behind) == 4 and cases["left_out"][0] == 0
assert list(cases["scores/image"][:2]) == list(weak["image"][:2])
assert behind[0] >= behind[1] >= behind[3] >= behind[2], behind
for k in range(4):
    at = [i for i in range(8) if (all_["clean"][i] == cases["clean"][k]).all()]
    assert len(at) == 1
    for name in ("degraded", "pipeline", "network"):
        assert (all_[name][at[0]] == cases[name][k]).all(), name
assert text("quality") in ("worse", "unclear", "as_good", "better")
where = v if "next" in v else f["timing/verdict"]
assert where["next"][()].decode() in open("again").read()
END
