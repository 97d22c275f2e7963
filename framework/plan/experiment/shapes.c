#include "plan/experiment/shapes.h"

#include "interfaces/dataset.h"
#include "interfaces/stage.h"

#include <string.h>

enum content experiment_target(const struct experiment *experiment, size_t last)
{
    const struct component_list *stages = &experiment->pipeline.stages;

    if (last > stages->count)
        return CONTENT_IMAGE;
    for (size_t i = 0; i < last; i++)
        if (!stages->items[i].kind) /* unknown: a mistake that is told elsewhere */
            return CONTENT_IMAGE;
    return stages_output(stages, last, experiment_task(experiment));
}

void experiment_settle(struct experiment *experiment, const char *folder)
{
    struct component_list *stages = &experiment->pipeline.stages;
    struct component *source = &experiment->dataset.source;
    const struct dataset *dataset = (const void *)source->kind;

    if (dataset && dataset->settle)
        dataset->settle(source->config, folder);
    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        if (stage && stage->settle)
            stage->settle(stages->items[i].config, folder);
    }
}

enum status experiment_complete(struct experiment *experiment, struct arena *arena,
                                struct error *error)
{
    struct diagnostics none = {0};
    size_t first, last;
    enum status status = STATUS_OK;

    if (experiment->train.loss.kind)
        goto out;
    TRY(experiment_replaced(experiment, &first, &last, &none, error));
    TRY(train_complete(
        &experiment->train,
        task_default_loss(experiment_task(experiment), experiment_target(experiment, last)), arena,
        error));
out:
    diagnostics_release(&none);
    return status;
}

/* The shape after one stage, with its settings as they stand; *varies where a tuned value would
 * give another. */
static enum status stage_shape(const struct component *component, struct shape in,
                               struct answer answer, struct shape *out, bool *varies,
                               struct error *error)
{
    const struct stage *stage = (const void *)component->kind;
    size_t size = component->kind->config_size;
    void *config = NULL;
    struct shape other;
    enum status status = STATUS_OK;

    TRY(stage->shape(component->config, in, answer, out, error));
    TRY(memory_new(&config, size, 1, error));
    for (size_t j = 0; j < component->tuned_count; j++)
        for (size_t k = 0; k < component->tuned[j].count; k++) {
            memcpy(config, component->config, size);
            schema_apply_tuned(component, j, k, config);
            TRY(stage->shape(config, in, answer, &other, error));
            *varies = *varies || !shape_equal(other, *out);
        }
out:
    memory_free(config);
    return status;
}

enum status experiment_images(const struct experiment *experiment, struct shape *shape,
                              struct answer *answer, struct error *fault)
{
    const struct dataset *dataset = (const void *)experiment->dataset.source.kind;

    *answer = (struct answer){experiment_task(experiment)->labels, 0};
    if (dataset->shape)
        dataset->shape(experiment->dataset.source.config, answer->content, shape, &answer->count);
    if (!dataset->shape || shape_plane(*shape) == 0)
        return error_set(fault, STATUS_CONFIG,
                         "costs depend on the images of data set '%s', which are known only once "
                         "they are read",
                         dataset->descriptor.name);
    return STATUS_OK;
}

enum status experiment_shapes(const struct experiment *experiment, struct shape *input,
                              struct shape *target, struct answer *gives, struct error *fault)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    struct diagnostics none = {0};
    struct answer answer;
    bool varies = false;
    size_t first, last;
    struct shape shape;
    enum status status = STATUS_OK;

    PASS(experiment_images(experiment, &shape, &answer, fault));
    TRY(experiment_replaced(experiment, &first, &last, &none, fault));
    *input = *target = shape;
    for (size_t i = 0; i < last; i++) {
        TRY(stage_shape(&stages->items[i], shape, answer, &shape, &varies, fault));
        if (i + 1 == first)
            *input = shape;
        *target = shape;
    }
    gives->content = experiment_target(experiment, last);
    gives->count = gives->content == CONTENT_MASK ? answer.count : target->channels;
    if (varies)
        status = error_set(fault, STATUS_CONFIG,
                           "the network's shape depends on what tuning will choose, and so do "
                           "costs");
out:
    diagnostics_release(&none);
    return status;
}
