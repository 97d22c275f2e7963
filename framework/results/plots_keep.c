/*
 * The file .results:
 *
 *     content_sha256 of the results
 *     newline, and the absolute path of their file
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "results/plots_keep.h"

#include "base/hash.h"
#include "io/files/atomic_file.h"
#include "io/files/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DIGEST = HASH_TEXT - 1, LARGEST = 1 << 16 };

/* What the file says where these are the figures of `results`. */
static enum status name_source(const char *results, const char *digest, struct text *source,
                               struct error *error)
{
    char *whole = realpath(results, NULL);

    if (!whole)
        return error_system(error, "cannot find %s", results);
    text_append(source, "%s\n%s", digest, whole);
    free(whole);
    return text_status(source, error);
}

/* What the file says; false where it is not there, or says nothing. */
static bool read_source(const char *figures, struct text *source)
{
    struct text path = {0};
    struct bytes bytes = {0};
    struct stat facts;

    text_append(&path, "%s/.results", figures);
    if (!path.failed && lstat(path.bytes, &facts) == 0 && S_ISREG(facts.st_mode) &&
        bytes_read(&bytes, path.bytes, LARGEST, NULL) == STATUS_OK)
        text_append_bytes(source, (const char *)bytes.data, bytes.length);
    bytes_release(&bytes);
    text_release(&path);
    return !source->failed && source->length > DIGEST + 1 && source->bytes[DIGEST] == '\n' &&
           strspn(source->bytes, "0123456789abcdef") == DIGEST;
}

bool plots_of_others(const char *figures, const char *results)
{
    struct text source = {0};
    char *whole = realpath(results, NULL);
    bool others =
        read_source(figures, &source) && whole && strcmp(source.bytes + DIGEST + 1, whole) != 0;

    free(whole);
    text_release(&source);
    return others;
}

/* Are these figures of the results that have the digest? */
static bool is_of(const char *figures, const char *digest)
{
    struct text source = {0};
    bool is = read_source(figures, &source) && strncmp(source.bytes, digest, DIGEST) == 0;

    text_release(&source);
    return is;
}

/* The next name that is free; or, *there, the one under which the same are kept already. */
static enum status name_kept(const char *figures, const char *digest, struct text *kept,
                             bool *there, struct error *error)
{
    struct stat facts;

    *there = false;
    for (unsigned number = 1; !*there; number++) {
        text_clear(kept);
        text_append(kept, "%s~%u", figures, number);
        PASS(text_status(kept, error));
        if (lstat(kept->bytes, &facts) != 0)
            break;
        *there = is_of(kept->bytes, digest);
    }
    return STATUS_OK;
}

enum status plots_keep(const char *figures, const char *results, const char *digest,
                       struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct text source = {0}, kept = {0};
    bool there;

    if (!plots_of_others(figures, results) || is_of(figures, digest) ||
        !read_source(figures, &source))
        goto out;
    TRY(name_kept(figures, source.bytes, &kept, &there, error));
    if (!there && rename(figures, kept.bytes) != 0)
        TRY(error_system(error, "cannot keep the figures %s as %s, and does not draw over them",
                         figures, kept.bytes));
    text_append(told, "%s holds the figures of %s: kept %sas %s", figures,
                source.bytes + DIGEST + 1, there ? "already, " : "", kept.bytes);
    TRY(text_status(told, error));
out:
    text_release(&kept);
    text_release(&source);
    return status;
}

enum status plots_sign(const char *figures, const char *results, const char *digest,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct text source = {0}, path = {0};

    TRY(name_source(results, digest, &source, error));
    text_append(&path, "%s/.results", figures);
    TRY(text_status(&path, error));
    const struct span span = {(const unsigned char *)source.bytes, source.length, path.bytes};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    text_release(&source);
    return status;
}
