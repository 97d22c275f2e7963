/* The network that a filter trains to look at labels. */
#ifndef UNDERSTUDY_FILTERS_OWN_NETWORK_H
#define UNDERSTUDY_FILTERS_OWN_NETWORK_H

#include "interfaces/filter.h"

/* The network that the settings name, as a field `network`; NULL: they have none, or it is the
 * trial's own. */
const struct component *filter_own_network(const struct component *filter);

#endif
