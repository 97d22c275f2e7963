/* What stages of the user's own have in common. */
#ifndef UNDERSTUDY_PIPELINES_EXTERNAL_EXTERNAL_H
#define UNDERSTUDY_PIPELINES_EXTERNAL_EXTERNAL_H

#include "interfaces/stage.h"

/* The choices of their field `output`, and what they stand for. */
enum external_output { EXTERNAL_ANSWER, EXTERNAL_FEATURES, EXTERNAL_IMAGE };
extern const char *const external_outputs[];
enum content external_content(int64_t output);

/* Operations where only the multiply-adds are known; NaN: nobody knows them. */
struct operations external_operations(double multiply_adds);

#endif
