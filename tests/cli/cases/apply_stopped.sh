# Ctrl-C and SIGTERM end apply in the middle of an image: it would take minutes. What was written is whole.
# So it is in a library of the user's own, which cannot be asked to stop.
. "$ROOT/tests/cli/tiny.sh"
. "$ROOT/tests/cli/images.sh"
mkdir inputs
{ printf 'P5\n2000 2000\n255\n'; head -c 4000000 /dev/urandom; } >inputs/1.pgm
cp inputs/1.pgm inputs/2.pgm
cat >slow.yaml <<'END'
experiment: slow
task: denoise
dataset: {name: leaves, manual: 0, unlabelled: 8, validation: 0, test: 1, degrade: [gaussian_noise: {sigma: 25}]}
pipeline: {stages: [nlm: {search_radius: 40, patch_radius: 10}]}
network: {family: dncnn, depth: 2, width: 2}
END
cat >endless.c <<'END'
#include "understudy_stage.h"
#include <stdio.h>
static int run(void *instance, const struct understudy_image *in, struct understudy_image *out, char *message, size_t size)
{
    volatile unsigned long turns = 0;
    (void)instance, (void)in, (void)out, (void)message, (void)size;
    fclose(fopen("began", "w"));
    for (;;)
        turns++;
}
const struct understudy_stage endless = {.version = UNDERSTUDY_STAGE_VERSION, .run = run};
END
gcc -shared -fPIC -O2 -I"$ROOT/include" -o endless.so endless.c
sed 's/stages: .*/stages: [plugin: {library: .\/endless.so, symbol: endless}]}/' slow.yaml >plugin.yaml
stop() { # stop SIGNAL FILE BEGUN: in the middle of that experiment's pipeline, once BEGUN is there
  env --default-signal=INT understudy apply --experiment "$2" inputs out 2>err &
  pid=$!
  until [ -e "$3" ]; do
    kill -0 $pid 2>/dev/null || fail "it ended: $(cat err)"
    sleep 0.02
  done
  kill -"$1" $pid
  for _ in $(seq 600); do # a guard: the whole of it would take longer
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL $pid 2>/dev/null && fail "SIG$1 is not answered"
  code=0
  wait $pid || code=$?
  echo "=> $code"
  cat err
  rmdir out || fail "$(ls out)"
}
stop INT slow.yaml out
stop TERM slow.yaml out
stop INT plugin.yaml began
