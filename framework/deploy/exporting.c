#include "deploy/exporting_private.h"

#include "base/text.h"
#include "graph/apply.h"
#include "math/border.h"
#include "networks/engines/registry.h"
#include "quantize/run.h"
#include "results/results.h"
#include "results/stored_examples.h"
#include "results/stored_network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXAMPLES = 3, FACTS = 20, MOST_SCORES = 3, STORED = 1000 };

enum status exporting_fact(struct exporting *exporting, const char *name, const char *value,
                           struct error *error)
{
    struct exported_network *exported = &exporting->exported;
    struct exported_fact *fact = &exporting->facts[exported->fact_count];
    struct arena *arena = &exporting->model.arena;

    PASS(arena_copy(arena, name, strlen(name), &fact->name, error));
    PASS(arena_copy(arena, value, strlen(value), &fact->value, error));
    exported->fact_count++;
    return STATUS_OK;
}

/* Scores of the trial on the test images: its network's, and the pipeline's. */
static enum status add_scores(struct exporting *exporting, const struct results *results,
                              struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const who[] = {"network", "pipeline", "network.int8"};
    size_t count = exporting->exported.quantized ? 3 : 2;
    const struct task *task = exporting->model.task;
    struct arena arena = {0};
    char column[100], value[40];
    double *values;

    for (size_t m = 0; m < task->metric_count && m < MOST_SCORES; m++)
        for (size_t w = 0; w < count; w++) {
            snprintf(column, sizeof column, "%s.test.%s", who[w],
                     metric_names[task->metrics[m].metric]);
            if (!results_has(results, column))
                continue;
            TRY(results_numbers(results, column, &arena, &values, error));
            snprintf(value, sizeof value, "%.6g", values[exporting->model.trial.index]);
            if (isfinite(values[exporting->model.trial.index]))
                TRY(exporting_fact(exporting, column, value, error));
        }
out:
    arena_release(&arena);
    return status;
}

/* Stages beside the network, "; " between them. */
static enum status add_stages(struct exporting *exporting, const char *name,
                              void (*list)(const struct exporting *exporting, struct text *text),
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text lines = {0}, line = {0};

    list(exporting, &lines);
    TRY(text_status(&lines, error));
    for (size_t i = 0; i < lines.length; i++)
        if (lines.bytes[i] != '\n')
            text_append_bytes(&line, lines.bytes + i, 1);
        else if (i + 1 < lines.length)
            text_append(&line, "; ");
    TRY(text_status(&line, error));
    if (line.length)
        TRY(exporting_fact(exporting, name, line.bytes, error));
out:
    text_release(&lines);
    text_release(&line);
    return status;
}

enum status exporting_facts(struct exporting *exporting, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct results results = {0};
    const struct model *model = &exporting->model;
    const char *digest;
    char number[32];

    PASS(arena_new(&exporting->model.arena, &exporting->facts, FACTS, sizeof *exporting->facts,
                   error));
    exporting->exported.facts = exporting->facts;
    TRY(results_file_open(&file, path, error));
    TRY(results_open(&results, &file, error));
    TRY(hdf5_read_attribute_text(&file, "/", "content_sha256", &exporting->model.arena, &digest,
                                 error));
    TRY(exporting_fact(exporting, "experiment", model->plan.base.name, error));
    TRY(exporting_fact(exporting, "content_sha256", digest, error));
    snprintf(number, sizeof number, "%zu", model->trial.index);
    TRY(exporting_fact(exporting, "trial", number, error));
    TRY(exporting_fact(exporting, "task", model->task->descriptor.name, error));
    TRY(add_scores(exporting, &results, error));
    TRY(add_stages(exporting, "stages_inside", exporting_inside, error));
    TRY(add_stages(exporting, "stages_left_out", exporting_left, error));
out:
    results_release(&results);
    hdf5_abandon(&file);
    return status;
}

/* The network for the size that was asked for. */
static enum status make_network(struct exporting *exporting, struct error *error)
{
    const struct model *model = &exporting->model;
    const struct component *family = &model->trial.experiment.network;
    struct shape shape = exporting->stages.network;

