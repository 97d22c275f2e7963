# Times are measured unless one asks not to; they are in /timing alone, and change no digest.
. "$ROOT/tests/cli/tiny.sh"
tiny
understudy run --workers 1 --no-plots --set replicates=2 tiny.yaml 2>/dev/null >timed
understudy run --no-plots --set replicates=2 --no-timing -r untimed tiny.yaml 2>/dev/null >untimed.out
[ "$(digest timed)" = "$(digest untimed.out)" ] || fail "times changed the digest"
understudy run --no-plots --set replicates=2 --no-timing tiny.yaml 2>/dev/null >again
[ "$(digest timed)" = "$(digest again)" ] || fail "a run of what was done changed the digest"

# columns FILE [OPTION]: those of times, and row by row whether they are numbers above 0.
columns() {
  understudy table "${@:2}" "$1" | tr -d '\r' | sed 's/"[^"]*"/x/g' |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^timing/) { names[i]; print $i } }
             NR > 1 { for (i in names) good += $i > 0 } END { print good + 0 }'
}
columns results/tiny.h5
columns results/tiny.h5 --timing
columns untimed/tiny.h5 --timing
networks() { understudy table --timing results/tiny.h5 | sed 's/"[^"]*"/x/g' | cut -d, -f"$1" | sed 1d | sort -u | wc -l; }
column=$(understudy table --timing results/tiny.h5 | sed 's/,/\n/g;q' | grep -n batch_64.latency_s | cut -d: -f1)
[ "$(networks "$column")" -eq 2 ] || fail "equal networks were measured more than once"
try table --timing=all results/tiny.h5
try run --no-timing=2 tiny.yaml

# A figure of times is drawn from the file, and is no content either.
set_figure="figures=[score_vs_minutes: {target: 0.1}]"
understudy run --set replicates=2 --set "$set_figure" tiny.yaml 2>/dev/null | sed -n 's/^plots/plots/p'
understudy run --no-plots --set replicates=2 --set "$set_figure" -r fresh tiny.yaml 2>/dev/null >fresh.out
understudy run --no-plots --set replicates=2 --set "$set_figure" tiny.yaml 2>/dev/null >again
[ "$(digest fresh.out)" = "$(digest again)" ] || fail "the figure's times changed the digest"
understudy plot -p drawn results/tiny.h5 >/dev/null
cmp plots/tiny/score_vs_minutes.csv drawn/tiny/score_vs_minutes.csv
grep -c '^passed network.width=[24],[0-9.e-]*,0\.[67]' drawn/tiny/score_vs_minutes.csv
try check --set 'figures=[score_vs_minutes: {target: 94}]' tiny.yaml
try check --set 'figures=[score_vs_minutes: {target: -1}]' tiny.yaml

