#include "findings/board.h"

#include "base/text.h"
#include "results/grid_means.h"
#include "results/score_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct board_entry {
    size_t point;
    struct interval score, cost; /* over replicates */
    bool front;                  /* no other is as good at less cost, or better at no more */
};

struct board {
    const struct results *results;
    struct points points;
    const char *by, *minimise; /* columns */
    enum metric metric;
    double *scores, *costs; /* [trials] */
    struct board_entry *entries;
    size_t count; /* of the points that have a score */
};

/* Is `column` PLACE and then NAME? */
static bool is_at(const char *column, const char *place, const char *name)
{
    const char *any = strstr(place, "MACHINE");
    size_t before = any ? (size_t)(any - place) : strlen(place), length = strlen(column),
           end = strlen(name);

    if (strncmp(column, place, before) != 0 || length < before + end ||
        strcmp(column + length - end, name) != 0)
        return false;
    const char *middle = column + before, *last = column + length - end;
    if (!any)
        return middle == last;
    /* one part and a dot */
    return middle < last && last[-1] == '.' &&
           memchr(middle, '.', (size_t)(last - middle - 1)) == NULL;
}

static const char *column_at(const struct results *results, const char *place, const char *name)
{
    for (size_t i = 0; i < results->column_count; i++)
        if (is_at(results->columns[i], place, name))
            return results->columns[i];
    for (size_t i = 0; i < results->time_count; i++)
        if (is_at(results->times[i], place, name))
            return results->times[i];
    return NULL;
}

const char *board_column(const struct results *results, const char *name, const char *const *places)
{
    const char *found = column_at(results, "", name);

    for (; *places && !found; places++)
        found = column_at(results, *places, name);
    return found;
}

const char *board_first_score(const struct results *results, const char *prefix)
{
    enum metric metric;

    for (size_t i = 0; i < results->column_count; i++) {
        const char *column = results->columns[i];
        if (strncmp(column, prefix, strlen(prefix)) == 0 && !strchr(column + strlen(prefix), '.') &&
            metric_of_column(column, &metric))
            return column;
    }
    return NULL;
}

static enum status find_score(struct board *board, const char *by, struct error *error)
{
    static const char *const places[] = {"network.validation.", "network.test.", NULL};

    if (by)
        board->by = board_column(board->results, by, places);
    else
        board->by = board_first_score(board->results, "network.validation.");
    if (!by && !board->by)
        board->by = board_first_score(board->results, "network.validation.agreement.");
    if (!board->by || !metric_of_column(board->by, &board->metric))
        return error_set(error, STATUS_CONFIG,
                         "--by: %s%s%s is no score of these results; expected as ssim, "
                         "agreement.ssim, network.test.ssim",
                         by ? "'" : "", by ? by : "none", by ? "'" : "");
    return STATUS_OK;
}

static enum status find_cost(struct board *board, const char *minimise, struct error *error)
{
    static const char *const places[] = {"network.", "hardware.MACHINE.", "timing.network.", NULL};

    board->minimise =
        board_column(board->results, minimise ? minimise : "network.multiply_adds", places);
    if (!board->minimise && minimise)
        return error_set(error, STATUS_CONFIG,
                         "--minimise: '%s' is no cost of these results; expected as multiply_adds, "
                         "parameters, energy_j, seconds_per_image, hardware.tpu_v1.latency_s",
                         minimise);
    return STATUS_OK;
}

static bool is_better(const struct board *board, const struct board_entry *a,
                      const struct board_entry *b)
{
    return metric_goodness(board->metric, a->score.mean - b->score.mean) > 0;
}

/* The best first; of equals the cheaper, then the earlier: insertion keeps their order. */
static void put(struct board *board, struct board_entry entry)
{
    size_t place = board->count++;

    for (; place > 0; place--) {
        const struct board_entry *above = &board->entries[place - 1];
        if (!is_better(board, &entry, above) &&
            (is_better(board, above, &entry) || !(entry.cost.mean < above->cost.mean)))
            break;
        board->entries[place] = *above;
    }
    board->entries[place] = entry;
}

static void mark_front(struct board *board)
{
    double cheapest = INFINITY;

    for (size_t i = 0; i < board->count; i++) { /* all above are as good or better */
        struct board_entry *entry = &board->entries[i];
        entry->front = entry->cost.mean < cheapest;
        cheapest = entry->front ? entry->cost.mean : cheapest;
    }
}

static enum status read_board(struct board *board, const struct board_request *request,
                              struct arena *arena, struct error *error)
{
    const struct results *results = board->results;

    PASS(find_score(board, request->by, error));
    PASS(find_cost(board, request->minimise, error));
    PASS(points_read(results, arena, &board->points, error));
    PASS(results_numbers(results, board->by, arena, &board->scores, error));
    if (board->minimise)
        PASS(results_numbers(results, board->minimise, arena, &board->costs, error));
    PASS(arena_new(arena, &board->entries, board->points.count, sizeof *board->entries, error));
    for (size_t p = 0; p < board->points.count; p++) {
        struct board_entry entry = {.point = p, .cost = {.mean = (double)NAN}};
        PASS(points_interval_at(&board->points, board->scores, p, &entry.score, error));
        entry.score =
            interval_within(entry.score, metric_least[board->metric], metric_most[board->metric]);
        if (board->costs)
            PASS(points_interval_at(&board->points, board->costs, p, &entry.cost, error));
        if (!isnan(entry.score.mean))
            put(board, entry);
    }
    mark_front(board);
    return STATUS_OK;
}

static enum status print_entry(const struct board *board, const struct board_entry *entry,
                               struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &board->points;
    struct text cell = {0};

    score_print(&cell, board->metric, entry->score.mean);
    if (isfinite(entry->score.low)) {
        text_append(&cell, " [");
        score_print(&cell, board->metric, entry->score.low);
        text_append(&cell, ", ");
        score_print(&cell, board->metric, entry->score.high);
        text_append(&cell, "]");
    }
    TRY(text_status(&cell, error));
    text_append(text, "%c %-28s", entry->front ? '*' : ' ', cell.bytes);
    if (board->costs)
        text_append(text, " %-10.4g", entry->cost.mean);
    text_append(text, " %zu/%zu ", entry->score.count,
                points->first[entry->point + 1] - points->first[entry->point]);
    text_clear(&cell);
    points_name(points, entry->point, false, &cell);
    text_append(text, " %s\n", cell.length ? cell.bytes : "the only point");
out:
    text_release(&cell);
    return status;
}

enum status board_print(const struct results *results, const struct board_request *request,
                        struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct board board = {.results = results};

    TRY(read_board(&board, request, &arena, error));
    size_t listed = request->top && request->top < board.count ? request->top : board.count;
    text_append(text, "%s, mean and 95 %% interval over replicates", board.by);
    if (board.costs)
        text_append(text, "; %s; * Pareto front", board.minimise);
    text_append(text, "; replicates\n");
    for (size_t i = 0; i < listed; i++)
        TRY(print_entry(&board, &board.entries[i], text, error));
    if (listed < board.count)
        text_append(text, "… %zu more\n", board.count - listed);
    if (board.count < board.points.count)
        text_append(text, "%zu of %zu points have no score\n", board.points.count - board.count,
                    board.points.count);
    TRY(text_status(text, error));
out:
    arena_release(&arena);
    return status;
}