    PASS(family_check_sides(family, shape, error));
    PASS(network_new(&exporting->network, family, shape, model->network_answer, error));
    if (exporting->network.parameters != model->parameter_count)
        return error_set(error, STATUS_CONFIG,
                         "--size: the network was trained on %d x %d pixels, and takes no others",
                         model->input.width, model->input.height);
    return STATUS_OK;
}

/* The network for the size that was asked for, and the stages beside it. */
static enum status find_stages(struct exporting *exporting, const char *path,
                               const struct exporting_options *wanted, struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct image_set images = {0};
    struct export_stages_wanted stages = {
        .none = wanted->part == MODEL_NETWORK, .height = wanted->height, .width = wanted->width};

    TRY(stored_examples_read(path, model->trial.index, 1, &images, error));
    if (images.count)
        stages.images = images.shapes[0];
    TRY(export_stages_before(&exporting->stages, model, &stages, error));
    TRY(make_network(exporting, error));
    TRY(export_stages_after(&exporting->stages, model, &stages, exporting->network.output, error));
out:
    image_set_release(&images);
    return status;
}

/* The same network in integers. */
static enum status quantize_network(struct exporting *exporting, const char *path,
                                    const char *trial, struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct stored_network stored = {0};
    struct activation_ranges ranges = {0};
    bool found;

    TRY(stored_network_open(&stored, path, trial, error));
    TRY(stored_network_ranges(&stored, exporting->network.count, &ranges, &found, error));
    if (!found)
        TRY(error_set(error, STATUS_DATA,
                      "%s holds no ranges of the network's values: run the experiment with the "
                      "section `quantize:` (docs/int8.md)",
                      path));
    ranges.weight_bits = experiment_weight_bits(&model->trial.experiment);
    TRY(quantized_new(&exporting->quantized, &exporting->network, model->parameters,
                      model->statistics, &ranges, error));
    exporting->exported.quantized = &exporting->quantized;
out:
    activation_ranges_release(&ranges);
    stored_network_close(&stored);
    return status;
}

/* Noise with a grey level of its own, so that sums are of different sizes. */
static enum status draw_examples(struct exporting *exporting, size_t count, struct error *error)
{
    struct random_key key = trial_random_key(&exporting->model.trial);

    PASS(image_set_new_uniform(&exporting->examples, count, exporting->stages.input, error));
    for (uint32_t i = 0; i < count; i++) {
        struct random_stream stream = random_stream(key, RANDOM_EXPORT, i);
        struct image image = image_set_at(&exporting->examples, i);
        double level = random_uniform(&stream), spread = random_uniform(&stream);
        for (size_t v = 0; v < shape_size(image.shape); v++) {
            double value = level + spread * (random_uniform(&stream) - 0.5);
            image.pixels[v] = (float)fmin(fmax(value, 0), 1);
        }
    }
    return STATUS_OK;
}

static bool holds(struct shape image, struct shape part)
{
    return image.channels == part.channels && image.height >= part.height &&
           image.width >= part.width;
}

/* Test images that the file holds, their upper left corners where they are larger than what goes
 * in; none where they are no inputs of what is exported. */
static enum status take_examples(struct exporting *exporting, const char *path, size_t most,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct shape input = exporting->stages.input;
    struct image_set stored = {0};
    size_t count = 0;

    if (exporting->stages.begin > 0)
        return STATUS_OK;
    TRY(stored_examples_read(path, exporting->model.trial.index, STORED, &stored, error));
    for (size_t i = 0; i < stored.count && count < most; i++)
        count += holds(stored.shapes[i], input);
    TRY(image_set_new_uniform(&exporting->examples, count, input, error));
    for (size_t i = 0, k = 0; k < count; i++)
        if (holds(stored.shapes[i], input))
            border_fit(image_set_at(&stored, i).pixels, stored.shapes[i],
                       image_set_at(&exporting->examples, k++));
out:
    image_set_release(&stored);
    return status;
}

