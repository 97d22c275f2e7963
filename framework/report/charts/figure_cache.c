#include "report/charts/figure_cache.h"

#include "base/text.h"
#include "io/files/bytes.h"
#include "trial/data_digest.h"

#include <string.h>

enum status figure_cache_begin(struct figure_cache *drawn, const char *cache, const char *results,
                               const char *home, struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    struct text templates = {0};
    char identity[HASH_TEXT];
    bool recent; /* times are in nanoseconds; no one writes these files now */

    drawn->cache = cache;
    TRY(path_join(&templates, home, "plots", error));
    const char *const paths[] = {"/proc/self/exe", templates.bytes, results};
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, "understudy drawn 1", error));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        TRY(data_digest_identity(paths[i], identity, &recent, error));
        TRY(hash_text(&hash, identity, error));
    }
    TRY(hash_end(&hash, drawn->source, error));
out:
    hash_release(&hash);
    text_release(&templates);
    return status;
}

/* Of the three files; *there is false where one cannot be read. */
static enum status digest_files(const char *base, char digest[HASH_TEXT], bool *there,
                                struct error *error)
{
    static const char *const endings[] = {"csv", "pdf", "png"};
    enum status status = STATUS_OK;
    struct hash hash = {0};
    struct text path = {0};
    struct bytes bytes = {0};
    struct error missing = {0};

    *there = true;
    TRY(hash_begin(&hash, error));
    for (size_t i = 0; i < sizeof endings / sizeof *endings && *there; i++) {
        TRY(text_print(&path, error, "%s.%s", base, endings[i]));
        status = bytes_read(&bytes, path.bytes, SIZE_MAX / 2, &missing);
        if (status == STATUS_MEMORY) {
            *error = missing;
            goto out;
        }
        *there = status == STATUS_OK;
        status = STATUS_OK;
        if (*there) {
            TRY(hash_number(&hash, bytes.length, error));
            TRY(hash_bytes(&hash, bytes.data, bytes.length, error));
        }
        bytes_release(&bytes);
    }
    TRY(hash_end(&hash, digest, error));
out:
    bytes_release(&bytes);
    text_release(&path);
    hash_release(&hash);
    return status;
}

enum status figure_cache_look(const struct figure_cache *drawn, const char *group, const char *base,
                              bool *current, struct error *error)
{
    char id[HASH_TEXT], digest[HASH_TEXT], found[HASH_TEXT];

    *current = false;
    PASS(hash_of_texts(drawn->source, group, id, error));
    if (!data_digest_recall(drawn->cache, id, digest))
        return STATUS_OK;
    PASS(digest_files(base, found, current, error));
    *current = *current && strcmp(found, digest) == 0;
    return STATUS_OK;
}

enum status figure_cache_remember(const struct figure_cache *drawn, const char *group,
                                  const char *base, struct error *error)
{
    char id[HASH_TEXT], digest[HASH_TEXT];
    bool there;

    PASS(hash_of_texts(drawn->source, group, id, error));
    PASS(digest_files(base, digest, &there, error));
    if (there)
        PASS(data_digest_remember(drawn->cache, id, digest, error));
    return STATUS_OK;
}
