/* Plans that an older program resolved: they lack the fields that were added since. */
#ifndef UNDERSTUDY_RESULTS_PLAN_COMPAT_H
#define UNDERSTUDY_RESULTS_PLAN_COMPAT_H

#include "plan/plan.h"
#include "results/diff.h"

/*
 * Is the plan `stored`, read by this program, which gives a default to every field that it lacks,
 * the same as `now`? `found` is told each field in which it is not; the engine's version and
 * instruction set, which are a machine's, are passed over. `name` is what messages call the stored
 * plan. What of it cannot be read goes to `mistakes`, and *agree is false then. The families must
 * be loaded.
 */
MUST_CHECK enum status plan_compat_agrees(const char *name, const char *stored, const char *now,
                                          const struct plan_options *options, diff_field *found,
                                          void *context, struct diagnostics *mistakes, bool *agree,
                                          struct error *error);

/* Append the fields that `now` has and `stored` lacks: "dataset.overlap, train.input". */
MUST_CHECK enum status plan_compat_lacks(const char *stored, const char *now, struct text *names,
                                         struct error *error);

/* The text of /plan/resolved; it lives in `arena`. */
MUST_CHECK enum status plan_compat_resolved(struct hdf5 *file, struct arena *arena,
                                            const char **text, struct error *error);

#endif
