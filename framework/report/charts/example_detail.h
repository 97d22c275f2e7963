/* What is hard to see in a whole image: where an answer is off, and a part of it, magnified. */
#ifndef UNDERSTUDY_REPORT_CHARTS_EXAMPLE_DETAIL_H
#define UNDERSTUDY_REPORT_CHARTS_EXAMPLE_DETAIL_H

#include "math/image.h"

enum { DETAIL_ZOOM = 4 }; /* of a cut: a quarter of each side fills the cell */

struct detail_cut {
    int left, top, width, height; /* pixels */
};

/* |answer - reference| times `gain` in `room` [3][height][width]; the first channel where there are
 * not 3. */
struct image detail_difference(struct image answer, struct image reference, float gain,
                               float *room);
/* The part of a quarter of each side where the answer is off most; of equals, the first from top
 * left. */
struct detail_cut detail_choose(struct image answer, struct image reference);
/* The part of the image, DETAIL_ZOOM times as large, in `room` [3][height][width]. */
struct image detail_magnify(struct image image, const struct detail_cut *cut, float *room);

#endif
