# experiments/recorded.yaml as it is shipped, on the images of its script: no truth, and no number invented.
# What is noted of every trial is told once.
. "$ROOT/tests/cli/tiny.sh"
python3 "$ROOT/examples/recorded.py" data/recorded
cp "$ROOT/experiments/recorded.yaml" .
understudy run --data data --set train.epochs=2 recorded.yaml >said 2>told || { cat told; exit 1; }
[ -n "$(digest said)" ] || fail "no content_sha256"
grep -c '^trial .: note: no ground truth: agreement is what is judged$' told
understudy table results/recorded.h5 | head -n 1 | tr , '\n' | grep -E '\.(ssim|psnr)|truth_images' || true
ls plots/recorded/*.png
python3 "$ROOT/examples/recorded.py" again 3
cmp again/old_output/002.pgm data/recorded/old_output/002.pgm
understudy run --data data --set train.epochs=2 --workers 2 -r two --no-plots recorded.yaml >second 2>told
cmp <(digest said) <(digest second)
