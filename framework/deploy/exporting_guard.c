#include "deploy/exporting_private.h"

#include "deploy/guarded.h"
#include "guard/guarded_answer.h"
#include "guard/registry.h"
#include "guard/threshold.h"
#include "networks/engines/registry.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES = 64, EACH = 2 };

/* ---- the pair */

static enum status open_one(struct exporting *exporting, const char *path, int64_t trial,
                            const struct exporting_options *wanted,
                            const struct model_options *options, struct diagnostics *found,
                            struct error *error)
{
    struct exporting_options network = *wanted;
    struct model_options model = *options;
    char number[24];

    snprintf(number, sizeof number, "%lld", (long long)trial);
    network.part = MODEL_HYBRID;
    model.trial = number;
    return exporting_network(exporting, path, &network, &model, found, error);
}

/* Do both take and give the same? */
static bool is_pair(const struct exporting *a, const struct exporting *b)
{
    return a->stages.begin == b->stages.begin && a->stages.end == b->stages.end &&
           shape_equal(a->stages.input, b->stages.input) &&
           shape_equal(a->network.input, b->network.input) &&
           shape_equal(a->network.output, b->network.output);
}

static enum status open_pair(struct exporting *exporting, const char *path,
                             const struct guard_stored *stored,
                             const struct exporting_options *wanted,
                             const struct model_options *options, struct diagnostics *found,
                             struct error *error)
{
    PASS(open_one(exporting, path, stored->trials[0], wanted, options, found, error));
    if (stored->trials[1] < 0)
        return STATUS_OK;
    PASS(memory_new(&exporting->large, 1, sizeof *exporting->large, error));
    PASS(open_one(exporting->large, path, stored->trials[1], wanted, options, found, error));
    if (!is_pair(exporting, exporting->large))
        return error_set(error, STATUS_UNAVAILABLE,
                         "the guard's two networks do not take and give the same images: export "
                         "them one by one, with --trial %lld and --trial %lld",
                         (long long)stored->trials[0], (long long)stored->trials[1]);
    return STATUS_OK;
}

/* ---- examples */

/* Both kinds of images, as far as there are both: [*count] numbers, ascending. */
static void choose(const double *doubts, size_t candidates, double threshold,
                   uint32_t chosen[2 * EACH], size_t *count)
{
    size_t have[2] = {0, 0};

    *count = 0;
    for (size_t i = 0; i < candidates; i++) {
        bool on = guard_hands_on(doubts[i], threshold);
        if (have[on] < EACH) {
            have[on]++;
            chosen[(*count)++] = (uint32_t)i;
        }
    }
}

static enum status find_doubts(const struct exporting *exporting, const struct guard *by,
                               const struct image_set *seen, double *doubts, struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct image_set answers = {0};
    const struct guarded_network network = {
        .family = &model->trial.experiment.network,
        .engine = engine_of(registry_find(registry_engines(), "reference")),
        .precision = PRECISION_FLOAT32,
        .parameters = model->parameters,
        .statistics = model->statistics,
        .answer = model->network_answer};

    TRY(network.engine->start(error));
    TRY(guarded_answer(by, &network, seen, 1, &answers, doubts, error));
out:
    image_set_release(&answers);
    return status;
}

/* Images, with what the stages before the network make of them in `seen`, and their doubts. */
static enum status find_examples(struct exporting *exporting, const char *path,
                                 const struct guard *by, struct image_set *seen,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct model *model = &exporting->model;
    struct image_set all = {0}, all_seen = {0};
    double *doubts = NULL;
    uint32_t chosen[2 * EACH];
    size_t count;

    TRY(exporting_inputs(exporting, path, CANDIDATES, error));
    all = exporting->examples;
    exporting->examples = (struct image_set){0};
    TRY(chain_run(&model->chain, exporting->stages.begin, model->first, &all, NULL, 1, &all_seen,
                  error));
    TRY(memory_new(&doubts, all.count, sizeof *doubts, error));
    TRY(find_doubts(exporting, by, &all_seen, doubts, error));
    choose(doubts, all.count, exporting->guard.threshold, chosen, &count);
    TRY(image_set_select(&exporting->examples, &all, chosen, count, error));
    TRY(image_set_select(seen, &all_seen, chosen, count, error));
    TRY(memory_new(&exporting->doubts, count, sizeof *exporting->doubts, error));
    TRY(memory_new(&exporting->handed, count, sizeof *exporting->handed, error));
    for (size_t i = 0; i < count; i++) {
        exporting->doubts[i] = doubts[chosen[i]];
        exporting->handed[i] = guard_hands_on(doubts[chosen[i]], exporting->guard.threshold);
    }
out:
    memory_free(doubts);
    image_set_release(&all);
    image_set_release(&all_seen);
    return status;
}

/* ---- what the pipeline gives */

