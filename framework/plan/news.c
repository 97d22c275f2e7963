/*
 * Which grid points to check, where all would be too many. A check looks at some fields together;
 * it says the same wherever these have the same values. So each combination of the values of each
 * set of fields is enough, and for most grids that is a few hundred points out of 100,000.
 */
#include "plan/steps.h"

/* What the checks of check.c, check_train.c and check_outputs.c look at together. Sections in which
 * a name decides what the other keys mean are added below, where that name varies. */
static const char *const together[][6] = {
    {"dataset.name", "dataset.unlabelled", "dataset.test", "dataset.manual"},
    {"dataset.manual", "dataset.unlabelled", "pipeline.stages", "train.labels"},
    {"pipeline.stages", "pipeline.tune", "pipeline.replace", "train.labels"},
    {"dataset.patch", "pipeline"},
    {"filter", "pipeline"},
    {"train.batch", "train.shard"},
    {"train.loss", "pipeline", "dataset.patch"},
    {"train.schedule"},
    {"train.augment", "pipeline", "dataset.patch"},
    {"train.early_stopping", "dataset.validation"},
    {"train.engine", "train.precision"},
    {"network", "pipeline"},
};

static const char *const named[][2] = {
    {"dataset.name", "dataset"}, {"filter.method", "filter"}, {"network.family", "network"}};

enum { TOGETHER = sizeof together / sizeof *together, NAMED = sizeof named / sizeof *named };

/* Add a set, unless all of it is within another one. */
static void add(uint64_t *sets, size_t *count, uint64_t groups)
{
    for (size_t i = 0; i < *count; i++)
        if ((sets[i] & groups) == groups)
            return;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if ((sets[i] & ~groups) != 0)
            sets[kept++] = sets[i];
    sets[kept++] = groups;
    *count = kept;
}

static size_t find_sets(const struct plan *plan, uint64_t *sets)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->change_count; i++)
        add(sets, &count, plan->changes[i].groups);
    for (size_t t = 0; t < TOGETHER; t++) {
        uint64_t groups = 0;
        for (size_t i = 0; i < sizeof together[t] / sizeof *together[t] && together[t][i]; i++)
            groups |= plan_groups_at(plan, together[t][i]);
        add(sets, &count, groups);
    }
    for (size_t n = 0; n < NAMED; n++)
        if (plan_groups_at(plan, named[n][0]))
            add(sets, &count, plan_groups_at(plan, named[n][1]));
    return count;
}

enum status news_begin(struct news *news, const struct plan *plan, struct error *error)
{
    uint64_t *sets = NULL;
    enum status status = STATUS_OK;

    *news = (struct news){.first = true};
    TRY(memory_new(&sets, plan->change_count + TOGETHER + NAMED, sizeof *sets, error));
    news->count = find_sets(plan, sets);
    TRY(arena_new(&news->arena, &news->sets, news->count, sizeof *news->sets, error));
    for (size_t i = 0; i < news->count; i++) {
        struct news_set *set = &news->sets[i];
        combination_make(&set->combination, plan, sets[i]);
        TRY(arena_new(&news->arena, &set->seen, set->combination.count / 8 + 1, 1, error));
    }
out:
    memory_free(sets);
    if (status != STATUS_OK)
        news_release(news);
    return status;
}

bool news_at(struct news *news, const struct plan *plan, size_t point)
{
    size_t positions[PLAN_MAX_AXES];
    bool any = news->first; /* without axes there is one point alone */

    news->first = false;
    grid_positions(plan, point, positions);
    for (size_t i = 0; i < news->count; i++) {
        size_t place = combination_at(&news->sets[i].combination, positions);
        uint8_t bit = (uint8_t)(1U << place % 8), *byte = &news->sets[i].seen[place / 8];
        any = any || !(*byte & bit);
        *byte |= bit;
    }
    return any;
}

void news_release(struct news *news)
{
    arena_release(&news->arena);
    *news = (struct news){0};
}
