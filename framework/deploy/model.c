#include "deploy/model.h"

#include "base/text.h"
#include "base/work.h"
#include "graph/apply.h"
#include "guard/guarded_answer.h"
#include "results/stored_network.h"

#include <stdlib.h>
#include <string.h>

const char *const model_parts[] = {"hybrid", "network", "pipeline", "guarded", NULL};

const struct engine *model_engine(const struct model *model)
{
    return engine_of(model->trial.experiment.train.engine.kind);
}

static bool runs(const struct model *model, size_t stage)
{
    bool replaced = stage >= model->first && stage < model->last;

    return model->part == MODEL_PIPELINE || (model->part == MODEL_HYBRID && !replaced);
}

/* Does a stage that has to run learn from labelled images, or depend on how they were tuned? */
static bool must_fit(const struct model *model, bool tuned)
{
    const struct component_list *stages = &model->trial.experiment.pipeline.stages;

    for (size_t s = 0; s < stages->count; s++)
        if (runs(model, s) &&
            (component_learns(&stages->items[s]) || (!tuned && stages->items[s].tuned_count)))
            return true;
    return false;
}

/* As the trial had it: from the cache, or fitted anew on the data set. */
static enum status fit_chain(struct model *model, const struct model_options *options,
                             struct error *error)
{
    struct trial_options trial_options = {
        .data = options->data, .threads = options->threads, .steps = &model->steps};

    PASS(model_engine(model)->start(error));
    PASS(cache_open(&model->cache, options->results, error));
    model->steps.cache = &model->cache;
    enum status status =
        trial_pipeline(&model->splits, &model->trial, &model->data, &trial_options, error);
    work_step(NULL);
    PASS(status);
    model->chain = model->splits.chain;
    model->splits.chain = (struct chain){0};
    return STATUS_OK;
}

static enum status make_chain(struct model *model, const struct model_options *options,
                              const struct stored_network *stored, struct error *error)
{
    const struct experiment *experiment = &model->trial.experiment;
    struct chain_examples examples = {
        .task = model->task,
        .answer = {model->task->labels, stored ? stored->answer_count : 0},
        .means = {.engine = model_engine(model), .loss = model->task->loss}};

    for (size_t s = 0; s < experiment->pipeline.stages.count; s++)
        if (runs(model, s) && stage_of(experiment->pipeline.stages.items[s].kind)->recorded)
            return error_set(error, STATUS_CONFIG,
                             "the pipeline's answers were recorded: it cannot be asked about other "
                             "images; --what network");
    if (must_fit(model, stored != NULL))
        return fit_chain(model, options, error);
    return chain_make(&model->chain, &experiment->pipeline.stages, stored ? stored->combination : 0,
                      false, &examples, trial_random_key(&model->trial), options->threads, NULL,
                      error);
}

static enum status find_replaced(struct model *model, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};

    TRY(experiment_replaced(&model->trial.experiment, &model->first, &model->last, &found, error));
    if (found.count) {
        *error = found.items[0];
        status = STATUS_CONFIG;
    }
out:
    diagnostics_release(&found);
    return status;
}

static enum status take_trial(struct model *model, size_t index, enum model_part part,
                              struct error *error)
{
    model->part = part;
    PASS(plan_trial(&model->plan, index, &model->arena, &model->trial, error));
    model->task = experiment_task(&model->trial.experiment);
    return find_replaced(model, error);
}

/* The content that the chosen part ends in, and how many classes or numbers that has. */
static void find_answer(struct model *model, const struct stored_network *stored)
{
    const struct component_list *stages = &model->trial.experiment.pipeline.stages;
    bool whole = model->last == stages->count;

    model->network_answer =
        (struct answer){stages_output(stages, model->last, model->task), stored->answer_count};
    model->answer = model->network_answer;
    if (model->part != MODEL_NETWORK)
        model->answer =
            (struct answer){model->task->labels, whole ? model->network_answer.count : 0};
}

enum status model_open(struct model *model, const char *path, const struct model_options *options,
                       struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct stored_network stored = {0};

    memset(model, 0, sizeof *model);
    TRY(stored_network_open(&stored, path, options->trial, error));
    TRY(plan_load_resolved(&model->plan, path, stored.resolved, options->plan, found, error));
    if (found->count)
        TRY(error_set(error, STATUS_CONFIG, "%s: its plan cannot be loaded by this program", path));
    TRY(take_trial(model, stored.trial, options->part, error));
    model->input = stored.input;
    model->channels = stored.channels;
    TRY(stored_network_scale(&stored, &model->scale, &model->automatic_scale, error));
    find_answer(model, &stored);
    TRY(stored_network_names(&stored, &model->arena, &model->names, &model->units, error));
    TRY(make_chain(model, options, &stored, error));
    if (model->part != MODEL_PIPELINE)
        TRY(stored_network_parameters(&stored, &model->trial.experiment.network,
                                      model->network_answer, &model->parameters, &model->statistics,
                                      &model->parameter_count, error));
out:
    stored_network_close(&stored);
    return status;
}

