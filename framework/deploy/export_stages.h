/* Which stages of a pipeline go out together with the network that stands in for others. */
#ifndef UNDERSTUDY_DEPLOY_EXPORT_STAGES_H
#define UNDERSTUDY_DEPLOY_EXPORT_STAGES_H

#include "deploy/model.h"

/* Outwards from the network, as far as stages have graphs (interfaces/stage.h). */
struct export_stages {
    size_t begin, end; /* stages [begin, end) go out, those that the network replaces among them */
    struct stage_graph before, after;
    struct arena arena;   /* of the graphs */
    struct shape input;   /* of the images that go in */
    struct shape network; /* of what the network then takes */
    enum content content; /* that comes out */
    struct text held[2];  /* why the stages before and after these do not go out; empty: none */
};

/* How they are looked for. Starts as {0}. */
struct export_stages_wanted {
    bool none;           /* none is wanted beside the network */
    int height, width;   /* of the images; 0: as in training */
    struct shape images; /* of those that the results file holds; 0: not known */
};

/*
 * Those before the network, and which shapes that makes. `model` has the network and an unfitted
 * chain. STATUS_CONFIG where the images' size is needed and not known, or does not fit.
 */
MUST_CHECK enum status export_stages_before(struct export_stages *stages, const struct model *model,
                                            const struct export_stages_wanted *wanted,
                                            struct error *error);
/* Then those after it, for what it gives. */
MUST_CHECK enum status export_stages_after(struct export_stages *stages, const struct model *model,
                                           const struct export_stages_wanted *wanted,
                                           struct shape output, struct error *error);
void export_stages_release(struct export_stages *stages);

/* Stages beside the network, a line each: those that go along, and those that do not, with the
 * reason. */
void export_stages_inside(const struct export_stages *stages, const struct model *model,
                          struct text *text);
void export_stages_left(const struct export_stages *stages, const struct model *model,
                        struct text *text);

#endif
