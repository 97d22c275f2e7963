/* What follows for networks from the shape of the data set's images: shapes, and work. */
#include "kinds/dataset.h"
#include "kinds/stage.h"
#include "network/network.h"
#include "plan/steps.h"

#include <string.h>

/* The shape after one stage, with its settings as they stand; *varies where a tuned value would
 * give another. */
static enum status stage_shape(const struct component *component, struct shape in, int class_count,
                               struct shape *out, bool *varies, struct error *error)
{
    const struct stage *stage = (const void *)component->kind;
    size_t size = component->kind->config_size;
    void *config = NULL;
    struct shape other;
    enum status status = STATUS_OK;

    TRY(stage->shape(component->config, in, class_count, out, error));
    TRY(memory_new(&config, size, 1, error));
    for (size_t j = 0; j < component->tuned_count; j++)
        for (size_t k = 0; k < component->tuned[j].count; k++) {
            memcpy(config, component->config, size);
            schema_apply_tuned(component, j, k, config);
            TRY(stage->shape(config, in, class_count, &other, error));
            *varies = *varies || !shape_equal(other, *out);
        }
out:
    memory_free(config);
    return status;
}

/* What the network takes and gives: the images' shape through the pipeline. `fault` is
 * STATUS_CONFIG where this cannot be told. */
enum status experiment_shapes(const struct experiment *experiment, struct shape *input,
                              struct shape *target, struct error *fault)
{
    const struct dataset *dataset = (const void *)experiment->dataset.source.kind;
    const struct component_list *stages = &experiment->pipeline.stages;
    struct diagnostics none = {0};
    int class_count = 0;
    bool varies = false;
    size_t first, last;
    struct shape shape;
    enum status status = STATUS_OK;

    if (!dataset->shape)
        return error_set(fault, STATUS_CONFIG,
                         "the images of data set '%s' are known only once they are read, and so "
                         "are costs",
                         dataset->descriptor.name);
    dataset->shape(experiment->dataset.source.config, &shape, &class_count);
    class_count = experiment->task == TASK_CLASSIFY ? class_count : 0;
    TRY(experiment_replaced(experiment, &first, &last, &none, fault));
    *input = *target = shape;
    for (size_t i = 0; i < last; i++) {
        TRY(stage_shape(&stages->items[i], shape, class_count, &shape, &varies, fault));
        if (i + 1 == first)
            *input = shape;
        *target = shape;
    }
    if (varies)
        status = error_set(fault, STATUS_CONFIG,
                           "the network's shape depends on what tuning will choose, and so do "
                           "costs");
out:
    diagnostics_release(&none);
    return status;
}

bool plan_same(const struct plan *plan, const char *path)
{
    return plan_groups_at(plan, path) == 0;
}

size_t plan_input(const struct plan *plan, size_t index)
{
    struct combination combination;
    size_t positions[PLAN_MAX_AXES];

    combination_make(&combination, plan, plan_select_groups(plan, "dataset"));
    grid_positions(plan, plan->kept[index / (size_t)plan->base.replicates], positions);
    return combination_at(&combination, positions);
}

size_t plan_inputs(const struct plan *plan)
{
    struct combination combination;

    combination_make(&combination, plan, plan_select_groups(plan, "dataset"));
    return combination.count;
}

/* Items that training sees in all; where the file says `all`, as many as if that were all the same.
 */
static double passes(const struct experiment *experiment)
{
    const struct train_settings *train = &experiment->train;
    const struct dataset_section *dataset = &experiment->dataset;
    int64_t images = train->labels == LABELS_MANUAL ? dataset->manual : dataset->unlabelled;
    double items = images == COUNT_ALL ? 50000 : (double)images;

    if (dataset->patch.size > 0)
        items *= (double)dataset->patch.per_image;
    double all = items * (double)train->epochs;
    double least = (double)train->minimum_steps * (double)train->batch;
    return all > least ? all : least;
}

enum status plan_work(struct plan *plan, size_t index, double *work, struct error *error)
{
    struct arena arena = {0};
    struct experiment experiment;
    struct network network = {0};
    struct shape input = {1, 32, 32}, target = {1, 32, 32};
    struct error fault = {0};
    enum status status = STATUS_OK;

    memset(&experiment, 0, sizeof experiment);
    TRY(point_read(plan, plan->kept[index / (size_t)plan->base.replicates], &arena, &experiment,
                   error));
    *work = passes(&experiment);
    int side = (int)experiment.dataset.patch.size;
    status = experiment_shapes(&experiment, &input, &target, &fault);
    if (status == STATUS_CONFIG) { /* images of any size: of two networks the larger takes longer */
        int channels = experiment.task == TASK_CLASSIFY ? 10 : 1;
        target = (struct shape){channels, experiment.task == TASK_CLASSIFY ? 1 : 32,
                                experiment.task == TASK_CLASSIFY ? 1 : 32};
    }
    if (side > 0)
        input.height = input.width = target.height = target.width = side;
    if (status == STATUS_OK || status == STATUS_CONFIG)
        status = network_new(&network, &experiment.network, input, target, &fault);
    if (status == STATUS_OK)
        *work *= network_operations(&network).multiply_adds;
    else if (status == STATUS_CONFIG)
        status = STATUS_OK; /* the run will tell */
    else
        *error = fault;
out:
    network_release(&network);
    arena_release(&arena);
    return status;
}
