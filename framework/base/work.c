#include "base/work.h"

#include "base/clock.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LEVELS = 8 };

struct level {
    _Atomic(const char *) unit;
    atomic_size_t total, done, skipped, covers;
    _Atomic double begun, shown; /* shown: the largest share that was told */
    atomic_bool gathers;
};

static struct level levels[MOST_LEVELS];
static atomic_int depth; /* counts that are open */
static _Atomic(const char *) step;
static _Atomic double step_begun;
static void (*_Atomic listener)(void);

static void tell_over(void)
{
    void (*over)(void) = listener;

    if (over)
        over();
}

void work_listen(void (*over)(void))
{
    listener = over;
}

void work_step(const char *name)
{
    depth = 0;
    step_begun = clock_seconds();
    step = name;
    tell_over();
}

/* A part of the count around it goes by the negative of that one's name. */
static int open_level(size_t total, const char *unit, bool gathers)
{
    int at = depth;
    struct level *level = &levels[at];

    if (omp_in_parallel() || at >= MOST_LEVELS)
        return 0;
    if (at > 0 && levels[at - 1].gathers && strcmp(levels[at - 1].unit, unit) == 0)
        return -at;
    level->unit = unit;
    level->total = total;
    level->done = level->skipped = 0;
    level->covers = 1;
    level->shown = 0;
    level->gathers = gathers;
    level->begun = clock_seconds();
    depth = at + 1;
    return at + 1;
}

int work_begin(size_t total, const char *unit)
{
    return open_level(total, unit, false);
}

int work_gather(size_t total, const char *unit)
{
    return open_level(total, unit, true);
}

void work_covers(int work, size_t count)
{
    if (work > 0)
        levels[work - 1].covers = count;
}

void work_did(int work, size_t count)
{
    int at = work < 0 ? -work : work;

    if (at > 0)
        atomic_fetch_add_explicit(&levels[at - 1].done, count, memory_order_relaxed);
}

void work_skip(int work, size_t count)
{
    if (work > 0)
        levels[work - 1].skipped += count;
    work_did(work, count);
}

void work_end(int work)
{
    if (work <= 0 || work > depth)
        return;
    depth = work - 1;
    if (work == 1)
        tell_over();
}

static double share_of(int level, int open)
{
    double total = (double)levels[level].total, done = (double)levels[level].done;

    if (level + 1 < open)
        done += (double)levels[level].covers * share_of(level + 1, open);
    return total > 0 && done < total ? done / total : total > 0;
}

/* From what was done since counting began. */
static void extrapolate(struct work *work, size_t skipped)
{
    double done = work->done > skipped ? (double)(work->done - skipped) : 0;
    double share = work->share - (double)skipped / (double)work->total;

    if (!(work->seconds > 0))
        return;
    work->rate = done / work->seconds;
    if (share > 0)
        work->left = work->seconds * (1 - work->share) / share;
}

bool work_look(struct work *work)
{
    int open = depth;
    const char *name = step;
    double begun = step_begun;

    *work = (struct work){0};
    if (!name && open == 0)
        return false;
    snprintf(work->step, sizeof work->step, "%s", name ? name : "");
    if (open > 0) {
        const char *unit = levels[0].unit;
        snprintf(work->unit, sizeof work->unit, "%s", unit);
        work->total = levels[0].total;
        work->share = share_of(0, open);
        /* one unit may hold several counts, one after the other */
        if (work->share < levels[0].shown)
            work->share = levels[0].shown;
        levels[0].shown = work->share;
        work->done = (size_t)(work->share * (double)work->total + 1e-6);
        begun = levels[0].begun;
    }
    work->seconds = clock_seconds() - begun;
    if (work->total)
        extrapolate(work, levels[0].skipped);
    return true;
}
