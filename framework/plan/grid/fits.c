#include "plan/grid/fits.h"

#include "graph/network.h"
#include "plan/grid/sift.h"

struct fits {
    struct plan *plan;
    uint32_t rules[PLAN_MAX_MACHINES]; /* of each machine, in plan->rules from 1; 0: none yet */
};

static const struct cost_model *model_of(const struct plan *plan, size_t machine)
{
    return cost_model_of(plan->machines[machine].model.kind);
}

/* The rule that says what does not fit; its text is of the first network that does not. */
static enum status machine_rule(struct fits *fits, size_t machine, const char *reason,
                                uint32_t *rule, struct error *fault)
{
    struct plan *plan = fits->plan;
    struct text text = {0};
    const struct yaml_node *node = yaml_get(plan->root, "hardware");
    enum status status = STATUS_OK;

    if (!fits->rules[machine]) {
        text_append(&text, "%s: %s", plan->machines[machine].name, reason);
        TRY(plan_rule_say(plan, "hardware", machine,
                          machine < node->count ? node->items[machine]->mark : node->mark, &text,
                          fault));
        fits->rules[machine] = (uint32_t)plan->rule_count;
    }
    *rule = fits->rules[machine];
out:
    text_release(&text);
    return status;
}

/* Of images whose size is known from their files alone, nothing is said. */
static enum status judge(void *context, const struct experiment *experiment, uint32_t *rule,
                         struct error *fault)
{
    struct fits *fits = context;
    struct network network = {0};
    struct layer_work *layers = NULL;
    struct shape input, target;
    struct answer answer;
    struct error reason = {0};
    enum status status = STATUS_OK;

    if (experiment_shapes(experiment, &input, &target, &answer, &reason) == STATUS_CONFIG)
        return STATUS_OK;
    TRY(network_new(&network, &experiment->network, input, answer, fault));
    TRY(memory_new(&layers, network.count, sizeof *layers, fault));
    struct network_work work = network_work(&network, layers);
    for (size_t m = 0; m < fits->plan->base.hardware.count && !*rule; m++) {
        const struct cost_model *model = model_of(fits->plan, m);
        if (model->fits &&
            model->fits(fits->plan->machines[m].model.config, &work, &reason) != STATUS_OK)
            TRY(machine_rule(fits, m, reason.message, rule, fault));
    }
out:
    memory_free(layers);
    network_release(&network);
    return status;
}

enum status fits_apply(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct fits fits = {.plan = plan};
    struct sieve sieve = {.section = "hardware", .judge = judge, .context = &fits};
    bool bounded = false;

    for (size_t m = 0; m < plan->base.hardware.count; m++)
        bounded = bounded || (plan->machines[m].model.kind && model_of(plan, m)->fits);
    if (!bounded || found->count)
        return STATUS_OK;
    return points_sift(plan, &sieve, found, error);
}
