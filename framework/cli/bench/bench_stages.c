/* What stages of a pipeline take: one image, one thread, the stage alone. */
#include "cli/bench/bench_stages.h"

#include "base/clock.h"
#include "base/random.h"
#include "interfaces/stage.h"
#include "io/files/atomic_file.h"
#include "io/yaml/yaml.h"
#include "train/stages/registry.h"

#include <math.h>
#include <stdio.h>

enum { HEIGHT = 321, WIDTH = 481 };

/* tests/bench/stages has their counterparts, by these texts. */
static const char *const settings[] = {
    "median: {radius: 1}",
    "median: {radius: 2}",
    "median: {radius: 3}",
    "median: {radius: 7}",
    "gaussian: {sigma: 1}",
    "gaussian: {sigma: 3}",
    "unsharp: {sigma: 1}",
    "bilateral: {sigma_space: 1.5, sigma_range: 50, radius: 3}",
    "nlm: {patch_radius: 1, search_radius: 4, h: 10}",
    "nlm: {patch_radius: 2, search_radius: 10, h: 10}",
    "sobel: {}",
    "opening: {radius: 2, element: square}",
    "opening: {radius: 3, element: disk}",
    "resize: {factor: 0.5, method: bilinear}",
    "resize: {factor: 0.5, method: area}",
    "clahe: {clip_limit: 2, tiles: 8}",
    "ksvd: {sigma: 25, iterations: 0}",
    "ksvd: {sigma: 25}",
};

enum status bench_stages_read(const char *list, struct component_list *stages, struct arena *arena,
                              struct error *error)
{
    static const struct field fields[] = {
        {"stages", FIELD_COMPONENTS, 0, .default_value = "[]", .registry = registry_stages}, {0}};
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    struct text text = {0};

    *stages = (struct component_list){0};
    TRY(text_print(&text, error, "stages: %s", list));
    TRY(yaml_parse(arena, "bench", text.bytes, text.length, &root, &found, error));
    TRY(schema_read(fields, root, "", stages, arena, &found, error));
    if (stages->count == 0)
        TRY(error_set(error, STATUS_CONFIG, "'%s' is not a list of stages", list));
out:
    diagnostics_release(&found);
    text_release(&text);
    return status;
}

/* Soft waves with the noise of a photograph in bad light. */
static void make_image(struct image image)
{
    struct random_stream stream = random_stream((struct random_key){1, 0}, RANDOM_GENERATE, 0);

    for (int y = 0; y < image.shape.height; y++)
        for (int x = 0; x < image.shape.width; x++) {
            double waves = sin(x * 0.05 + 2 * sin(y * 0.03)) + cos(y * 0.07 - x * 0.02);
            double value = 0.5 + 0.2 * waves + 25.0 / 255 * random_normal(&stream);
            image.pixels[y * image.shape.width + x] = (float)fmin(fmax(value, 0), 1);
        }
}

static enum status keep(const char *folder, const char *name, struct image image,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    if (!folder)
        return STATUS_OK;
    TRY(text_print(&path, error, "%s/%s.f32", folder, name));
    struct span values = {.data = (const unsigned char *)image.pixels,
                          .length = shape_size(image.shape) * sizeof *image.pixels};
    TRY(atomic_file_write(path.bytes, &values, 1, error));
out:
    text_release(&path);
    return status;
}

enum { ENOUGH = 2 }; /* seconds of runs, after which a slow stage is not run again */

/* A run, in seconds of processor time. */
static enum status run_once(const struct component *component, const struct image_set *in,
                            float *scratch, struct image_set *out, double *seconds,
                            struct error *error)
{
    const struct stage *stage = stage_of(component->kind);
    struct stage_call call = {.in = in, .threads = 1};

    if (!stage->run)
        image_set_release(out);
    double begin = clock_thread_seconds();
    if (stage->run)
        stage->run(component->config, NULL, image_set_at(in, 0), image_set_at(out, 0), scratch);
    else
        PASS(stage->run_all(component->config, NULL, &call, out, error));
    *seconds = clock_thread_seconds() - begin;
    return STATUS_OK;
}

/* The stage's shortest run; its answer in `out`. The first one is not counted. */
static enum status measure(const struct component *component, const struct image_set *in,
                           size_t repeats, struct image_set *out, double *shortest,
                           struct error *error)
{
    const struct stage *stage = stage_of(component->kind);
    enum status status = STATUS_OK;
    struct answer answer = {0};
    float *scratch = NULL;
    struct shape shape;
    double seconds, all = 0;

    TRY(stage->shape(component->config, in->shapes[0], answer, &shape, error));
    TRY(image_set_new_uniform(out, 1, shape, error));
    size_t floats = stage->scratch ? stage->scratch(component->config, in->shapes[0]) : 0;
    TRY(memory_new(&scratch, floats + 1, sizeof *scratch, error));
    *shortest = INFINITY;
    for (size_t r = 0; r <= repeats && (r < 2 || all < ENOUGH); r++) {
        TRY(run_once(component, in, scratch, out, &seconds, error));
        all += seconds;
        if (r || !repeats)
            *shortest = fmin(*shortest, seconds);
    }
out:
    memory_free(scratch);
    return status;
}

static enum status measure_setting(size_t number, const struct image_set *in, size_t repeats,
                                   const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct component_list stages;
    struct image_set answer = {0};
    struct arena arena = {0};
    char list[128], name[16];
    double seconds;

    snprintf(list, sizeof list, "[%s]", settings[number]);
    snprintf(name, sizeof name, "%zu", number);
    TRY(bench_stages_read(list, &stages, &arena, error));
    TRY(measure(&stages.items[0], in, repeats, &answer, &seconds, error));
    TRY(keep(folder, name, image_set_at(&answer, 0), error));
    printf("\"%s\",%zu,%.4f\r\n", settings[number], repeats, seconds * 1e3);
    fflush(stdout);
out:
    image_set_release(&answer);
    arena_release(&arena);
    return status;
}

enum status bench_stages(size_t repeats, const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set images = {0};

    TRY(image_set_new_uniform(&images, 1, (struct shape){1, HEIGHT, WIDTH}, error));
    make_image(image_set_at(&images, 0));
    TRY(keep(folder, "image", image_set_at(&images, 0), error));
    printf("stage,repeats,milliseconds\r\n");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        TRY(measure_setting(i, &images, repeats, folder, error));
out:
    image_set_release(&images);
    return status;
}
