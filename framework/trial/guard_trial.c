#include "trial/guard_trial.h"

#include "guard/guarded_answer.h"
#include "trial/trial_network.h"

#include <math.h>
#include <string.h>

/* What all that follows is asked with. */
struct guard_look {
    const struct guard_request *request;
    const struct plan *plan;
    const struct splits *splits;
    const struct trial_options *options;
    enum metric metric;
    bool agreement;
};

void guard_images_release(struct guard_images *images)
{
    memory_free(images->doubt);
    memory_free(images->small);
    memory_free(images->other);
    memory_free(images->small_cost);
    memory_free(images->other_cost);
    memset(images, 0, sizeof *images);
}

static enum status make_room(struct guard_images *images, size_t count, struct error *error)
{
    images->count = count;
    PASS(memory_new(&images->doubt, count, sizeof *images->doubt, error));
    PASS(memory_new(&images->small, count, sizeof *images->small, error));
    PASS(memory_new(&images->other, count, sizeof *images->other, error));
    PASS(memory_new(&images->small_cost, count, sizeof *images->small_cost, error));
    return memory_new(&images->other_cost, count, sizeof *images->other_cost, error);
}

/* Multiply-adds of a trial's network on each image; of the replaced stages where there is no
 * `trial`. */
static enum status find_costs(const struct guard_look *look, const struct trial *trial,
                              enum split_name name, double runs, double *costs, struct error *error)
{
    const struct splits *splits = look->splits;
    const struct image_set *in = &splits->items[name].network_in;

    for (size_t i = 0; i < in->count; i++) {
        struct network network = {0};
        if (i && shape_equal(in->shapes[i], in->shapes[i - 1])) {
            costs[i] = costs[i - 1];
        } else if (!trial) {
            costs[i] = chain_count(&splits->chain, splits->first, splits->last, in->shapes[i])
                           .multiply_adds;
        } else {
            PASS(trial_whole_network(trial, splits, in->shapes[i], &network, error));
            costs[i] = runs * network_operations(&network).multiply_adds;
            network_release(&network);
        }
    }
    return STATUS_OK;
}

/* The small network's answers on a split, how much they are to be doubted, and their scores. */
static enum status look_at_small(const struct guard_look *look, const struct trained *trained,
                                 enum split_name name, struct guard_images *images,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct trial *trial = look->request->small;
    const struct split *split = &look->splits->items[name];
    const struct guarded_network network = {
        .family = &trial->experiment.network,
        .engine = engine_of(trial->experiment.train.engine.kind),
        .precision = (enum precision)trial->experiment.train.precision,
        .parameters = trained->parameters,
        .statistics = trained->statistics,
        .answer = splits_label(look->splits)};
    struct image_set raw = {0}, out = {0};
    int threads = look->options->threads;

    TRY(make_room(images, split->network_in.count, error));
    TRY(guarded_answer(look->request->by, &network, &split->network_in, threads, &raw,
                       images->doubt, error));
    TRY(trial_carry_on(look->splits, split, &raw, threads, &out, error));
    TRY(splits_score_each(look->splits, name, &out, look->metric, look->agreement, threads,
                          images->small, error));
    TRY(find_costs(look, trial, name, guarded_runs(look->request->by), images->small_cost, error));
out:
    image_set_release(&raw);
    image_set_release(&out);
    return status;
}

static enum status look_at_other(const struct guard_look *look, const struct trained *trained,
                                 enum split_name name, struct guard_images *images,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct trial *trial = look->request->other;
    const struct split *split = &look->splits->items[name];
    struct image_set own = {0};
    int threads = look->options->threads;

    if (trial)
        TRY(trial_apply(trial, look->splits, split, trained->parameters, trained->statistics,
                        threads, &own, error));
    TRY(splits_score_each(look->splits, name, trial ? &own : &split->pipeline_out, look->metric,
                          look->agreement, threads, images->other, error));
    TRY(find_costs(look, trial, name, 1, images->other_cost, error));
out:
    image_set_release(&own);
    return status;
}

typedef enum status look_at(const struct guard_look *look, const struct trained *trained,
                            enum split_name name, struct guard_images *images, struct error *error);

/* One of the two, on both splits. */
static enum status look_at_splits(const struct guard_look *look, look_at *at,
                                  const struct trial *trial, struct guard_images *validation,
                                  struct guard_images *test, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct trained trained = {0};

    if (trial)
        TRY(trial_trained(trial, look->plan, look->splits, look->options, &network, &trained,
                          error));
    TRY(at(look, &trained, SPLIT_VALIDATION, validation, error));
    TRY(at(look, &trained, SPLIT_TEST, test, error));
out:
    network_release(&network);
    trained_release(&trained);
    return status;
}

/* Images without a score by both are left out. */
static void keep_scored(struct guard_images *images)
{
    size_t kept = 0;

    for (size_t i = 0; i < images->count; i++) {
        if (!isfinite(images->small[i]) || !isfinite(images->other[i]))
            continue;
        images->doubt[kept] = images->doubt[i];
        images->small[kept] = images->small[i];
        images->other[kept] = images->other[i];
        images->small_cost[kept] = images->small_cost[i];
        images->other_cost[kept++] = images->other_cost[i];
    }
    images->count = kept;
}

enum status trial_guard(const struct guard_request *request, const struct plan *plan,
                        struct dataset_cache *data, struct splits *splits,
                        const struct trial_options *options, struct guard_images *validation,
                        struct guard_images *test, bool *agreement, struct error *error)
{
    const struct experiment *experiment = &request->small->experiment;
    struct guard_look look = {.request = request,
                              .plan = plan,
                              .splits = splits,
                              .options = options,
                              .metric = experiment_select_metric(experiment)};

    PASS(trial_prepare(splits, request->small, data, options, error));
    look.agreement = experiment_select_agreement(experiment) ||
                     truth_is_absent(&splits->truth[SPLIT_VALIDATION]) ||
                     truth_is_absent(&splits->truth[SPLIT_TEST]);
    *agreement = look.agreement;
    PASS(look_at_splits(&look, look_at_small, request->small, validation, test, error));
    PASS(look_at_splits(&look, look_at_other, request->other, validation, test, error));
    keep_scored(validation);
    keep_scored(test);
    if (!validation->count || !test->count)
        return error_set(error, STATUS_DATA, "no %s image has a score by both",
                         validation->count ? "test" : "validation");
    return STATUS_OK;
}
