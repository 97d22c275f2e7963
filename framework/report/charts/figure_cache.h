/*
 * Figures that need not be drawn again: those whose files are as this program, with these
 * templates, drew them from this very results file. Remembered in RESULTS/cache/digests
 * (trial/data_digest.h); a file that is missing, or was changed, makes the figure be drawn anew.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_FIGURE_CACHE_H
#define UNDERSTUDY_REPORT_CHARTS_FIGURE_CACHE_H

#include "base/hash.h"

#include <stdbool.h>

struct figure_cache {
    const char *cache;      /* RESULTS/cache, borrowed */
    char source[HASH_TEXT]; /* the program, the templates, the results file, as `stat` says */
};

MUST_CHECK enum status figure_cache_begin(struct figure_cache *drawn, const char *cache,
                                          const char *results, const char *home,
                                          struct error *error);
/* Are BASE.csv, BASE.pdf and BASE.png the figure that `group` of the results file holds? */
MUST_CHECK enum status figure_cache_look(const struct figure_cache *drawn, const char *group,
                                         const char *base, bool *current, struct error *error);
/* They are: it was just drawn. */
MUST_CHECK enum status figure_cache_remember(const struct figure_cache *drawn, const char *group,
                                             const char *base, struct error *error);

#endif
