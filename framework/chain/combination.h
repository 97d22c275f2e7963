/* The combinations of a chain's tuned values, numbered; private to framework/pipeline. */
#ifndef UNDERSTUDY_CHAIN_COMBINATION_H
#define UNDERSTUDY_CHAIN_COMBINATION_H

#include "io/schema/schema.h"

/* Combinations of the tuned values of components [first, count): 1 where nothing is tuned, SIZE_MAX
 * where the number does not fit. */
size_t combination_count(const struct component_list *list, size_t first);

/* Set each configs[i], config_size bytes, to component i's values in combination `number`: the
 * first component and field slowest. */
void combination_apply(const struct component_list *list, size_t number, void *const *configs);

/* Zeroed configurations for every component. Release with combination_free(); *configs is NULL
 * after a failure. */
MUST_CHECK enum status combination_new(const struct component_list *list, void ***configs,
                                       struct error *error);
void combination_free(void **configs, size_t count);

#endif
