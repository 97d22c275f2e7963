#include "pipelines/external/external.h"

#include <math.h>

const char *const external_outputs[] = {"answer", "features", "image", NULL};

enum content external_content(int64_t output)
{
    static const enum content given[] = {[EXTERNAL_ANSWER] = CONTENT_ANSWER,
                                         [EXTERNAL_FEATURES] = CONTENT_FEATURES,
                                         [EXTERNAL_IMAGE] = CONTENT_IMAGE};
    return given[output];
}

struct operations external_operations(double multiply_adds)
{
    double other = isnan(multiply_adds) ? (double)NAN : 0;

    return (struct operations){.multiply_adds = multiply_adds,
                               .additions = other,
                               .multiplications = other,
                               .comparisons = other,
                               .divisions = other,
                               .exponentials = other,
                               .lookups = other};
}
