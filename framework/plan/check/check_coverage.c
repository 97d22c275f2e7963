/*
 * Which grid points to check, where all would be too many. Every check records which members of the
 * experiment it reads (READ() in plan/check/checker.h); they tell which axes decide its answer. At
 * a point that has the same values on these axes as one where the check was asked before, it would
 * read the same, and say the same: it is not asked again. What is read may depend on what was read
 * before it (a setting that is off, and whose details nobody looks at), so that one check may have
 * several such sets of axes. For most grids that leaves a few hundred points out of 100,000.
 */
#include "plan/steps.h"

#include <stdio.h>

/* One set of groups of axes, with the combinations of their positions that were seen. */
struct check_coverage_set {
    uint64_t groups;
    struct combination combination;
    uint8_t *seen; /* one bit a combination */
    struct check_coverage_set *next;
};

static bool is_seen(const struct check_coverage_set *set, const struct check_coverage *news)
{
    size_t place = combination_at(&set->combination, news->positions);
    return set->seen[place / 8] >> place % 8 & 1;
}

static void see(struct check_coverage_set *set, const struct check_coverage *news)
{
    size_t place = combination_at(&set->combination, news->positions);
    set->seen[place / 8] |= (uint8_t)(1U << place % 8);
}

/* The set of these groups in a list, made where there is none yet. */
static enum status find_set(struct check_coverage *news, struct check_coverage_set **list,
                            uint64_t groups, struct check_coverage_set **found, struct error *error)
{
    struct check_coverage_set *set = *list;

    while (set && set->groups != groups)
        set = set->next;
    if (!set) {
        PASS(arena_new(&news->arena, &set, 1, sizeof *set, error));
        set->groups = groups;
        combination_make(&set->combination, news->plan, groups);
        PASS(arena_new(&news->arena, &set->seen, set->combination.count / 8 + 1, 1, error));
        set->next = *list;
        *list = set;
    }
    *found = set;
    return STATUS_OK;
}

static enum status add_reading(struct check_coverage *news, uint64_t groups, struct error *error)
{
    struct check_coverage_set *set;
    return find_set(news, &news->readings, groups, &set, error);
}

/* Reading a value comes before all checks. A name decides what the keys beside it mean; all else is
 * read field by field. */
static enum status add_section(struct check_coverage *news, const struct field *section,
                               struct error *error)
{
    char path[PLAN_MAX_PATH + 1];
    bool selects = false;

    if (section->type != FIELD_RECORD)
        return add_reading(news, plan_groups_at(news->plan, section->name), error);
    for (const struct field *field = section->fields; field->name; field++) {
        snprintf(path, sizeof path, "%s.%s", section->name, field->name);
        selects = selects || field->type == FIELD_SELECT;
        if (field->type != FIELD_SELECT)
            PASS(add_reading(news, plan_groups_at(news->plan, path), error));
    }
    if (selects)
        PASS(add_reading(news, plan_select_groups(news->plan, section->name), error));
    return STATUS_OK;
}

enum status check_coverage_begin(struct check_coverage *news, const struct plan *plan,
                                 struct error *error)
{
    enum status status = STATUS_OK;

    *news = (struct check_coverage){.plan = plan};
    for (const struct field *field = experiment_fields; field->name; field++)
        TRY(add_section(news, field, error));
out:
    if (status != STATUS_OK)
        check_coverage_release(news);
    return status;
}

static bool any_seen(const struct check_coverage *news, const struct check_coverage_set *set)
{
    for (; set; set = set->next)
        if (is_seen(set, news))
            return true;
    return false;
}

bool check_coverage_at(struct check_coverage *news, size_t point)
{
    bool any = false;

    grid_positions(news->plan, point, news->positions);
    for (size_t i = 0; i < CHECK_COVERAGE_MOST; i++)
        any = any || (news->asked[i] && !any_seen(news, news->checks[i]));
    for (struct check_coverage_set *set = news->readings; set; set = set->next) {
        any = any || !is_seen(set, news);
        see(set, news);
    }
    return any;
}

bool check_coverage_wants(const struct check_coverage *news, size_t check)
{
    return !any_seen(news, news->checks[check]);
}

enum status check_coverage_record(struct check_coverage *news, size_t check, uint64_t groups,
                                  struct error *error)
{
    struct check_coverage_set *set;

    news->asked[check] = true;
    PASS(find_set(news, &news->checks[check], groups, &set, error));
    see(set, news);
    return STATUS_OK;
}

void check_coverage_release(struct check_coverage *news)
{
    arena_release(&news->arena);
    *news = (struct check_coverage){0};
}
