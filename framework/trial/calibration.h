/* The ranges that 8-bit integers stand for in a trial's trained network. */
#ifndef UNDERSTUDY_TRIAL_CALIBRATION_H
#define UNDERSTUDY_TRIAL_CALIBRATION_H

#include "trial/trial_network.h"

/* Those that it was fine-tuned with; else found as the section `quantize` says, on unlabelled
 * images, or manual ones where there are none. Release with activation_ranges_release(). */
MUST_CHECK enum status trial_ranges(const struct trial *trial, const struct splits *splits,
                                    const struct trained *trained, struct activation_ranges *ranges,
                                    struct error *error);

#endif