enum status model_of_plan(struct model *model, struct plan *plan,
                          const struct model_options *options, struct error *error)
{
    memset(model, 0, sizeof *model);
    model->plan = *plan;
    *plan = (struct plan){0};
    PASS(take_trial(model, 0, MODEL_PIPELINE, error));
    model->answer = (struct answer){model->task->labels, 0};
    return make_chain(model, options, NULL, error);
}

void model_release(struct model *model)
{
    if (model->other)
        model_release(model->other);
    memory_free(model->other);
    chain_release(&model->chain);
    splits_release(&model->splits);
    dataset_cache_release(&model->data);
    cache_close(&model->cache);
    memory_free(model->parameters);
    memory_free(model->statistics);
    arena_release(&model->arena);
    plan_release(&model->plan);
    memset(model, 0, sizeof *model);
}

/* Does the network as it was trained fit images of these sizes? */
static enum status check_sizes(const struct model *model, const struct image_set *in,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct shape_share *shares = NULL;
    size_t count;

    TRY(image_set_shapes(in, &shares, &count, error));
    for (size_t i = 0; i < count; i++) {
        struct network network = {0};
        struct shape shape = shares[i].shape, asked = shape;
        if (shape_equal(shape, model->input))
            continue;
        if (content_is_spatial(model->network_answer.content))
            TRY(family_fit(&model->trial.experiment.network, &shape, error));
        struct error refused = {0};
        enum status made = network_new(&network, &model->trial.experiment.network, shape,
                                       model->network_answer, &refused);
        bool fits = made == STATUS_OK && network.parameters == model->parameter_count;
        network_release(&network);
        if (!fits)
            TRY(error_set(error, STATUS_CONFIG,
                          "an image of %d x %d pixels, %d channel%s; the network was trained on "
                          "%d x %d, %d, and takes no others",
                          asked.width, asked.height, asked.channels, asked.channels == 1 ? "" : "s",
                          model->input.width, model->input.height, model->input.channels));
    }
out:
    memory_free(shares);
    return status;
}

/* The network over what the stages before it gave; with `doubts`, by the guard. */
static enum status run_network(const struct model *model, const struct image_set *in, int threads,
                               double *doubts, struct image_set *out, struct error *error)
{
    const struct experiment *experiment = &model->trial.experiment;
    const struct guarded_network network = {.family = &experiment->network,
                                            .engine = model_engine(model),
                                            .precision =
                                                (enum precision)experiment->train.precision,
                                            .parameters = model->parameters,
                                            .statistics = model->statistics,
                                            .answer = model->network_answer};

    PASS(check_sizes(model, in, error));
    if (doubts)
        return guarded_answer(model->guard, &network, in, threads, out, doubts, error);
    return network_apply(network.family, network.engine, network.precision, network.parameters,
                         network.statistics, in, network.answer, threads, NULL, NULL, out, error);
}

static enum status run(const struct model *model, const struct image_set *in,
                       const struct image_names *names, int threads, double *doubts,
                       struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    const struct chain *chain = &model->chain;
    struct image_set before = {0}, raw = {0};
    bool hybrid = model->part == MODEL_HYBRID;
    const struct image_set *begin = hybrid && model->first ? &before : in;

    if (model->part == MODEL_PIPELINE)
        return chain_run(chain, 0, chain->count, in, names, threads, out, error);
    if (begin == &before)
        TRY(chain_run(chain, 0, model->first, in, names, threads, &before, error));
    if (!hybrid || model->last == chain->count) {
        TRY(run_network(model, begin, threads, doubts, out, error));
        goto out;
    }
    TRY(run_network(model, begin, threads, doubts, &raw, error));
    TRY(chain_run(chain, model->last, chain->count, &raw, names, threads, out, error));
out:
    image_set_release(&before);
    image_set_release(&raw);
    return status;
}

enum status model_run(const struct model *model, const struct image_set *in,
                      const struct image_names *names, int threads, struct image_set *out,
                      struct error *error)
{
    return run(model, in, names, threads, NULL, out, error);
}

enum status model_run_doubted(const struct model *model, const struct image_set *in, int threads,
                              double *doubts, struct image_set *out, struct error *error)
{
    return run(model, in, NULL, threads, doubts, out, error);
}
