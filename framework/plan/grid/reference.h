/* References of the experiment file, `${network.width}`, to what stands elsewhere in it. Private to
 * plan/. */
#ifndef UNDERSTUDY_PLAN_GRID_REFERENCE_H
#define UNDERSTUDY_PLAN_GRID_REFERENCE_H

#include "plan/steps.h"

struct reference_piece {
    const char *text, *target; /* one of them: as it stands, or the path of what is put in */
};

/* One value with references in it. */
struct plan_reference {
    const char *path;
    struct yaml_node *node;    /* in the tree */
    struct yaml_node original; /* as written */
    struct reference_piece *pieces;
    size_t count;
    struct text built; /* the text, put together */
    int state;         /* of references_place() */
    bool wrong;        /* at this point; told */
};

/* Find them, once the axes have their places, and list what is not the same at all grid points. */
MUST_CHECK enum status references_find(struct plan *plan, struct diagnostics *found,
                                       struct error *error);
/* Put what is meant in their places, for the grid point that stands in the tree. */
MUST_CHECK enum status references_place(struct plan *plan, struct diagnostics *found,
                                        struct error *error);
void references_release(struct plan *plan);

#endif
