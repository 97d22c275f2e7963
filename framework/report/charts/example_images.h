/*
 * Example images of a trial, as results hold them: one array where they have one size, else one for
 * each image.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_EXAMPLE_IMAGES_H
#define UNDERSTUDY_REPORT_CHARTS_EXAMPLE_IMAGES_H

#include "interfaces/task.h"
#include "results/grid_means.h"

enum { EXAMPLE_IMAGES = 4, EXAMPLE_CLASSES = 3 };

extern const char *const example_images[]; /* "clean", "degraded", "pipeline", "network" */

struct examples {
    struct arena arena;
    bool cases; /* for the caller: the worst and best of all test images, in place of examples */
    size_t trial, stored, count; /* images that are stored; that are shown */
    size_t *shown;               /* [count], ascending: which of the stored ones */
    size_t sizes;                /* different sizes of the stored ones */
    enum drawn_as kind;
    bool named;  /* what belongs to the whole image stands below it: classes, numbers */
    bool judged; /* what is true is stored, as number 0 of either; else they begin with 1 */
    struct image_set images[EXAMPLE_IMAGES]; /* [stored], views; where `named` [1] alone */
    const uint8_t *classes[EXAMPLE_CLASSES]; /* [stored]: true, pipeline's, network's */
    const float *numbers[EXAMPLE_CLASSES];   /* [stored][number_count], likewise */
    size_t number_count;
};

/*
 * Those of `trial`; -1: of the network that `select` chose, or of the last grid point that has
 * some. At most `images` are shown: one of each size first, then the others, in the order in which
 * they are stored. examples->trial is the number of trials, with nothing to show, where all failed.
 * All of it lives in examples->arena, which the caller releases after failures, too.
 */
MUST_CHECK enum status examples_read(struct examples *examples, const struct results *results,
                                     const struct points *points, int64_t trial, int64_t images,
                                     struct error *error);
/* The trial among those that have `what`, a group of the file, stored: `wanted`; -1: as above. The
 * number of trials where all failed. */
MUST_CHECK enum status examples_trial(const struct results *results, const struct points *points,
                                      int64_t wanted, const char *what, struct arena *arena,
                                      size_t *trial, struct error *error);
/* The k-th that is shown; `which` of example_images. */
struct image examples_image(const struct examples *examples, int which, size_t k);
/* What holds every image that is shown. */
struct shape examples_largest(const struct examples *examples);

#endif