enum status exporting_inputs(struct exporting *exporting, const char *path, size_t most,
                             struct error *error)
{
    exporting->exported.examples_are = "test images";
    PASS(take_examples(exporting, path, most, error));
    if (exporting->examples.count)
        return STATUS_OK;
    image_set_release(&exporting->examples);
    exporting->exported.examples_are = "images drawn at random";
    return draw_examples(exporting, most, error);
}

/* What the network makes of inputs of its own. */
static enum status run_network(const struct exporting *exporting, const struct image_set *in,
                               struct image_set *out, struct error *error)
{
    const struct model *model = &exporting->model;
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));

    if (exporting->exported.quantized)
        return quantized_scores(&exporting->quantized, &model->trial.experiment.network, in,
                                model->network_answer, 1, out, error);
    PASS(engine->start(error));
    return network_scores(&model->trial.experiment.network, engine, PRECISION_FLOAT32,
                          model->parameters, model->statistics, in, model->network_answer, 1, out,
                          error);
}

enum status exporting_answer(const struct exporting *exporting, const struct image_set *seen,
                             struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct image_set given = {0};

    TRY(run_network(exporting, seen, &given, error));
    TRY(chain_run(&model->chain, model->last, exporting->stages.end, &given, NULL, 1, out, error));
out:
    image_set_release(&given);
    return status;
}

static enum status answer_examples(struct exporting *exporting, struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct image_set seen = {0};

    TRY(chain_run(&model->chain, exporting->stages.begin, model->first, &exporting->examples, NULL,
                  1, &seen, error));
    TRY(exporting_answer(exporting, &seen, &exporting->outputs, error));
out:
    image_set_release(&seen);
    return status;
}

enum status exporting_network(struct exporting *exporting, const char *path,
                              const struct exporting_options *wanted,
                              const struct model_options *options, struct diagnostics *found,
                              struct error *error)
{
    struct model_options network_options = *options;
    struct model *model = &exporting->model;

    memset(exporting, 0, sizeof *exporting);
    network_options.part = MODEL_NETWORK;
    PASS(model_open(model, path, &network_options, found, error));
    PASS(find_stages(exporting, path, wanted, error));
    if (wanted->int8)
        PASS(quantize_network(exporting, path, options->trial, error));
    exporting->exported.name = model->plan.base.name;
    exporting->exported.family = &model->trial.experiment.network;
    exporting->exported.network = &exporting->network;
    exporting->exported.parameters = model->parameters;
    exporting->exported.statistics = model->statistics;
    exporting->exported.answer = model->network_answer;
    exporting->exported.before = &exporting->stages.before;
    exporting->exported.after = &exporting->stages.after;
    exporting->exported.after_content = exporting->stages.content;
    exporting->exported.examples = &exporting->examples;
    exporting->exported.outputs = &exporting->outputs;
    return STATUS_OK;
}

enum status exporting_open(struct exporting *exporting, const char *path,
                           const struct exporting_options *wanted,
                           const struct model_options *options, struct diagnostics *found,
                           struct error *error)
{
    PASS(exporting_network(exporting, path, wanted, options, found, error));
    PASS(exporting_inputs(exporting, path, EXAMPLES, error));
    PASS(answer_examples(exporting, error));
    return exporting_facts(exporting, path, error);
}

void exporting_release(struct exporting *exporting)
{
    if (exporting->large)
        exporting_release(exporting->large);
    memory_free(exporting->large);
    memory_free(exporting->doubts);
    memory_free(exporting->handed);
    image_set_release(&exporting->examples);
    image_set_release(&exporting->outputs);
    quantized_release(&exporting->quantized);
    network_release(&exporting->network);
    export_stages_release(&exporting->stages);
    model_release(&exporting->model);
    memset(exporting, 0, sizeof *exporting);
}

void exporting_inside(const struct exporting *exporting, struct text *text)
{
    export_stages_inside(&exporting->stages, &exporting->model, text);
}

void exporting_left(const struct exporting *exporting, struct text *text)
{
    export_stages_left(&exporting->stages, &exporting->model, text);
}
