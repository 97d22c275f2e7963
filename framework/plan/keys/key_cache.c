/*
 * The keys of many trials. Each part of a key (key_part.h) is decided by few groups of axes, so it
 * is printed once for each combination of theirs, and a trial's text is put together from what is
 * there. A stage's key is kept, too, where several trials share it.
 */
#include "chain/chain.h"
#include "plan/keys/key.h"
#include "plan/steps.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MOST_KEPT = 1 << 20 }; /* keys of a stage that are kept */

struct memo_text {
    const char *bytes; /* NULL: not made yet */
    size_t length;
};

struct memo_part {
    struct combination combination;
    struct memo_text *texts; /* [combinations] */
};

struct memo_stage {
    struct combination combination; /* of all groups that the stage and those before depend on */
    char (*keys)[HASH_TEXT];        /* [combinations x replicates]; "": not made yet. NULL: none are
                                       kept, for each is a trial's own */
};

/* What filtering does at a combination of the groups that decide it. */
enum decision { UNDECIDED, UNFILTERED, FILTERED, TRAINED, TRAINED_OWN };

struct key_cache {
    struct key_source source; /* first: what key_text() hands back is this */
    struct plan *plan;
    struct arena arena;
    struct key_part parts[KEY_MOST_PARTS];
    struct memo_part texts[KEY_MOST_PARTS];
    struct memo_stage stages[TRIAL_STEPS];
    struct combination deciding, giving;
    uint8_t *gives;     /* of plan_steps(), of each combination; 0: not found out yet */
    uint8_t *decisions; /* enum decision, of each combination */
    size_t positions[PLAN_MAX_AXES], point;
    struct text text, part; /* scratch */
    /* The experiment at `point`, read when something has to be printed. */
    struct arena read;
    struct experiment experiment;
    bool is_read;
};

static uint64_t part_groups(const struct plan *plan, const struct key_part *part)
{
    char path[128];

    if (part->field && part->field->type == FIELD_SELECT)
        return plan_select_groups(plan, part->section);
    if (!part->field)
        return part->paths[0] ? plan_groups_at(plan, part->paths[0]) |
                                    (part->paths[1] ? plan_groups_at(plan, part->paths[1]) : 0)
                              : 0;
    snprintf(path, sizeof path, "%s%s%s", part->section ? part->section : "",
             part->section ? "." : "", part->field->name);
    return plan_groups_at(plan, path) | (part->loss ? plan_groups_at(plan, "pipeline") : 0);
}

/* Tables for parts and stages. */
static enum status make_tables(struct key_cache *memo, struct error *error)
{
    const struct plan *plan = memo->plan;
    uint64_t own[TRIAL_STEPS] = {0}, all = 0, deciding;
    size_t replicates = (size_t)plan->base.replicates;

    for (size_t i = 0; i < memo->source.count; i++) {
        uint64_t groups = part_groups(plan, &memo->parts[i]);
        struct memo_part *part = &memo->texts[i];
        own[memo->parts[i].step] |= groups;
        combination_make(&part->combination, plan, groups);
        PASS(arena_new(&memo->arena, &part->texts, part->combination.count, sizeof *part->texts,
                       error));
    }
    deciding = plan_groups_at(plan, "filter") | plan_groups_at(plan, "train.labels");
    combination_make(&memo->deciding, plan, deciding);
    PASS(arena_new(&memo->arena, &memo->decisions, memo->deciding.count, 1, error));
    combination_make(&memo->giving, plan,
                     deciding | plan_groups_at(plan, "pipeline.stages") |
                         plan_groups_at(plan, "train.quantize"));
    PASS(arena_new(&memo->arena, &memo->gives, memo->giving.count, 1, error));
    if (deciding || key_filter_trains(&plan->base))
        own[TRIAL_FILTER] |= deciding | own[TRIAL_TRAIN];
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        struct memo_stage *stage = &memo->stages[s];
        all |= own[s];
        combination_make(&stage->combination, plan, all);
        size_t count = stage->combination.count * replicates;
        if (count <= MOST_KEPT && count < plan->trial_count)
            PASS(arena_new(&memo->arena, &stage->keys, count, sizeof *stage->keys, error));
    }
    return STATUS_OK;
}

/* The experiment at the point, read once. */
static enum status read_point(struct key_cache *memo, struct error *error)
{
    if (memo->is_read)
        return STATUS_OK;
    arena_release(&memo->read);
    enum status status = point_read(memo->plan, memo->point, &memo->read, &memo->experiment, error);
    memo->is_read = status == STATUS_OK;
    return status;
}

static enum status print(const struct key_source *source, size_t index, struct text *text,
                         struct error *error)
{
    struct key_cache *memo = (struct key_cache *)(uintptr_t)source;
    const struct memo_part *part = &memo->texts[index];
    struct memo_text *made = &part->texts[combination_at(&part->combination, memo->positions)];

