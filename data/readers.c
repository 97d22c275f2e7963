#include "data/readers.h"

void values_from_bytes(float *to, const unsigned char *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i] / 255.0f;
}

enum status pool_count(const char *set, const char *pool, size_t wanted, size_t available,
                       size_t *count, struct error *error)
{
    if (wanted != SIZE_MAX && wanted > available)
        return error_set(error, STATUS_CONFIG, "%s: %zu %s images are wanted, the data set has %zu",
                         set, wanted, pool, available);
    *count = wanted == SIZE_MAX ? available : wanted;
    return STATUS_OK;
}

enum status data_missing(const char *path, const char *set, struct error *error)
{
    return error_set(error, STATUS_IO, "%s: no such file; `make data SETS=%s` downloads it", path,
                     set);
}
