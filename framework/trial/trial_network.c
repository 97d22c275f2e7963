#include "trial/trial_network.h"

#include "graph/apply.h"
#include "graph/family.h"

#include <string.h>

void trained_release(struct trained *trained)
{
    activation_ranges_release(&trained->ranges);
    memory_free(trained->parameters);
    memory_free(trained->statistics);
    memset(trained, 0, sizeof *trained);
}

enum status trial_network(const struct trial *trial, const struct splits *splits,
                          struct shape input, struct network *network, struct error *error)
{
    return network_new(network, &trial->experiment.network, input, splits_label(splits), error);
}

enum status trial_whole_network(const struct trial *trial, const struct splits *splits,
                                struct shape image, struct network *network, struct error *error)
{
    if (content_is_spatial(splits->label_content))
        PASS(family_fit(&trial->experiment.network, &image, error));
    return trial_network(trial, splits, image, network, error);
}

enum status trial_carry_on(const struct splits *splits, const struct split *split,
                           const struct image_set *raw, int threads, struct image_set *out,
                           struct error *error)
{
    struct image_names names = {split->names, split->pool_index};
    enum status status =
        chain_run(&splits->chain, splits->last, splits->stages, raw, &names, threads, out, error);

    chain_rest(&splits->chain);
    return status;
}

enum status trial_apply(const struct trial *trial, const struct splits *splits,
                        const struct split *split, const float *parameters, const float *statistics,
                        int threads, struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set raw = {0};

    memset(out, 0, sizeof *out);
    if (split->network_in.count)
        TRY(network_apply(
            &trial->experiment.network, engine_of(trial->experiment.train.engine.kind),
            (enum precision)trial->experiment.train.precision, parameters, statistics,
            &split->network_in, splits_label(splits), threads, NULL, NULL, &raw, error));
    TRY(trial_carry_on(splits, split, &raw, threads, out, error));
out:
    image_set_release(&raw);
    return status;
}
