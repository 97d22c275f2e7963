/* The work of a trial's training, to compare with another's. */
#include "graph/network.h"
#include "plan/steps.h"

#include <string.h>

/* Items that the steps see in all; where the file says `all`, as many as if that were all the same.
 */
static double passes(const struct experiment *experiment, unsigned steps)
{
    const struct train_settings *train = &experiment->train;
    const struct dataset_section *dataset = &experiment->dataset;
    int64_t images = train->labels == LABELS_MANUAL ? dataset->manual : dataset->unlabelled;
    double items = images == COUNT_ALL ? 50000 : (double)images;

    if (dataset->patch.size > 0)
        items *= (double)dataset->patch.per_image;
    double all = items * (double)train->epochs, epochs = 0;
    double least = (double)train->minimum_steps * (double)train->batch;
    if (steps >> TRIAL_TRAIN & 1)
        epochs += (double)train->epochs;
    if (steps >> TRIAL_FINE_TUNE & 1 && train->quantize.given)
        epochs += (double)train->quantize.epochs;
    return (all > least ? all : least) * (epochs / (double)train->epochs);
}

enum status plan_work(struct plan *plan, size_t index, unsigned steps, double *work,
                      struct error *error)
{
    struct arena arena = {0};
    struct experiment experiment;
    struct network network = {0};
    struct shape input = {1, 32, 32}, target;
    struct answer answer;
    struct error fault = {0};
    enum status status = STATUS_OK;

    memset(&experiment, 0, sizeof experiment);
    TRY(point_read(plan, plan->kept[index / (size_t)plan->base.replicates], &arena, &experiment,
                   error));
    *work = passes(&experiment, steps);
    int side = (int)experiment.dataset.patch.size;
    status = experiment_shapes(&experiment, &input, &target, &answer, &fault);
    if (status == STATUS_CONFIG) { /* images of any size: of two networks the larger takes longer */
        answer.content = experiment_task(&experiment)->labels;
        answer.count = answer.content == CONTENT_SCORES ? 10 : 1;
    }
    if (side > 0)
        input.height = input.width = side;
    if (status == STATUS_OK || status == STATUS_CONFIG)
        status = network_new(&network, &experiment.network, input, answer, &fault);
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
