#ifndef UNDERSTUDY_PIPELINES_MASKS_OTSU_H
#define UNDERSTUDY_PIPELINES_MASKS_OTSU_H

#include "interfaces/operations.h"
#include "math/image.h"

/* The level that best parts an image's values in two classes. */
double otsu_level(struct image image);

struct operations otsu_operations(struct shape shape);

#endif
