#include "data/readers.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

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

bool data_is_there(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 || errno != ENOENT;
}

enum status data_missing(const char *path, const char *set, struct error *error)
{
    return error_set(error, STATUS_IO, "%s: no such file; `make data SETS=%s` downloads it", path,
                     set);
}

enum status data_fault(struct diagnostics *faults, const char *set, const char *directory,
                       const struct error *fault, struct dataset_listing *listing,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    if (fault->code == STATUS_MEMORY) {
        if (error)
            *error = *fault;
        TRY(STATUS_MEMORY);
    }
    TRY(path_join(&path, directory, set, error));
    if (!data_is_there(path.bytes))
        snprintf(listing->absent, sizeof listing->absent, "%s", set);
    TRY(diagnostics_add(faults, (struct yaml_mark){NULL, 0, 0}, "dataset.name", error, "%s",
                        fault->message));
out:
    text_release(&path);
    return status;
}
