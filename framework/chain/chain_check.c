#include "chain/chain.h"
#include "chain/combination.h"

#include <stdio.h>

/* Add a mistake at stage `index`; the message is made by the caller. */
static enum status add(const struct component_list *stages, size_t index, const char *path,
                       struct diagnostics *found, const char *message, struct error *error)
{
    const struct component *component = &stages->items[index];
    struct yaml_mark nowhere = {"", 0, 0};
    char where[256];

    snprintf(where, sizeof where, "%s[%zu].%s", path, index, component->kind->name);
    return diagnostics_add(found, component->node ? component->node->mark : nowhere, where, error,
                           "%s", message);
}

/* Each stage takes what the one before gives, and the end serves the task. */
static enum status check_contents(const struct component_list *stages, const struct task *task,
                                  const char *path, struct diagnostics *found, bool *sound,
                                  struct error *error)
{
    enum content content = CONTENT_IMAGE, wanted = task->labels;
    const char *before = NULL;
    char message[256];

    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = stage_of(stages->items[i].kind);
        if (!content_fits(content, stage->input)) {
            snprintf(message, sizeof message, "takes %s, but %s%s%s gives %s",
                     content_plurals[stage->input], before ? "'" : "the data set",
                     before ? before : "", before ? "' before it" : "", content_names[content]);
            *sound = false;
            PASS(add(stages, i, path, found, message, error));
        }
        content = stage_output(&stages->items[i], content, task);
        before = stage->descriptor.name;
    }
    if (!content_fits(content, wanted)) {
        snprintf(message, sizeof message, "the pipeline ends with %s; %s needs %s at its end",
                 content_names[content], task->doing, content_names[wanted]);
        *sound = false;
        if (stages->count)
            PASS(add(stages, stages->count - 1, path, found, message, error));
        else
            PASS(diagnostics_add(found, (struct yaml_mark){"", 0, 0}, path, error, "%s", message));
    }
    return STATUS_OK;
}

/* What the chain's end gives, where it is not what the data set's labels are; else "". */
static void tell_end(const struct task *task, struct shape in, struct answer answer,
                     struct shape end, char *message, size_t size)
{
    bool numbers = answer.content == CONTENT_NUMBERS || answer.content == CONTENT_MAP;

    *message = '\0';
    if (task->keeps_shape && !shape_equal(end, in))
        snprintf(message, size,
                 "the pipeline makes images of %d x %d x %d from %d x %d x %d; denoising keeps the "
                 "shape",
                 end.channels, end.height, end.width, in.channels, in.height, in.width);
    else if (content_is_spatial(answer.content) &&
             (end.height != in.height || end.width != in.width))
        snprintf(message, size,
                 "the pipeline's answers are %d x %d for images of %d x %d; %s keeps the size",
                 end.height, end.width, in.height, in.width, task->doing);
    else if (numbers && answer.count && end.channels != answer.count)
        snprintf(message, size, "the pipeline gives %d number%s; the data set asks for %d",
                 end.channels, end.channels == 1 ? "" : "s", answer.count);
}

/* Shapes through one combination of values; stops at the first mistake. */
static enum status check_shapes(const struct component_list *stages, void *const *configs,
                                const struct task *task, struct shape in, struct answer answer,
                                const char *path, struct diagnostics *found, struct error *error)
{
    struct shape shape = in;
    char message[256];

    for (size_t i = 0; i < stages->count; i++) {
        struct error mistake = {0};
        if (stage_of(stages->items[i].kind)->shape(configs[i], shape, answer, &shape, &mistake) !=
            STATUS_OK)
            return add(stages, i, path, found, mistake.message, error);
    }
    tell_end(task, in, answer, shape, message, sizeof message);
    if (!*message || !stages->count)
        return STATUS_OK;
    return add(stages, stages->count - 1, path, found, message, error);
}

static enum status check_combinations(const struct component_list *stages, const struct task *task,
                                      struct shape in, struct answer answer, const char *path,
                                      struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = combination_count(stages, 0), known = found->count;
    void **configs = NULL;
    char message[256];

    if (count > CHAIN_MOST_COMBINATIONS) {
        snprintf(message, sizeof message,
                 "the tuned values have %zu combinations; expected at most %d", count,
                 CHAIN_MOST_COMBINATIONS);
        for (size_t i = 0; i < stages->count; i++)
            if (stages->items[i].tuned_count)
                return add(stages, i, path, found, message, error);
    }
    if (in.channels < 1 || in.height < 1 || in.width < 1)
        return STATUS_OK;
    TRY(combination_new(stages, &configs, error));
    for (size_t number = 0; number < count && found->count == known; number++) {
        combination_apply(stages, number, configs);
        TRY(check_shapes(stages, configs, task, in, answer, path, found, error));
    }
out:
    combination_free(configs, stages->count);
    return status;
}

enum status chain_check(const struct component_list *stages, const struct task *task,
                        struct shape in, struct answer answer, const char *path,
                        struct diagnostics *found, struct error *error)
{
    bool sound = true;

    for (size_t i = 0; i < stages->count; i++)
        if (!stages->items[i].kind)
            return STATUS_OK; /* an unknown stage: already a mistake, and nothing can be said */
    PASS(check_contents(stages, task, path, found, &sound, error));
    if (sound)
        PASS(check_combinations(stages, task, in, answer, path, found, error));
    return STATUS_OK;
}
