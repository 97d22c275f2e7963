/*
 * The trained network in 8-bit integers (quantize/quantized.h), where the experiment has a section
 * `quantize`. Ranges are found on unlabelled images; neither labels nor truth are looked at.
 */
#ifndef UNDERSTUDY_TRIAL_EVALUATION_INT8_H
#define UNDERSTUDY_TRIAL_EVALUATION_INT8_H

#include "cache/record.h"
#include "trial/trial_network.h"

/*
 * network.int8.{validation,test}.METRIC against truth, where there is some, and
 * network.int8.{validation,test}.agreement.METRIC against the pipeline's answers, as the columns
 * network.… are of the float network; network.int8.bytes, what its integers take. A network that
 * has no form in integers, or whose values are not finite, has none of these, and `notes` says why.
 */
MUST_CHECK enum status evaluation_int8(struct record *record, const struct trial *trial,
                                       const struct splits *splits, const struct trained *trained,
                                       int threads, struct text *notes, struct error *error);

/* network/ranges: [1 + nodes][2], from and to, of the network's input and of each node of
 * network/graph. Absent where the network cannot be quantised. */
MUST_CHECK enum status evaluation_ranges(struct record *record, const struct trial *trial,
                                         const struct splits *splits, const struct network *network,
                                         const struct trained *trained, struct error *error);

#endif
