/* What the pipeline gave, as an entry of the cache: labels, and scores of input and pipeline. */
#ifndef UNDERSTUDY_TRIAL_LABELS_H
#define UNDERSTUDY_TRIAL_LABELS_H

#include "cache/record.h"
#include "trial/splits.h"

/* The splits' label, and what else of network_in and pipeline_out is neither input nor label. */
MUST_CHECK enum status labels_record(const struct splits *splits, struct record *record,
                                     struct error *error);
/* Back, the splits' inputs being there. STATUS_DATA where it does not fit them; whatever was filled
 * in then is to be released with `splits`. */
MUST_CHECK enum status labels_fill(struct splits *splits, const struct record *record,
                                   struct error *error);
/* After STATUS_DATA: without labels again. */
void labels_clear(struct splits *splits);

#endif
