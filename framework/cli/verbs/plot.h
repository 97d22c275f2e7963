/* What is drawn from a results file, for the verbs `plot`, `report` and `run`. */
#ifndef UNDERSTUDY_CLI_VERBS_PLOT_H
#define UNDERSTUDY_CLI_VERBS_PLOT_H

#include "base/error.h"
#include "io/schema/schema.h"

#include <stdbool.h>
#include <stddef.h>

struct plot_request {
    const char *path;    /* of the results file */
    const char *home;    /* where the folder plots/ of the templates lies */
    const char *folder;  /* outputs go to FOLDER/EXPERIMENT/ */
    const char *results; /* the folder where it is remembered what was drawn, and not drawn again;
                            NULL: all is */
    bool figures;        /* draw every figure */
    const struct component_list *instead; /* of those stored, draw these; may be NULL */
    bool quiet;                           /* and print none of their paths */
    size_t page; /* write the report, of at most so many bytes; 0: do not */
};

/* Draw, and print the paths of what was drawn. */
MUST_CHECK enum status plot_results(const struct plot_request *request, struct error *error);

#endif
