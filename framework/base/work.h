/*
 * What this process is at, and how far it is with it: told by whoever does the work, looked at by
 * another thread, which shows it. Nothing else depends on it.
 *
 *     work_step("labelling")            a step begins; what is counted from now on belongs to it
 *     int work = work_begin(count, "images")
 *     work_did(work, 1)                 once for each image, by any thread
 *     work_end(work)
 *
 * Counts may be nested: one unit of the outer one is then as far as the inner one is. What begins
 * inside a loop that several threads share is not counted: the loop is. Nothing is locked, so that
 * a process may fork at any time: who looks between two writes sees a line that is wrong for a
 * moment.
 */
#ifndef UNDERSTUDY_BASE_WORK_H
#define UNDERSTUDY_BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>

enum { WORK_TEXT = 32 };

struct work { /* as it looks from outside */
    char step[WORK_TEXT], unit[WORK_TEXT];
    size_t done, total; /* units, of the outermost count; total 0: nothing is counted */
    double share;       /* of the total, begun units included, 0 … 1 */
    double seconds;     /* since counting began, or the step */
    double rate, left;  /* units a second, seconds; 0: not known */
};

/* Texts stay where they are. A step of NULL is none; whatever is still counted ends. */
void work_step(const char *name);
/* Count up to `total`. Returns its name for the functions below; 0, which does nothing there, where
 * it is not counted. */
int work_begin(size_t total, const char *unit);
/* The same; inner counts of this unit do not nest: they are parts of this one. */
int work_gather(size_t total, const char *unit);
/* So many units are worked at together: the counts within it are of all of them (1). */
void work_covers(int work, size_t count);
/* So many units more. */
void work_did(int work, size_t count);
/* The same of units that were done before, by an earlier run: they tell nothing of the rate. */
void work_skip(int work, size_t count);
/* Counts within it that were left open end, too. */
void work_end(int work);

/* False where there is nothing to be told. */
bool work_look(struct work *work);
/* `over` is called whenever a step, or all counting, has ended; NULL: nobody is. */
void work_listen(void (*over)(void));

#endif
