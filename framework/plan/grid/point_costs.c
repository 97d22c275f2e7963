#include "plan/grid/point_costs.h"

#include "chain/chain.h"
#include "graph/network.h"

#include <string.h>

const char *const own_costs[OWN_COSTS] = {
    [OWN_PARAMETERS] = "network.parameters",
    [OWN_MULTIPLY_ADDS] = "network.multiply_adds",
    [OWN_PARAMETER_BYTES] = "network.parameter_bytes",
    [OWN_PEAK_BYTES] = "network.peak_activation_bytes",
};

static const struct cost_model *model_at(const struct plan *plan, size_t machine)
{
    return (const void *)plan->machines[machine].model.kind;
}

static enum status price_network(struct point_costs *costs, const struct plan *plan,
                                 const struct experiment *experiment, struct shape input,
                                 struct answer answer, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct layer_work *layers = NULL;
    enum precision precision = (enum precision)experiment->train.precision;

    TRY(network_new(&network, &experiment->network, input, answer, error));
    TRY(memory_new(&layers, network.count, sizeof *layers, error));
    struct network_work work = network_work(&network, layers);
    costs->own[OWN_PARAMETERS] = (double)network.parameters;
    costs->own[OWN_MULTIPLY_ADDS] = network_operations(&network).multiply_adds;
    costs->own[OWN_PARAMETER_BYTES] = sizeof(float) * work.parameters;
    costs->own[OWN_PEAK_BYTES] = precision_bytes(precision) * work.peak_values;
    for (size_t m = 0; m < plan->base.hardware.count; m++)
        TRY(model_at(plan, m)->cost(plan->machines[m].model.config, &work, &costs->network[m], NULL,
                                    error));
out:
    memory_free(layers);
    network_release(&network);
    return status;
}

static bool tunes(const struct component_list *stages, size_t first, size_t last)
{
    bool tunes = false;

    for (size_t s = first; s < last; s++)
        tunes = tunes || stages->items[s].tuned_count > 0;
    return tunes;
}

static enum status price_pipeline(struct point_costs *costs, const struct plan *plan,
                                  const struct experiment *experiment, struct shape input,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *stages = &experiment->pipeline.stages;
    struct chain_examples examples = {0};
    struct shape images;
    struct diagnostics none = {0};
    struct chain chain = {0};
    struct layer_work *work = NULL;
    size_t first, last;

    TRY(experiment_replaced(experiment, &first, &last, &none, error));
    if (tunes(stages, first, last))
        TRY(error_set(error, STATUS_CONFIG,
                      "what the pipeline costs depends on what tuning will choose"));
    TRY(experiment_images(experiment, &images, &examples.answer, error));
    TRY(chain_make(&chain, stages, 0, false, &examples, (struct random_key){0}, 1, NULL, error));
    TRY(memory_new(&work, last - first, sizeof *work, error));
    chain_work(&chain, first, last, input, work);
    for (size_t m = 0; m < plan->base.hardware.count; m++)
        if (model_at(plan, m)->program)
            TRY(model_at(plan, m)->program(plan->machines[m].model.config, work, last - first,
                                           &costs->pipeline[m], error));
out:
    memory_free(work);
    chain_release(&chain);
    diagnostics_release(&none);
    return status;
}

enum status point_costs(struct point_costs *costs, const struct plan *plan,
                        const struct experiment *experiment, bool pipelines, struct error *error)
{
    struct shape input, target;
    struct answer answer;

    memset(costs, 0, sizeof *costs);
    PASS(experiment_shapes(experiment, &input, &target, &answer, error));
    PASS(price_network(costs, plan, experiment, input, answer, error));
    return pipelines ? price_pipeline(costs, plan, experiment, input, error) : STATUS_OK;
}
