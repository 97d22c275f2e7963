#include "report/figures/publish.h"

#include "base/text.h"
#include "interfaces/figure.h"
#include "io/files/atomic_file.h"
#include "report/figures/registry.h"
#include "results/results_keep.h"

#include <string.h>
#include <unistd.h>

static bool is_left_out(const char *name)
{
    static const char *const left_out[] = {"activations", "examples", "filter",
                                           "flagged",     "network",  "parameters"};

    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strcmp(name, left_out[i]) == 0)
            return true;
    return false;
}

/* Is the object at `path` a figure that is drawn from the images themselves? */
static enum status draws_images(struct hdf5 *file, const char *path, bool *draws,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char *kind;

    *draws = false;
    if (strncmp(path, "/figures/", 9) != 0 && strncmp(path, "/timing/figures/", 16) != 0)
        return STATUS_OK;
    TRY(hdf5_read_attribute_text(file, path, "kind", &arena, &kind, error));
    const struct descriptor *figure = registry_find(registry_figures(), kind);
    *draws = figure && figure_of(figure)->images;
out:
    arena_release(&arena);
    return status;
}

/* Groups of which parts may stay behind. */
static bool is_sifted(const char *path)
{
    static const char *const sifted[] = {"/", "/figures", "/timing", "/timing/figures"};

    for (size_t i = 0; i < sizeof sifted / sizeof *sifted; i++)
        if (strcmp(path, sifted[i]) == 0)
            return true;
    return false;
}

/* The members of `group`, each with all below it; what is not copied is noted in `missing`. */
static enum status copy_members(struct hdf5 *file, struct hdf5 *target, const char *group,
                                struct text *missing, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text path = {0};
    const char **names;
    size_t count;
    bool draws;

    TRY(hdf5_copy_attributes(file, group, target, group, error));
    TRY(hdf5_list(file, group, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        TRY(path_join(&path, group[1] ? group : "", names[i], error));
        TRY(draws_images(file, path.bytes, &draws, error));
        bool top = !group[1] || strcmp(group, "/timing") == 0;
        if (draws || (top && is_left_out(names[i]))) {
            text_append(missing, "%s\n", path.bytes + 1);
        } else if (is_sifted(path.bytes)) {
            TRY(hdf5_group(target, path.bytes, error));
            TRY(copy_members(file, target, path.bytes, missing, error));
        } else {
            TRY(hdf5_copy(file, path.bytes, target, path.bytes, error));
        }
    }
out:
    text_release(&path);
    arena_release(&arena);
    return status;
}

static enum status copy_kept(struct hdf5 *file, struct hdf5 *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct text missing = {0};

    TRY(copy_members(file, target, "/", &missing, error));
    TRY(text_status(&missing, error));
    if (missing.length)
        TRY(hdf5_attribute_text(target, "/", "left_out", missing.bytes, error));
out:
    text_release(&missing);
    return status;
}

enum status publish_digest(struct hdf5 *file, char digest[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hash hash = {0};
    const char **names, **paths, *content;
    size_t count;

    TRY(hdf5_read_attribute_text(file, "/", "content_sha256", &arena, &content, error));
    TRY(hdf5_list(file, "/", &arena, &names, &count, error));
    TRY(arena_new(&arena, &paths, count + 1, sizeof *paths, error));
    for (size_t i = 0; i < count; i++)
        TRY(arena_print(&arena, &paths[i], error, "/%s", names[i]));
    TRY(hdf5_digest(file, paths, count, digest, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, content, strlen(content), error));
    TRY(hash_bytes(&hash, digest, strlen(digest), error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    arena_release(&arena);
    return status;
}

/* No lock: two that publish the same name at once are not told apart. */
static enum status keep_published(struct hdf5 *file, const char *path, struct text *told,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct keep_new fresh = {.path = path};

    TRY(hdf5_read_text(file, "/plan/resolved", &arena, &fresh.resolved, error));
    TRY(hdf5_read_attribute_text(file, "/", "content_sha256", &arena, &fresh.digest, error));
    TRY(keep_old(&fresh, told, error));
out:
    arena_release(&arena);
    return status;
}

enum status publish(struct hdf5 *file, const char *path, struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 target = {0};
    struct text part = {0};
    char digest[HASH_TEXT];
    bool made = false;

    atomic_file_sweep_path(path); /* what killed processes left */
    TRY(atomic_file_part(path, &part, error));
    TRY(hdf5_create(&target, part.bytes, error));
    made = true;
    TRY(copy_kept(file, &target, error));
    TRY(publish_digest(&target, digest, error));
    TRY(hdf5_attribute_text(&target, "/", "published_sha256", digest, error));
    TRY(hdf5_close(&target, error));
    TRY(keep_published(file, path, told, error));
    TRY(atomic_file_replace(part.bytes, path, error));
    made = false;
out:
    hdf5_abandon(&target);
    if (made)
        unlink(part.bytes);
    text_release(&part);
    return status;
}
