#include "plan/grid/sift.h"

#include <string.h>

/* The verdict on the networks of a grid point; a mistake where none can be given. */
static enum status judge_point(const struct sieve *sieve, struct plan *plan, size_t point,
                               struct diagnostics *found, uint32_t *rule, struct error *error)
{
    struct arena arena = {0};
    struct experiment experiment;
    struct error fault = {0};
    enum status status = STATUS_OK;

    memset(&experiment, 0, sizeof experiment);
    TRY(point_read(plan, point, &arena, &experiment, error));
    status = sieve->judge(sieve->context, &experiment, rule, &fault);
    if (status == STATUS_CONFIG)
        status = diagnostics_add(found, yaml_get(plan->root, sieve->section)->mark, sieve->section,
                                 error, "%s", fault.message);
    else if (status != STATUS_OK && error)
        *error = fault;
out:
    arena_release(&arena);
    return status;
}

enum status points_sift(struct plan *plan, const struct sieve *sieve, struct diagnostics *found,
                        struct error *error)
{
    struct combination networks;
    size_t positions[PLAN_MAX_AXES], kept = 0, before = found->count;
    uint32_t *verdicts = NULL; /* [networks]: rule + 1; 0: not judged yet */
    enum status status = STATUS_OK;

    combination_make(&networks, plan,
                     plan_groups_at(plan, "network") | plan_groups_at(plan, "pipeline") |
                         plan_select_groups(plan, "dataset"));
    TRY(memory_new(&verdicts, networks.count, sizeof *verdicts, error));
    for (size_t k = 0; k < plan->kept_count && found->count == before; k++) {
        size_t point = plan->kept[k];
        grid_positions(plan, point, positions);
        uint32_t *verdict = &verdicts[combination_at(&networks, positions)], rule = 0;
        if (!*verdict) {
            TRY(judge_point(sieve, plan, point, found, &rule, error));
            *verdict = rule + 1;
        }
        plan->verdicts[point] = *verdict - 1;
        if (plan->verdicts[point])
            plan->rules[plan->verdicts[point] - 1].dropped++;
        else
            plan->kept[kept++] = point;
    }
    if (found->count > before)
        goto out;
    if (plan->kept_count && !kept)
        TRY(diagnostics_add(found, yaml_get(plan->root, sieve->section)->mark, sieve->section,
                            error, "no trial is left: %s",
                            plan->rules[plan->verdicts[plan->kept[0]] - 1].text));
    plan->kept_count = kept;
out:
    if (plan->kept_count)
        grid_place(plan, plan->kept[0]);
    memory_free(verdicts);
    return status;
}
