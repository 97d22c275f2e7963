/* Test images that a results file holds: /examples/TRIAL/degraded, as they go into the pipeline. */
#ifndef UNDERSTUDY_RESULTS_STORED_EXAMPLES_H
#define UNDERSTUDY_RESULTS_STORED_EXAMPLES_H

#include "math/image.h"

/* At most `most` of the trial's, or, where none are kept for it, of the first trial that has some;
 * none where the file holds none. STATUS_DATA where what is there is no images. */
MUST_CHECK enum status stored_examples_read(const char *path, size_t trial, size_t most,
                                            struct image_set *inputs, struct error *error);

#endif
