#include "quantize/score_numbers.h"

#include <stddef.h>

const char *const score_numbers[] = {
    [SCORE_AUTO] = "auto", [SCORE_FLOAT32] = "float32", [SCORE_INT8] = "int8", NULL};
