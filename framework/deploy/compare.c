#include "deploy/compare.h"

#include "base/text.h"
#include "data/registry.h"
#include "results/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the settings of `recorded` */

/* An absolute path as a YAML text. */
static enum status put_path(struct text *yaml, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    char folder[PATH_ROOM];
    struct text whole = {0};

    if (path[0] == '/')
        TRY(text_print(&whole, error, "%s", path));
    else if (getcwd(folder, sizeof folder))
        TRY(path_join(&whole, folder, path, error));
    else
        TRY(error_system(error, "the current folder"));
    text_append(yaml, "'");
    for (const char *at = whole.bytes; *at; at++)
        text_append(yaml, *at == '\'' ? "\'\'" : "%c", *at);
    text_append(yaml, "'");
out:
    text_release(&whole);
    return status;
}

static bool is_table(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

/* "classes: ['cell', …]" of masks, "numbers: […]" of numbers and maps. */
static void put_names(struct text *yaml, const struct model *model)
{
    enum content content = model->answer.content;
    bool mask = content == CONTENT_MASK;

    if (!mask && content != CONTENT_NUMBERS && content != CONTENT_MAP)
        return;
    text_append(yaml, "%s: [", mask ? "classes" : "numbers");
    for (int i = 0; i < model->answer.count; i++) {
        text_append(yaml, "%s\"", i ? ", " : "");
        if (model->names)
            for (const char *at = model->names[i]; *at; at++)
                text_append(yaml, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
        else
            text_append(yaml, "%s_%d", mask ? "class" : "number", i);
        text_append(yaml, "\"");
    }
    text_append(yaml, "]\n");
}

/* Settings that say what stored numbers stand for, from an experiment with recorded data. */
static void put_meaning(struct text *yaml, const struct component *source)
{
    static const char *const taken[] = {"colour", "range", "ignore", "values", "invalid", "scale"};

    for (const struct field *field = source->kind->fields; field && field->name; field++)
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
            if (strcmp(field->name, taken[i]) == 0) {
                text_append(yaml, "%s: ", field->name);
                schema_print_value(field, (const char *)source->config + field->offset, yaml);
                text_append(yaml, "\n");
            }
}

static enum status settings(const struct model *model, const struct apply_request *request,
                            const char *truth, struct text *yaml, struct error *error)
{
    const struct component *source = &model->trial.experiment.dataset.source;

    text_append(yaml, "inputs: [");
    for (size_t k = 0; k < request->input_count; k++) {
        text_append(yaml, "%s", k ? ", " : "");
        PASS(put_path(yaml, request->inputs[k], error));
    }
    text_append(yaml, "]\n%s: ", is_table(truth) ? "match" : "truth");
    PASS(put_path(yaml, truth, error));
    text_append(yaml, "\n");
    put_names(yaml, model);
    if (strcmp(source->kind->name, "recorded") == 0)
        put_meaning(yaml, source);
    else if (model->channels == 3 * (int)request->input_count)
        text_append(yaml, "colour: colour\n");
    return text_status(yaml, error);
}

/* The first of what is wrong, as an error. */
static enum status first_of(const struct diagnostics *found, struct error *error)
{
    if (!found->count)
        return STATUS_OK;
    *error = found->items[0];
    return found->items[0].code == STATUS_CONFIG ? STATUS_CONFIG : STATUS_DATA;
}

/* ---- classes by their names */

static int class_named(const struct model *model, const char *name)
{
    char *end;
    long number = strtol(name, &end, 10);

    for (int i = 0; model->names && i < model->answer.count; i++)
        if (strcmp(model->names[i], name) == 0)
            return i;
    return !model->names && !*end && end != name && number >= 0 && number < model->answer.count
               ? (int)number
               : -1;
}

/* The table numbers its classes as it likes; the network has its own numbers. */
static enum status renumber(struct compare *compare, struct error *error)
{
    struct dataset_answers *truth = compare->content.train.truth;
    int numbers[METRICS_MAX_CLASSES];

    if (!truth || !truth->classes || compare->model->answer.content != CONTENT_SCORES)
        return STATUS_OK;
    for (int c = 0; c < compare->content.count; c++) {
        numbers[c] = class_named(compare->model, compare->content.names[c]);
        if (numbers[c] < 0)
            return error_set(error, STATUS_DATA, "the truth names a class '%s', which the %s",
                             compare->content.names[c], "network does not know");
    }
    for (size_t i = 0; i < compare->count; i++)
        if (truth->classes[i] != DATASET_NO_CLASS)
            truth->classes[i] = (uint8_t)numbers[truth->classes[i]];
    return STATUS_OK;
}

/* ---- */

static enum status load(struct compare *compare, const struct apply_request *request,
                        const char *yaml, struct error *error)
{
    enum status status = STATUS_OK;
    const struct descriptor *recorded = registry_find(registry_datasets(), "recorded");
    const struct dataset *dataset = dataset_of(recorded);
    struct diagnostics found = {0};
    struct yaml_node *root;
    void *config;

    TRY(yaml_parse(&compare->arena, "--compare", yaml, strlen(yaml), &root, &found, error));
    TRY(first_of(&found, error));
    TRY(arena_new(&compare->arena, (char **)&config, recorded->config_size, 1, error));
    TRY(schema_read(recorded->fields, root, "", config, &compare->arena, &found, error));
    TRY(dataset->check(config, &found, error));
    TRY(first_of(&found, error));
    struct dataset_request wanted = {.directory = ".",
                                     .train = SIZE_MAX,
                                     .test = SIZE_MAX,
                                     .threads = request->threads,
                                     .labels = compare->model->task->labels};
    TRY(dataset->load(config, &wanted, &compare->content, error));
out:
    if (status != STATUS_OK)
        error_context(error, "--compare");
    diagnostics_release(&found);
    return status;
}

enum status compare_open(struct compare *compare, const struct model *model,
                         const struct apply_request *request, const char *truth,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct text yaml = {0};

    *compare = (struct compare){.model = model};
    if (model->part == MODEL_NETWORK && model->last < model->trial.experiment.pipeline.stages.count)
        return error_set(error, STATUS_CONFIG,
                         "--compare: stages follow the network: --what hybrid has the answers that "
                         "truth is compared with");
    TRY(settings(model, request, truth, &yaml, error));
    TRY(load(compare, request, yaml.bytes, error));
    compare->count = dataset_pool_count(&compare->content.train);
    TRY(renumber(compare, error));
    TRY(memory_new(&compare->wanted, compare->count, sizeof(bool), error));
    TRY(memory_new(&compare->scores, compare->count * METRICS, sizeof(double), error));
    for (size_t i = 0; i < compare->count * METRICS; i++)
        compare->scores[i] = (double)NAN;
out:
    text_release(&yaml);
    return status;
}

/* What is true of image `index`, whose answer has the shape of `like`. */
static enum status truth_of(struct compare *compare, uint32_t index, const struct image_set *like,
                            struct truth *truth, struct error *error)
{
    struct dataset_pool *pool = &compare->content.train;
    struct text notes = {0};
    size_t faulty;

    if (pool->truth->images.files.count) {
        compare->wanted[index] = true;
        enum status status = dataset_answers_hold(pool->truth, compare->count, compare->wanted, 1,
                                                  &notes, &faulty, error);
        compare->wanted[index] = false;
        text_release(&notes);
        if (status != STATUS_OK)
            return status;
    }
    return compare->model->task->truth(truth, pool, &index, 1, like, compare->model->answer, error);
}

enum status compare_image(struct compare *compare, size_t index, struct image answer,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct task *task = compare->model->task;
    struct dataset_pool *pool = &compare->content.train;
    struct image_set answers = {0};
    struct truth truth = {0};
    struct scores scores;

    if (!pool->truth || !dataset_answers_have(pool->truth, index))
        return STATUS_OK;
    TRY(image_set_new(&answers, 1, &answer.shape, error));
    memcpy(answers.pixels, answer.pixels, shape_size(answer.shape) * sizeof(float));
    TRY(truth_of(compare, (uint32_t)index, &answers, &truth, error));
    if (truth.images.count && !shape_equal(truth.images.shapes[0], answer.shape))
        TRY(error_set(error, STATUS_DATA,
                      "%s: the truth has %d x %d pixels and %d channels, the answer %d x %d and %d",
                      dataset_pool_name(pool, index), truth.images.shapes[0].width,
                      truth.images.shapes[0].height, truth.images.shapes[0].channels,
                      answer.shape.width, answer.shape.height, answer.shape.channels));
    scores_clear(&scores);
    TRY(task->score(&answers, &truth, compare->model->answer, 1, &scores, NULL, error));
    for (size_t m = 0; m < task->metric_count; m++)
        compare->scores[index * METRICS + task->metrics[m].metric] =
            metrics_value(&scores, task->metrics[m].metric);
    compare->truths++;
out:
    truth_release(&truth);
    image_set_release(&answers);
    return status;
}

static void put_row(struct csv *csv, const struct task *task, const char *name,
                    const double *scores)
{
    csv_text(csv, name);
    for (size_t m = 0; m < task->metric_count; m++)
        if (!task->metrics[m].of_set)
            csv_real(csv, scores[task->metrics[m].metric]);
    csv_end_row(csv);
}

static bool was_scored(const struct compare *compare, size_t index)
{
    for (int m = 0; m < METRICS; m++)
        if (!isnan(compare->scores[index * METRICS + (size_t)m]))
            return true;
    return false;
}

enum status compare_print(const struct compare *compare, struct text *text, struct error *error)
{
    const struct task *task = compare->model->task;
    struct csv csv = {.text = text};
    double means[METRICS] = {0};

    if (!compare->truths)
        return error_set(error, STATUS_DATA, "--compare: no image that was answered has truth");
    csv_text(&csv, "name");
    for (size_t m = 0; m < task->metric_count; m++)
        if (!task->metrics[m].of_set)
            csv_text(&csv, metric_names[task->metrics[m].metric]);
    csv_end_row(&csv);
    for (size_t i = 0; i < compare->count; i++) {
        const char *name = dataset_pool_name(&compare->content.train, i), *base;
        if (!was_scored(compare, i))
            continue;
        base = strrchr(name, '/');
        put_row(&csv, task, base ? base + 1 : name, &compare->scores[i * METRICS]);
        for (int m = 0; m < METRICS; m++)
            means[m] += compare->scores[i * METRICS + (size_t)m] / (double)compare->truths;
    }
    put_row(&csv, task, "mean", means);
    return text_status(text, error);
}

void compare_release(struct compare *compare)
{
    dataset_content_release(&compare->content);
    memory_free(compare->wanted);
    memory_free(compare->scores);
    arena_release(&compare->arena);
    *compare = (struct compare){0};
}
