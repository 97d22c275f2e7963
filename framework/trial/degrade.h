/* Images put through a list of degradations: what the camera gives. */
#ifndef UNDERSTUDY_TRIAL_DEGRADE_H
#define UNDERSTUDY_TRIAL_DEGRADE_H

#include "base/random.h"
#include "io/schema/schema.h"
#include "math/image.h"

/* Pools, as parts of random indices. */
enum { POOL_TRAIN, POOL_TEST, POOLS };

struct degrade_draws {
    struct random_key key;
    enum random_purpose purpose;
    uint32_t pool;
    const uint32_t *pool_index; /* [images]: image of the pool */
};

/*
 * In place. Image i draws for step k by its number in the pool, and by nothing else. `only`: images
 * with a zero there are left as they are; NULL: all are degraded.
 */
MUST_CHECK enum status degrade_images(const struct component_list *steps, struct image_set *images,
                                      const struct degrade_draws *draws, const uint8_t *only,
                                      int threads, struct error *error);

#endif
