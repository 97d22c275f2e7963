/* Making a chain: its stages fitted on the hand-labelled images. Tuning: chain_tune.c. */
#include "chain/chain.h"

#include "chain/chain_private.h"
#include "chain/combination.h"

#include <string.h>

/* Take what the stage learnt before, if that is known; else *known is false. `in`: what the first
 * stage takes. */
static enum status recall_stage(struct chain *chain, size_t first, size_t s, struct shape in,
                                const struct chain_means *means, bool *known, struct error *error)
{
    const struct stage *stage = chain->stages[s];
    struct stage_learnt learnt = {NULL, 0};

    *known = false;
    if (means->recall && stage->recall)
        learnt = means->recall(means->context, s);
    if (!learnt.values)
        return STATUS_OK;
    PASS(chain_shape(chain, first, s, in, &in, error));
    PASS(stage->recall(chain->configs[s], in, chain->answer, means->engine, learnt,
                       &chain->states[s], error));
    chain->learnt[s] = in;
    *known = true;
    return STATUS_OK;
}

static enum status fit_stage(struct chain *chain, size_t s, const struct lesson *lesson,
                             const struct image_set *inputs, struct error *error)
{
    const struct chain_means *means = lesson->means;
    struct stage_examples examples = {
        .inputs = inputs,
        .names = lesson->names,
        .classes = lesson->classes,
        .answer = chain->answer,
        .key = lesson->key,
        .truth = lesson->truth,
        .number = s,
        .engine = means->engine,
        .loss = means->loss,
        .threads = lesson->threads,
    };
    enum status status = STATUS_OK;

    if (means->course)
        TRY(means->course(means->context, s, &examples.course, error));
    status = chain->stages[s]->fit(chain->configs[s], &examples, &chain->states[s], error);
    if (status != STATUS_OK)
        error_context(error, "stage %zu '%s'", s + 1, chain->stages[s]->descriptor.name);
    else if (inputs->count)
        chain->learnt[s] = inputs->shapes[0];
out:
    return status;
}

enum status chain_fit_stages(struct chain *chain, size_t first, const struct lesson *lesson,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set held = {0}, next = {0};
    const struct image_set *inputs = lesson->inputs;
    int threads = lesson->threads;
    size_t at = first; /* the stage that takes `inputs` */
    bool known = false;

    for (size_t s = first; s < chain->count; s++) {
        if (!stage_learns(chain->stages[s], chain->configs[s]))
            continue;
        if (inputs->count)
            TRY(recall_stage(chain, at, s, inputs->shapes[0], lesson->means, &known, error));
        if (known)
            continue;
        if (s > at) {
            TRY(chain_run(chain, at, s, inputs, &lesson->names, threads, &next, error));
            image_set_release(&held);
            held = next;
            memset(&next, 0, sizeof next);
            inputs = &held;
            at = s;
        }
        TRY(fit_stage(chain, s, lesson, inputs, error));
    }
out:
    image_set_release(&held);
    return status;
}

static void print_chosen(const struct chain *chain, const struct component_list *stages,
                         struct text *chosen)
{
    for (size_t s = 0; s < chain->count; s++) {
        struct component component = stages->items[s];
        component.config = chain->configs[s];
        component.tuned = NULL;
        component.tuned_count = 0;
        schema_print_component(&component, chosen);
        text_append(chosen, "\n");
    }
}

bool chain_keeps(const struct component_list *stages, size_t first)
{
    for (size_t s = first; s < stages->count; s++)
        if (component_keeps(&stages->items[s]))
            return true;
    return false;
}

size_t chain_combinations(const struct component_list *stages)
{
    return combination_count(stages, 0);
}

enum status chain_make(struct chain *chain, const struct component_list *stages, size_t number,
                       bool fit, const struct chain_examples *examples, struct random_key key,
                       int threads, struct text *chosen, struct error *error)
{
    enum status status = STATUS_OK;
    struct lesson lesson = {.inputs = examples->inputs,
                            .names = examples->names,
                            .truth = examples->truth,
                            .classes = examples->classes,
                            .means = &examples->means,
                            .key = key,
                            .threads = threads};

    TRY(chain_begin(chain, stages, examples->answer, error));
    chain->answers = examples->means.answers;
    combination_apply(stages, number, chain->configs);
    if (fit)
        TRY(chain_fit_stages(chain, 0, &lesson, error));
    if (chosen) {
        print_chosen(chain, stages, chosen);
        TRY(text_status(chosen, error));
    }
out:
    if (status != STATUS_OK)
        chain_release(chain);
    return status;
}
