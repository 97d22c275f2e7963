/* What settings could become where the verdict asks for more: by how much, and how to say so. */
#include "findings/verdict_facts.h"

#include <math.h>
#include <string.h>

static bool is_given(const struct yaml_node *node)
{
    return node && !yaml_is_null(node);
}

/* Does the file try several values at the path, or of the section that it lies in? In `grid` alone
 * and without other points off it, `also:` can add one. */
static struct verdict_change change_at(const struct experiment *experiment, const char *path,
                                       long long value)
{
    const struct yaml_node *grid = experiment->grid, *zip = experiment->zip;
    size_t section = strcspn(path, ".");
    struct verdict_change change = {.value = value, .set = true};

    for (size_t i = 0; grid && grid->kind == YAML_MAPPING && i < grid->count; i++) {
        const char *axis = grid->keys[i]->text;
        if (strcmp(axis, path) == 0)
            change = (struct verdict_change){.value = value, .also = !is_given(experiment->also)};
        else if (strncmp(axis, path, section) == 0 && !axis[section])
            return (struct verdict_change){0}; /* whole sections: the value is not known */
    }
    for (size_t i = 0; zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
        if (yaml_get(zip->items[i], path))
            return (struct verdict_change){.value = value};
    if (is_given(experiment->search))
        return (struct verdict_change){.value = value};
    return change;
}

/* A whole number among the settings of the experiment's own network; 0: there is none. */
static long long network_setting(const struct experiment *experiment, const char *name)
{
    const struct descriptor *family = experiment->network.kind;
    const char *config = experiment->network.config;

    for (const struct field *field = family ? family->fields : NULL; field && field->name; field++)
        if (strcmp(field->name, name) == 0 && field->type == FIELD_INTEGER && config)
            return *(const int64_t *)(const void *)(config + field->offset);
    return 0;
}

/* Twice the widest that was tried; and was the chosen one narrower? */
static enum status widen(struct verdict *verdict, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    double widest = (double)network_setting(verdict->experiment, "width"), *widths;

    if (results_has(verdict->results, "network.width")) {
        TRY(results_numbers(verdict->results, "network.width", &arena, &widths, error));
        widest = 0;
        for (size_t i = 0; i < verdict->points.trials; i++)
            if (verdict->points.done[i])
                widest = fmax(widest, widths[i]);
        verdict->facts.wider_tried = widths[verdict->trial] < widest;
    }
    verdict->facts.changes[VERDICT_WIDEN] =
        change_at(verdict->experiment, "network.width", 2 * (long long)widest);
out:
    arena_release(&arena);
    return status;
}

/* Twice as many as the chosen one had; `all` cannot grow. */
static enum status label(struct verdict *verdict, struct error *error)
{
    double own;

    PASS(verdict_number(verdict, "dataset.unlabelled", verdict->trial, &own, error));
    long long now =
        isnan(own) ? (long long)verdict->experiment->dataset.unlabelled : (long long)own;
    if (now > 0)
        verdict->facts.changes[VERDICT_LABEL] =
            change_at(verdict->experiment, "dataset.unlabelled", 2 * now);
    return STATUS_OK;
}

/* The interval shrinks with the root of the number of images: so many put its end at the margin if
 * the mean stays, rounded up to two digits. */
static long long images_needed(const struct verdict_facts *facts, long long now)
{
    double half = (facts->high - facts->low) / 2, above = facts->difference + facts->margin;
    double needed = (double)now * half * half / (above * above);

    if (!(above > 0) || !(needed < 1e6)) /* more than most sets have */
        return 0;
    double step = pow(10, fmax(floor(log10(needed)) - 1, 0));
    return (long long)(step * (floor(needed / step) + 1));
}

enum status verdict_read_changes(struct verdict *verdict, struct error *error)
{
    const struct experiment *experiment = verdict->experiment;
    struct verdict_change *changes = verdict->facts.changes;
    long long replicates = (long long)experiment->replicates;
    long long tested = (long long)experiment->dataset.test;

    PASS(widen(verdict, error));
    PASS(label(verdict, error));
    changes[VERDICT_REPLICATE] =
        change_at(experiment, "replicates", replicates < 3 ? 5 : 2 * replicates);
    if (tested > 0)
        changes[VERDICT_TEST] =
            change_at(experiment, "dataset.test", images_needed(&verdict->facts, tested));
    return STATUS_OK;
}
