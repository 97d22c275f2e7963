/* The small part of a results file that is kept and shared: what figures and tables are drawn from.
 */
#ifndef UNDERSTUDY_REPORT_FIGURES_PUBLISH_H
#define UNDERSTUDY_REPORT_FIGURES_PUBLISH_H

#include "base/hash.h"
#include "base/text.h"
#include "io/hdf5/hdf5.h"

/*
 * Write what is open in `file` to `path`, without images, activations and parameters: the data
 * sets' images are not ours to hand on. All else, the provenance too, is as it was; content_sha256
 * stays that of the whole file, and the attribute `left_out` names what is missing, a name a line.
 * The attribute `published_sha256` is publish_digest()'s, so that a change by hand is seen. The
 * file at `path` is the old one or the new one, never half of it. An old one that holds other
 * results is kept (results/results_keep.h); `told` gets a line for people then.
 */
MUST_CHECK enum status publish(struct hdf5 *file, const char *path, struct text *told,
                               struct error *error);

/* Of all values that are in a published file, those of the clock too, and of its content_sha256. */
MUST_CHECK enum status publish_digest(struct hdf5 *file, char digest[HASH_TEXT],
                                      struct error *error);

#endif
