/*
 * One image through a pipeline, timed on demand, for tests/bench/threads:
 *
 *     threads_image STAGES HEIGHT WIDTH
 *
 * STAGES is a list as in an experiment file, of stages that learn nothing. Then it reads numbers of
 * threads, a line each, and answers with seconds and processor seconds.
 */
#include "base/clock.h"
#include "base/random.h"
#include "chain/chain.h"
#include "cli/bench/bench_stages.h"
#include "cli/support/startup.h"

#include "tests/need.h" /* last, since it has a global 'error' */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Steps of 40 pixels, and noise of 25 grey levels. */
static void make_image(struct image image)
{
    struct random_stream stream = random_stream((struct random_key){.seed = 1}, RANDOM_GENERATE, 0);
    int width = image.shape.width;

    for (int i = 0; i < image.shape.height * width; i++) {
        double level = (i / width / 40 + i % width / 40) % 2 ? 0.3 : 0.7;
        image.pixels[i] = (float)(level + 25.0 / 255 * random_normal(&stream));
    }
}

static void time_run(const struct chain *chain, const struct image_set *in, int threads)
{
    double begin = clock_seconds(), spent = processor_seconds();
    struct image_set out;

    need(chain_run(chain, 0, chain->count, in, NULL, threads, &out, &error));
    printf("%.6f %.6f\n", clock_seconds() - begin, processor_seconds() - spent);
    fflush(stdout);
    image_set_release(&out);
}

int main(int count, char **arguments)
{
    struct component_list stages;
    struct chain_examples examples = {.inputs = NULL};
    struct arena arena = {0};
    struct image_set in;
    struct chain chain;
    char line[64];

    if (startup_settle(count, arguments, true) || count != 4) {
        fprintf(stderr, "usage: threads_image STAGES HEIGHT WIDTH\n");
        return 2;
    }
    need(bench_stages_read(arguments[1], &stages, &arena, &error));
    need(chain_make(&chain, &stages, 0, false, &examples, (struct random_key){0}, 1, NULL, &error));
    struct shape shape = {1, atoi(arguments[2]), atoi(arguments[3])};
    need(image_set_new_uniform(&in, 1, shape, &error));
    make_image(image_set_at(&in, 0));
    while (fgets(line, sizeof line, stdin))
        time_run(&chain, &in, atoi(line));
    image_set_release(&in);
    chain_release(&chain);
    arena_release(&arena);
    return 0;
}
