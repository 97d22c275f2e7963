/*
 * A small network that hands doubted images on, to a larger network or to the pipeline, as the
 * `guard:` of its experiment says (results/guard_results.h).
 */
#ifndef UNDERSTUDY_DEPLOY_GUARDED_H
#define UNDERSTUDY_DEPLOY_GUARDED_H

#include "deploy/model.h"
#include "results/guard_results.h"

/* What the file has to say of its guard; texts live in `arena`. STATUS_DATA where it has none. */
MUST_CHECK enum status guarded_read(struct guard_stored *stored, const char *path,
                                    struct arena *arena, struct error *error);
/* model_open() of MODEL_GUARDED: `model` is the small network as MODEL_HYBRID has it, and
 * model->other what it hands on to. STATUS_DATA where the file has no guard. */
MUST_CHECK enum status guarded_open(struct model *model, const char *path,
                                    const struct model_options *options, struct diagnostics *found,
                                    struct error *error);
/* model_run() of any model. handed[in->count], which may be NULL: was the image handed on? */
MUST_CHECK enum status guarded_run(const struct model *model, const struct image_set *in,
                                   int threads, bool *handed, struct image_set *out,
                                   struct error *error);
/* What images are handed on to, for messages; NULL: nothing. */
const char *guarded_other(const struct model *model);

#endif