# A stage of the user's is timed itself, not its kept answers, however it is called: each sleeps for 50 ms an image.
cat >slow.sh <<'END'
sleep 0.05
cp "$1"/* "$2"
END
cat >slow.py <<'END'
import time, understudy
understudy.serve(lambda image: time.sleep(0.05) or image)
END
cat >started.py <<'END'
import understudy
print("x", file=open("starts", "a"))
understudy.serve(lambda image: image)
END
cat >slow.c <<'END'
#define _POSIX_C_SOURCE 200809L
#include "understudy_stage.h"
#include <string.h>
#include <time.h>
static int run(void *instance, const struct understudy_image *in, struct understudy_image *out, char *message, size_t size)
{
    (void)instance, (void)message, (void)size;
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    memcpy(out->pixels, in->pixels, sizeof(float) * (size_t)in->channels * (size_t)in->height * (size_t)in->width);
    return 0;
}
const struct understudy_stage slow_stage = {.version = UNDERSTUDY_STAGE_VERSION, .run = run};
END
gcc -shared -fPIC -I"$ROOT/include" -o slow.so slow.c
timed_stage() { # timed_stage NAME STAGE
  understudy run --no-plots --set "pipeline.stages=[$2]" --set network.width=2 -r "$1" tiny.yaml >"$1.out" 2>&1 || cat "$1.out"
  understudy table --timing "$1/tiny.h5" | /usr/bin/python3 -c '
import csv, sys
row = next(csv.DictReader(sys.stdin))
print(sys.argv[1], float(row["timing.pipeline.seconds_per_image"]) >= 0.05, float(row["timing.network.seconds_per_image"]) > 0)' "$1"
}
timed_stage files 'exec: {command: [sh, slow.sh, "{in}", "{out}"], protocol: files}'
timed_stage persistent 'exec: {command: [/usr/bin/python3, slow.py], persistent: true}'
# One start labels each split, one asks twice, and one is timed: the time is that of an answer, not of a start.
understudy run --no-plots --no-timing --set network.width=2 -r untimed_starts tiny.yaml \
  --set 'pipeline.stages=[exec: {command: [/usr/bin/python3, started.py], persistent: true}]' >/dev/null 2>&1
before=$(wc -l <starts)
understudy run --no-plots --set network.width=2 -r timed_starts tiny.yaml \
  --set 'pipeline.stages=[exec: {command: [/usr/bin/python3, started.py], persistent: true}]' >/dev/null 2>&1
echo "timing starts it $(($(wc -l <starts) - 2 * before)) times more"
timed_stage plugin 'plugin: {library: ./slow.so, symbol: slow_stage}'

# Times as costs, of the selection and of a figure: nothing that a digest covers depends on them.
by_times=(--set replicates=2 --set 'select={within: 100, minimise: seconds_per_image}'
  --set 'figures=[performance_vs_computation: {cost: seconds_per_image}, performance_vs_computation, examples, curves]')
understudy run "${by_times[@]}" -p plots2 -r by_times tiny.yaml >timed 2>err
understudy run "${by_times[@]}" --no-plots --no-timing -r by_no_times tiny.yaml >untimed.out 2>err2
[ "$(digest timed)" = "$(digest untimed.out)" ] || fail "a selection by times changed the digest"
grep -o 'measured on an image of 28 x 28: not reproducible' err
grep -o 'none of 0 is within .* no time of trials 0, 1, 2, 3: run with --no-timing, or too slow or large to be timed' err2
/usr/bin/python3 - <<'END'
import h5py
for name in "by_times", "by_no_times":
    with h5py.File(name + "/tiny.h5") as f:
        print(name, [k for k in f if k in ("figures", "network", "parameters", "selection")], *f["figures"], "|",
              *f["timing/figures"], len(f["timing/selection/trials"]), len(f["timing/parameters"]))
END
basename -a plots2/tiny/*.csv
# The network that was selected is the one that goes out; it is not published, nor are images.
kept=$(/usr/bin/python3 -c 'import h5py; print(int(h5py.File("by_times/tiny.h5")["timing/network"].attrs["trial"]))')
understudy table --selected by_times/tiny.h5 2>/dev/null | cut -d, -f1 | grep -cx "$kept"
understudy export by_times/tiny.h5 --onnx out.onnx >/dev/null 2>&1
understudy export by_times/tiny.h5 --trial "$kept" --onnx again.onnx >/dev/null 2>&1
cmp out.onnx again.onnx && echo "the same network"
mkdir public
understudy publish -o public by_times/tiny.h5 >/dev/null
/usr/bin/python3 -c '
import h5py
with h5py.File("public/tiny.h5") as f: print(*f["timing"], "|", *f["timing/figures"])'

# A pipeline that learns is timed when its labels are made; trials that take these from the cache have that time.
cat >learns.yaml <<'END'
experiment: learns
task: classify
dataset: {name: digits, manual: 20, unlabelled: 32, validation: 16, test: 16}
pipeline: {stages: [hog, linear_svm]}
network: {family: mlp, width: 8}
train: {epochs: 1, batch: 8, shard: 4}
END
timed_pipeline() { # timed_pipeline NAME OPTION...
  understudy run --no-plots "${@:2}" learns.yaml >learns.out 2>&1 || cat learns.out
  understudy table --timing results/learns.h5 | /usr/bin/python3 -c '
import csv, sys
print(sys.argv[1], float(next(csv.DictReader(sys.stdin)).get("timing.pipeline.seconds_per_image") or "nan") > 0)' "$1"
}
timed_pipeline made
timed_pipeline recalled --set network.width=4
timed_pipeline untimed --no-timing --set dataset.test=8
timed_pipeline later --set dataset.test=8 --set network.width=4
