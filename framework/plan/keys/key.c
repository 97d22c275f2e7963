/*
 * Keys: SHA-256 over everything that a stage's results depend on, and nothing else. A stage's text
 * is its name and version, the key of the stage before it, and lines "path: value" of what it is
 * the first to use: every default spelled out, so spelling, order and comments of the file do not
 * count; the version of each implementation named; the layers that the family comes to, the
 * machines' figures, and the engine as it runs here.
 *
 * Not in a key: the experiment's name, `about`, the grid and its figures, threads, paths, times.
 */
#include "plan/keys/key.h"

#include "plan/steps.h"

#include <string.h>

/* How texts begin. A version is raised when the framework's own part in a stage's results changes.
 */
static const char *const headers[TRIAL_STEPS] = {
    [TRIAL_DATA] = "stage: data\nversion: 2\n",
    [TRIAL_DEGRADE] = "stage: degrade\nversion: 1\n",
    [TRIAL_TUNE] = "stage: tune\nversion: 2\n",
    [TRIAL_LABEL] = "stage: label\nversion: 2\n",
    [TRIAL_FILTER] = "stage: filter\nversion: 2\n",
    [TRIAL_TRAIN] = "stage: train\nversion: 2\n",
    [TRIAL_FINE_TUNE] = "stage: fine_tune\nversion: 1\n",
    [TRIAL_EVALUATE] = "stage: evaluate\nversion: 9\n",
};

/* Does the part decide how a filter's networks are trained? `own`: they are not the trial's. */
static bool is_of_fits(const struct key_part *part, bool own)
{
    return part->step == TRIAL_TRAIN && !part->course && !(own && part->network);
}

/* Does the part belong to the stage's text? */
static bool is_part_of(const struct key_source *source, const struct key_part *part,
                       enum trial_step step)
{
    if (part->filter && !source->filters)
        return false;
    return part->step == step ||
           (step == TRIAL_FILTER && source->trains && is_of_fits(part, source->own));
}

enum status key_text(const struct key_source *source, enum trial_step step, uint32_t replicate,
                     const char *input, struct text *text, bool *idle, struct error *error)
{
    /* Millions of these are made: no formats. */
    text_append_bytes(text, headers[step], strlen(headers[step]));
    if (step == TRIAL_DATA) {
        text_append(text, "replicate: %lu\n", (unsigned long)replicate);
    } else {
        text_append_bytes(text, "input: ", strlen("input: "));
        text_append_bytes(text, input, HASH_TEXT - 1);
        text_append_bytes(text, "\n", 1);
    }
    size_t header = text->length;
    for (size_t i = 0; i < source->count; i++)
        if (is_part_of(source, &source->parts[i], step))
            PASS(source->print(source, i, text, error));
    *idle = step == TRIAL_FINE_TUNE && text->length == header;
    return text_status(text, error);
}

enum status key_make(const struct key_source *source, enum trial_step step, uint32_t replicate,
                     const char *input, struct text *text, char key[HASH_TEXT], struct error *error)
{
    bool idle;

    text_clear(text);
    PASS(key_text(source, step, replicate, input, text, &idle, error));
    if (!idle)
        return hash_of_bytes(text->bytes, text->length, key, error);
    memcpy(key, input, HASH_TEXT);
    return STATUS_OK;
}

/* Parts as they are printed for one trial. */
struct printed {
    struct key_source source;
    const struct plan *plan;
    const struct experiment *experiment;
};

static enum status print(const struct key_source *source, size_t part, struct text *text,
                         struct error *error)
{
    const struct printed *printed = (const void *)source;
    return key_part_print(&source->parts[part], printed->plan, printed->experiment, text, error);
}

static struct printed printed_make(const struct plan *plan, const struct experiment *experiment,
                                   struct key_part parts[KEY_MOST_PARTS])
{
    return (struct printed){.source = {.parts = parts,
                                       .count = key_parts(parts),
                                       .filters = key_filters(experiment),
                                       .trains = key_filter_trains(experiment),
                                       .own = key_filter_own(experiment),
                                       .print = print},
                            .plan = plan,
                            .experiment = experiment};
}

enum status plan_step_text(const struct plan *plan, const struct trial *trial, enum trial_step step,
                           struct text *text, struct error *error)
{
    struct key_part parts[KEY_MOST_PARTS];
    struct printed printed = printed_make(plan, &trial->experiment, parts);
    bool idle;

    return key_text(&printed.source, step, trial->replicate, step ? trial->keys[step - 1] : NULL,
                    text, &idle, error);
}

enum status plan_fit_text(const struct plan *plan, const struct trial *trial,
                          const struct component *family, struct text *text, struct error *error)
{
    struct key_part parts[KEY_MOST_PARTS];
    const struct experiment *experiment = &trial->experiment;
    size_t count = key_parts(parts);

    text_append(text, "stage: fit\nversion: 1\ninput: %s\n", trial->keys[TRIAL_FILTER - 1]);
    for (size_t i = 0; i < count; i++)
        if ((parts[i].step == TRIAL_FILTER && !parts[i].filter) || is_of_fits(&parts[i], family))
            PASS(key_part_print(&parts[i], plan, experiment, text, error));
    if (!family)
        return STATUS_OK;
    text_append(text, "family: ");
    schema_print_component(family, text);
    text_append(text, "\n");
    return family_print_layers(family, experiment_task(experiment)->labels, text, error);
}

enum status trial_keys(const struct plan *plan, struct trial *trial, struct error *error)
{
    struct key_part parts[KEY_MOST_PARTS];
    struct printed printed = printed_make(plan, &trial->experiment, parts);
    struct text text = {0};
    enum status status = STATUS_OK;

    for (enum trial_step step = 0; step < TRIAL_STEPS; step++)
        TRY(key_make(&printed.source, step, trial->replicate, step ? trial->keys[step - 1] : NULL,
                     &text, trial->keys[step], error));
out:
    text_release(&text);
    return status;
}
