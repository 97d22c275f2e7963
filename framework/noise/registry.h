/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_NOISE_REGISTRY_H
#define UNDERSTUDY_NOISE_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_label_noises(void); /* of struct label_noise */

#endif
