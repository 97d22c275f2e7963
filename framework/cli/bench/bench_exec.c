/* What it costs to ask a program of the user's own for an image: a stage `exec` that gives images
 * back as they are (cat), so that the program's own time is next to nothing. */
#include "cli/bench/bench_exec.h"
#include "cli/bench/bench_stages.h"

#include "base/clock.h"
#include "base/random.h"
#include "chain/chain.h"
#include "math/statistics.h"

#include <stdio.h>

enum { IMAGES = 64, HEIGHT = 321, WIDTH = 481, MOST_REPEATS = 1000 };

static const char *const settings[] = {
    "batch: 16, persistent: true",
    "batch: 1, persistent: true",
    "batch: 16",
};

static enum status make_images(struct image_set *images, struct error *error)
{
    struct random_key key = {1, 0};

    PASS(image_set_new_uniform(images, IMAGES, (struct shape){1, HEIGHT, WIDTH}, error));
    for (uint64_t i = 0; i < IMAGES; i++) {
        struct random_stream stream = random_stream(key, RANDOM_GENERATE, i);
        struct image image = image_set_at(images, i);
        for (size_t k = 0; k < shape_size(image.shape); k++)
            image.pixels[k] = (float)(random_u32(&stream) >> 8) / (float)(1 << 24);
    }
    return STATUS_OK;
}

/* Seconds an image, of each repeat. The program is started before the clock, and stays. */
static enum status measure(const struct component_list *stages, const struct image_set *images,
                           size_t repeats, double *seconds, struct error *error)
{
    enum status status = STATUS_OK;
    struct chain_examples examples = {.inputs = images};
    struct image_set out = {0};
    struct chain chain = {0};

    TRY(chain_make(&chain, stages, 0, false, &examples, (struct random_key){0, 0}, 1, NULL, error));
    for (size_t r = 0; r <= repeats; r++) {
        double begin = clock_seconds();
        TRY(chain_run(&chain, 0, 1, images, NULL, 1, &out, error));
        if (r)
            seconds[r - 1] = (clock_seconds() - begin) / IMAGES;
        image_set_release(&out);
    }
out:
    image_set_release(&out);
    chain_release(&chain);
    return status;
}

static enum status measure_setting(const char *setting, const struct image_set *images,
                                   size_t repeats, struct error *error)
{
    enum status status = STATUS_OK;
    struct component_list stages = {0};
    struct arena arena = {0};
    struct text text = {0};
    double seconds[MOST_REPEATS];

    TRY(text_print(&text, error, "[exec: {command: [cat], deterministic: yes, %s}]", setting));
    TRY(bench_stages_read(text.bytes, &stages, &arena, error));
    TRY(measure(&stages, images, repeats, seconds, error));
    printf("understudy,\"%s\",%d,%zu,%.6f\r\n", setting, IMAGES, repeats,
           statistics_median(seconds, repeats));
    fflush(stdout);
out:
    arena_release(&arena);
    text_release(&text);
    return status;
}

enum status bench_exec(size_t repeats, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set images = {0};

    repeats = repeats < MOST_REPEATS ? repeats : MOST_REPEATS;
    TRY(make_images(&images, error));
    printf("program,setting,images,repeats,seconds_per_image\r\n");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        TRY(measure_setting(settings[i], &images, repeats, error));
out:
    image_set_release(&images);
    return status;
}
