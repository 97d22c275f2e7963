#include "findings/side_by_side.h"

#include "base/text.h"
#include "findings/board.h"
#include "results/grid_means.h"
#include "results/score_text.h"

#include <math.h>
#include <string.h>

struct compared_side {
    const struct compared *compared;
    struct points points;
    double *scores;     /* [trials] */
    const char **names; /* [points]: the place on the axes that both have */
    bool *matched;      /* [points] */
};

struct side_by_side {
    struct compared_side sides[2];
    const char *column;
    enum metric metric;
};

static enum status find_column(struct side_by_side *comparison, const char *by, struct error *error)
{
    static const char *const places[] = {"network.test.", "network.", NULL};

    for (int s = 0; s < 2; s++) {
        const struct results *results = &comparison->sides[s].compared->results;
        const char *found =
            by ? board_column(results, by, places) : board_first_score(results, "network.test.");
        if (!by && !found)
            found = board_first_score(results, "network.test.agreement.");
        if (!found || !metric_of_column(found, &comparison->metric) ||
            (s && strcmp(found, comparison->column) != 0))
            return error_set(error, STATUS_CONFIG, "%s has no score %s%s%s",
                             comparison->sides[s].compared->name, s ? comparison->column : "'",
                             s    ? ""
                             : by ? by
                                  : "network.test.…",
                             s ? "" : "'");
        comparison->column = found;
    }
    return STATUS_OK;
}

/* The names of a side's points, by the axes that the other has a column of. */
static enum status name_points(struct compared_side *side, const struct compared *other,
                               struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &side->points;
    struct text name = {0};

    TRY(arena_new(arena, &side->names, points->count, sizeof *side->names, error));
    TRY(arena_new(arena, &side->matched, points->count, sizeof *side->matched, error));
    for (size_t p = 0; p < points->count; p++) {
        text_clear(&name);
        for (size_t a = 0; a < points->axis_count + points->fixed_count; a++)
            if (results_has(&other->results, points->axes[a].name))
                text_append(&name, "%s%s=%s", name.length ? " " : "", points->axes[a].name,
                            points->axes[a].texts[points->first[p]]);
        TRY(text_keep(&name, arena, &side->names[p], error));
        for (size_t q = 0; q < p; q++)
            if (strcmp(side->names[q], side->names[p]) == 0)
                TRY(error_set(error, STATUS_CONFIG,
                              "%s: points %zu and %zu differ on axes that %s does not have",
                              side->compared->name, q, p, other->name));
    }
out:
    text_release(&name);
    return status;
}

/* The trial of a point in a replicate; SIZE_MAX: it has none that is done. */
static size_t replicate_of(const struct points *points, size_t point, double replicate)
{
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        if (points->replicate[i] == replicate && points->done[i])
            return i;
    return SIZE_MAX;
}

/* Of replicates that both have. */
static enum status paired(const struct side_by_side *comparison, size_t a, size_t b,
                          struct interval *interval, struct error *error)
{
    enum status status = STATUS_OK;
    const struct compared_side *first = &comparison->sides[0], *second = &comparison->sides[1];
    double *differences = NULL;
    size_t count = 0;

    TRY(memory_new(&differences, first->points.replicates, sizeof *differences, error));
    for (size_t r = 0; r < first->points.replicates; r++) {
        size_t i = replicate_of(&first->points, a, (double)r),
               j = replicate_of(&second->points, b, (double)r);
        if (i != SIZE_MAX && j != SIZE_MAX)
            differences[count++] = second->scores[j] - first->scores[i];
    }
    *interval = statistics_interval(differences, count, 0.95);
out:
    memory_free(differences);
    return status;
}

static void print_cell(const struct side_by_side *comparison, const struct interval *interval,
                       bool sign, struct text *text)
{
    struct text cell = {0};

    if (!interval->count) {
        text_append(&cell, "-");
    } else {
        text_append(&cell, "%s", sign && interval->mean >= 0 ? "+" : "");
        score_print(&cell, comparison->metric, interval->mean);
        if (isfinite(interval->low)) {
            text_append(&cell, " [");
            score_print(&cell, comparison->metric, interval->low);
            text_append(&cell, ", ");
            score_print(&cell, comparison->metric, interval->high);
            text_append(&cell, "]");
        }
    }
    text_append(text, "%-24s ", cell.bytes ? cell.bytes : "");
    text->failed = text->failed || cell.failed;
    text_release(&cell);
}

static enum status print_pair(struct side_by_side *comparison, size_t a, size_t b,
                              struct text *text, struct error *error)
{
    struct compared_side *sides = comparison->sides;
    struct interval each[2], difference;

    PASS(points_interval_at(&sides[0].points, sides[0].scores, a, &each[0], error));
    PASS(points_interval_at(&sides[1].points, sides[1].scores, b, &each[1], error));
    PASS(paired(comparison, a, b, &difference, error));
    double least = metric_least[comparison->metric], most = metric_most[comparison->metric];
    for (int s = 0; s < 2; s++)
        each[s] = interval_within(each[s], least, most);
    difference = interval_within(difference, least - most, most - least);
    for (int s = 0; s < 2; s++)
        print_cell(comparison, &each[s], false, text);
    print_cell(comparison, &difference, true, text);
    text_append(text, "%zu  %s\n", difference.count,
                sides[0].names[a][0] ? sides[0].names[a] : "the only point");
    sides[0].matched[a] = sides[1].matched[b] = true;
    return STATUS_OK;
}

static void print_alone(const struct compared_side *side, struct text *text)
{
    for (size_t p = 0; p < side->points.count; p++)
        if (!side->matched[p])
            text_append(text, "in %s alone: %s\n", side->compared->name, side->names[p]);
}

static enum status print_all(struct side_by_side *comparison, struct text *text,
                             struct error *error)
{
    const struct compared_side *first = &comparison->sides[0], *second = &comparison->sides[1];

    text_append(text, "%s: A %s, B %s; means and 95 %% intervals over replicates\n",
                comparison->column, first->compared->name, second->compared->name);
    text_append(text, "%-24s %-24s %-24s pairs\n", "A", "B", "B - A");
    for (size_t a = 0; a < first->points.count; a++)
        for (size_t b = 0; b < second->points.count; b++)
            if (strcmp(first->names[a], second->names[b]) == 0)
                PASS(print_pair(comparison, a, b, text, error));
    print_alone(first, text);
    print_alone(second, text);
    return text_status(text, error);
}

enum status side_by_side_print(const struct compared sides[2], const char *by, struct text *text,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct side_by_side comparison = {.sides = {{.compared = &sides[0]}, {.compared = &sides[1]}}};
    struct arena arena = {0};

    TRY(find_column(&comparison, by, error));
    for (int s = 0; s < 2; s++) {
        struct compared_side *side = &comparison.sides[s];
        TRY(points_read(&sides[s].results, &arena, &side->points, error));
        TRY(results_numbers(&sides[s].results, comparison.column, &arena, &side->scores, error));
        TRY(name_points(side, &sides[!s], &arena, error));
    }
    TRY(print_all(&comparison, text, error));
out:
    arena_release(&arena);
    return status;
}
