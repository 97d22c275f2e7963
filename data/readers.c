#include "data/readers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
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

/* What tells a file from others; "": it could not be looked at. */
static enum status identity_of(const struct imagefile *file, bool by_contents, struct arena *arena,
                               const char **identity, struct error *error)
{
    *identity = file->sha256;
    return by_contents ? STATUS_OK
                       : arena_print(arena, identity, error, "%ju %ju", (uintmax_t)file->device,
                                     (uintmax_t)file->number);
}

enum status data_add_twin(struct duplicates *twins, const struct imagefile *file, size_t others,
                          bool test, bool by_contents, struct arena *arena, struct error *error)
{
    const char *identity, *other;

    PASS(identity_of(file, by_contents, arena, &identity, error));
    for (size_t i = 0; i < others && identity[0]; i++) {
        PASS(identity_of(&file->others[i], by_contents, arena, &other, error));
        PASS(arena_print(arena, &identity, error, "%s %s", identity, other));
    }
    if (identity[0])
        PASS(duplicates_add(twins, file->name, identity, test, error));
    return STATUS_OK;
}

size_t data_find_twins(struct duplicates *twins, bool undivided, size_t tests, struct text *text)
{
    struct duplicate_pair pairs[DUPLICATES_SHOWN];
    size_t count = duplicates_find(twins, !undivided, pairs, DUPLICATES_SHOWN);

    if (undivided)
        text_append(text,
                    "%zu image%s a copy of another, and may be drawn for testing when that one is "
                    "for training",
                    count, count == 1 ? " is" : "s are");
    else
        text_append(text, "%zu of %zu test images %s training image%s, too", count, tests,
                    count == 1 ? "is a" : "are", count == 1 ? "" : "s");
    duplicates_show(pairs, count, text);
    return count;
}

enum status data_path(struct text *path, const char *directory, const char *beside,
                      const char *name, struct error *error)
{
    bool own = strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0;

    if (name[0] == '/' || (own && (!beside || strcmp(beside, ".") == 0)))
        return text_print(path, error, "%s", name);
    return path_join(path, own ? beside : directory, name, error);
}

void data_add_path(struct text *paths, const char *directory, const char *beside, const char *name)
{
    struct text path = {0};

    if (data_path(&path, directory, beside, name, NULL) == STATUS_OK)
        text_append_bytes(paths, path.bytes, path.length + 1);
    else
        paths->failed = true;
    text_release(&path);
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
