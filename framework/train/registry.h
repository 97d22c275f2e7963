/* The tables of this folder: a row an implementation. */
#ifndef UNDERSTUDY_TRAIN_REGISTRY_H
#define UNDERSTUDY_TRAIN_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_augmentations(void); /* of struct augmentation */
const struct registry *registry_losses(void);        /* of struct loss */
const struct registry *registry_optimizers(void);    /* of struct optimizer */
const struct registry *registry_schedules(void);     /* of struct schedule */

#endif