    if (!made->bytes) {
        PASS(read_point(memo, error));
        text_clear(&memo->part);
        PASS(
            key_part_print(&memo->parts[index], memo->plan, &memo->experiment, &memo->part, error));
        PASS(text_status(&memo->part, error));
        const char *bytes = memo->part.bytes ? memo->part.bytes : "";
        PASS(arena_copy(&memo->arena, bytes, memo->part.length, &made->bytes, error));
        made->length = memo->part.length;
    }
    text_append_bytes(text, made->bytes, made->length);
    return STATUS_OK;
}

static enum status decide(struct key_cache *memo, struct error *error)
{
    uint8_t *decision = &memo->decisions[combination_at(&memo->deciding, memo->positions)];

    if (*decision == UNDECIDED) {
        PASS(read_point(memo, error));
        *decision = key_filter_own(&memo->experiment)      ? TRAINED_OWN
                    : key_filter_trains(&memo->experiment) ? TRAINED
                    : key_filters(&memo->experiment)       ? FILTERED
                                                           : UNFILTERED;
    }
    memo->source.filters = *decision != UNFILTERED;
    memo->source.trains = *decision == TRAINED || *decision == TRAINED_OWN;
    memo->source.own = *decision == TRAINED_OWN;
    return STATUS_OK;
}

static enum status make_memo(struct plan *plan, struct error *error)
{
    struct key_cache *memo = NULL;
    enum status status = STATUS_OK;

    TRY(memory_new(&memo, 1, sizeof *memo, error));
    memo->plan = plan;
    memo->source =
        (struct key_source){.parts = memo->parts, .count = key_parts(memo->parts), .print = print};
    TRY(make_tables(memo, error));
    plan->memo = memo;
    memo = NULL;
out:
    key_cache_free(memo);
    return status;
}

/* The memo, standing at a trial's point. */
static enum status stand_at(struct plan *plan, size_t index, struct error *error)
{
    if (!plan->memo)
        PASS(make_memo(plan, error));
    plan->memo->point = plan->kept[index / (size_t)plan->base.replicates];
    plan->memo->is_read = false;
    grid_positions(plan, plan->memo->point, plan->memo->positions);
    return STATUS_OK;
}

enum status plan_steps(struct plan *plan, size_t index, unsigned *stages, struct error *error)
{
    PASS(stand_at(plan, index, error));
    struct key_cache *memo = plan->memo;
    const struct experiment *experiment = &memo->experiment;
    uint8_t *gives = &memo->gives[combination_at(&memo->giving, memo->positions)];
    if (!*gives) {
        PASS(read_point(memo, error));
        unsigned all = 1U << TRIAL_DATA | 1U << TRIAL_DEGRADE | 1U << TRIAL_LABEL |
                       1U << TRIAL_TRAIN | 1U << TRIAL_EVALUATE;
        if (chain_combinations(&experiment->pipeline.stages) > 1 ||
            chain_keeps(&experiment->pipeline.stages, 0))
            all |= 1U << TRIAL_TUNE;
        if (key_filters(experiment) && strcmp(experiment->filter.kind->name, "none") != 0)
            all |= 1U << TRIAL_FILTER;
        if (experiment->train.quantize.given)
            all |= 1U << TRIAL_FINE_TUNE;
        *gives = (uint8_t)all;
    }
    *stages = *gives;
    return STATUS_OK;
}

enum status plan_keys(struct plan *plan, size_t index, char keys[TRIAL_STEPS][HASH_TEXT],
                      struct error *error)
{
    size_t replicates = (size_t)plan->base.replicates, replicate = index % replicates;
    enum status status = STATUS_OK;

    TRY(stand_at(plan, index, error));
    struct key_cache *memo = plan->memo;
    TRY(decide(memo, error));
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        const struct memo_stage *stage = &memo->stages[s];
        size_t place =
            combination_at(&stage->combination, memo->positions) * replicates + replicate;
        if (stage->keys && stage->keys[place][0]) {
            memcpy(keys[s], stage->keys[place], HASH_TEXT);
            continue;
        }
        TRY(key_make(&memo->source, s, (uint32_t)replicate, s ? keys[s - 1] : NULL, &memo->text,
                     keys[s], error));
        if (stage->keys)
            memcpy(stage->keys[place], keys[s], HASH_TEXT);
    }
out:
    if (status != STATUS_OK && plan->memo) { /* a text that failed stays so */
        text_release(&plan->memo->text);
        text_release(&plan->memo->part);
    }
    return status;
}

void key_cache_free(struct key_cache *memo)
{
    if (!memo)
        return;
    arena_release(&memo->read);
    arena_release(&memo->arena);
    text_release(&memo->text);
    text_release(&memo->part);
    memory_free(memo);
}
