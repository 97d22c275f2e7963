/*
 * Is the network as good as the pipeline? By how much its scores against truth differ from the
 * pipeline's on the same test images, and whether it is worse by less than a margin.
 *
 *     network.test.METRIC.minus_pipeline         the mean over the test images of the network's
 *                                                score less the pipeline's
 *     network.test.METRIC.minus_pipeline.low     its 95 % interval; NaN of one image
 *     network.test.METRIC.minus_pipeline.high
 *     network.test.noninferior                   1: .low is above minus the margin; 0: it is not
 *
 * The interval says how far the mean would differ with other test images like these; the trained
 * network stays the same, and how far other trainings would differ is for replicates to show.
 * Each image is scored twice, so differences are paired. Where an image has a score of its own,
 * the interval is Student's, of the differences. Where it is right or wrong, it is Tango's: few
 * images differ then, and Student's would be too short, a point where none does
 * (math/statistics.h).
 *
 * That the interval's lower end is above minus the margin rejects inferiority at a one-sided level
 * of 2.5 %: G. Piaggio, D. R. Elbourne, S. J. Pocock, S. J. W. Evans, D. G. Altman, "Reporting of
 * noninferiority and equivalence randomized trials", JAMA 308(24), 2012; E. Walker, A. S. Nowacki,
 * "Understanding equivalence and noninferiority testing", Journal of General Internal Medicine
 * 26(2), 2011.
 */
#ifndef UNDERSTUDY_TRIAL_DIFFERENCE_H
#define UNDERSTUDY_TRIAL_DIFFERENCE_H

#include "cache/record.h"
#include "trial/evaluation/weakest.h"
#include "trial/splits.h"

/* Room for what the network scores on each of `count` images, in each of the task's metrics. */
MUST_CHECK enum status difference_begin(const struct task *task, size_t count,
                                        struct image_scores *each, struct error *error);
void difference_end(struct image_scores *each);
/* The difference from the pipeline on the test images, whose scores by the network `network` are;
 * the images that are furthest apart go to `rankings`. */
MUST_CHECK enum status difference_record(struct record *record, const struct splits *splits,
                                         const struct image_scores *network, int threads,
                                         struct rankings *rankings, struct error *error);

/*
 * The verdict, for a trial's finished record. The margin is that of `select`, where it is one to
 * the pipeline's score: what follows from it is no part of what is kept, so that another margin
 * computes nothing anew. No value where no margin is given, or there is no interval.
 */
MUST_CHECK enum status difference_judge(struct record *record, const struct experiment *experiment,
                                        struct error *error);

#endif
