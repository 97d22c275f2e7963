/*
 * The verdict of a run: which network, is it as good as the pipeline, what does it cost beside it,
 * what to do next (results/verdict_rule.h).
 *
 * The network is the one that goes out (results/best.h): of the point that `select` chose, else of
 * all, the best on the validation images. What is said of it is measured on the test images. The
 * margin is that of `select.within`, its default where nobody says so; it holds for scores against
 * truth, relative to the pipeline.
 *
 *     /verdict/about          what stands on the screen, line by line, without costs in seconds
 *                             that were measured
 *     /verdict/trial          of the network; network, by its place on the grid
 *     /verdict/metric         by which scores are compared, as "ssim", "agreement.ssim"
 *     /verdict/quality        network against pipeline: "better", "as_good", "unclear", "worse",
 *                             "unknown"
 *     /verdict/network_score, pipeline_score, difference, difference_low, difference_high, margin,
 *     agreement               on the metric's own scale; NaN: there is none
 *     /verdict/replicates, replicates_as_good, manual_labels      numbers
 *     /verdict/machines/NAME/network_latency_s, network_energy_j, pipeline_latency_s,
 *     pipeline_energy_j       NaN: the machine has no price of it
 *     /verdict/weakest/…      as /weakest/TRIAL (trial/evaluation/weakest.h)
 *     /verdict/guarded/…      score, difference, its ends, share of the images handed on,
 * multiply-adds an image of the small network with its guard, where there is one /verdict/action,
 * next   what to do next: in a word, in a sentence /verdict/set            … as an override of the
 * experiment, where one does it /timing/verdict/network_s, pipeline_s, measured     on this
 * machine, and the line on it
 *
 * Where what to do hangs on costs that no modelled machine decides, `action` and `next` are in
 * /timing/verdict; where the network was selected by times, all is.
 */
#ifndef UNDERSTUDY_FINDINGS_VERDICT_H
#define UNDERSTUDY_FINDINGS_VERDICT_H

#include "io/hdf5/hdf5.h"
#include "plan/experiment/experiment.h"

/* Reach it, and write it into the file, which is still being written. Nothing where no trial is
 * done. */
MUST_CHECK enum status verdict_store(struct hdf5 *file, const struct experiment *experiment,
                                     struct error *error);
/* The same of a file that an older program wrote: from what it stores, if its plan is still one.
 * The families must be loaded. */
MUST_CHECK enum status verdict_of(struct hdf5 *file, const char *home, struct text *text,
                                  struct error *error);
/* What a file says, in lines for people; nothing is appended where it says nothing. */
MUST_CHECK enum status verdict_read(struct hdf5 *file, struct text *text, struct error *error);

#endif