/* Can its stages be run here, without a fit and without programs of the user's? */
static bool can_run(const struct exporting *exporting)
{
    for (size_t s = exporting->stages.begin; s < exporting->stages.end; s++) {
        const struct stage *stage = exporting->model.chain.stages[s];
        if (stage->fit || stage->recorded || stage->start || !stage->run)
            return false;
    }
    return true;
}

/* A class number for each pixel as scores: 1 for the class, 0 for the others. */
static void score_mask(struct image mask, struct image scores)
{
    size_t plane = shape_plane(scores.shape);

    for (size_t i = 0; i < shape_size(scores.shape); i++)
        scores.pixels[i] = mask.pixels[i % plane] == (float)(i / plane) ? 1 : 0;
}

/* Its answers in the form of the network's; false where they have another. */
static bool take_answers(const struct image_set *answers, bool mask, struct image_set *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct image from = image_set_at(answers, i), to = image_set_at(out, i);
        if (mask && shape_plane(from.shape) == shape_plane(to.shape) && from.shape.channels == 1)
            score_mask(from, to);
        else if (shape_equal(from.shape, to.shape))
            memcpy(to.pixels, from.pixels, shape_size(to.shape) * sizeof *to.pixels);
        else
            return false;
    }
    return true;
}

static enum status ask_pipeline(struct exporting *exporting, struct image_set *out,
                                struct error *error)
{
    enum status status = STATUS_OK;
    const struct export_stages *stages = &exporting->stages;
    bool mask = exported_has_classes(&exporting->exported) &&
                exporting->model.network_answer.content == CONTENT_MASK;
    struct image_set answers = {0};
    bool known = can_run(exporting);

    TRY(image_set_new_uniform(out, exporting->examples.count, exported_output(&exporting->exported),
                              error));
    if (known)
        TRY(chain_run(&exporting->model.chain, stages->begin, stages->end, &exporting->examples,
                      NULL, 1, &answers, error));
    known = known && take_answers(&answers, mask, out);
    for (size_t i = 0; !known && i < out->offsets[out->count]; i++)
        out->pixels[i] = (float)(i % 7) / 7;
    exporting->guard.pipeline_gives =
        known ? "what the pipeline gave" : "numbers in place of what the pipeline would give";
out:
    image_set_release(&answers);
    return status;
}

/* ---- all of it */

/* The small network's outputs, but those of the other one where an image is handed on. */
static enum status answer(struct exporting *exporting, const struct image_set *seen,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set others = {0};

    TRY(exporting_answer(exporting, seen, &exporting->outputs, error));
    if (exporting->large)
        TRY(exporting_answer(exporting->large, seen, &others, error));
    else
        TRY(ask_pipeline(exporting, &others, error));
    for (size_t i = 0; i < seen->count; i++) {
        struct image to = image_set_at(&exporting->outputs, i);
        if (exporting->handed[i])
            memcpy(to.pixels, image_set_at(&others, i).pixels,
                   shape_size(to.shape) * sizeof *to.pixels);
    }
out:
    image_set_release(&others);
    return status;
}

static bool ends_in_softmax(const struct network *network)
{
    return strcmp(network->nodes[network->count - 1].layer->descriptor.name, "softmax") == 0;
}

static enum status add_facts(struct exporting *exporting, const char *path,
                             const struct guard_stored *stored, struct error *error)
{
    char number[24];

    PASS(exporting_facts(exporting, path, error));
    PASS(exporting_fact(exporting, "guard", stored->about, error));
    snprintf(number, sizeof number, "%lld", (long long)stored->trials[1]);
    return exporting->large ? exporting_fact(exporting, "larger_trial", number, error) : STATUS_OK;
}

enum status exporting_guard_open(struct exporting *exporting, const char *path,
                                 const struct exporting_options *wanted,
                                 const struct model_options *options, struct diagnostics *found,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct guard_stored stored;
    struct image_set seen = {0};

    memset(exporting, 0, sizeof *exporting);
    if (options->trial)
        TRY(error_set(error, STATUS_CONFIG,
                      "--trial: the results file says which networks the guard has"));
    if (wanted->int8)
        TRY(error_set(error, STATUS_UNAVAILABLE,
                      "--int8: the guard's threshold was chosen by answers in float32"));
    TRY(guarded_read(&stored, path, &arena, error));
    TRY(open_pair(exporting, path, &stored, wanted, options, found, error));
    const struct guard *by = guard_of(registry_find(registry_guards(), stored.by));
    exporting->guard =
        (struct exported_guard){.by = by->descriptor.name,
                                .twice = by->twice,
                                .probabilities = ends_in_softmax(&exporting->network),
                                .threshold = stored.threshold};
    TRY(find_examples(exporting, path, by, &seen, error));
    TRY(answer(exporting, &seen, error));
    exporting->guard.large = exporting->large ? &exporting->large->exported : NULL;
    exporting->guard.doubts = exporting->doubts;
    exporting->guard.handed = exporting->handed;
    exporting->exported.guard = &exporting->guard;
    TRY(add_facts(exporting, path, &stored, error));
out:
    image_set_release(&seen);
    arena_release(&arena);
    return status;
}
