/* Lists the image files of a folder, and counts the others. */
#include "io/images/imagefiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { SHOWN = 3 }; /* names in a message */

/* What is not taken: hidden files; sub-folders, some of which are the folder itself by another
 * name; what looks like images in these. */
struct others {
    size_t hidden, folders, loops, images;
    const char *names[SHOWN]; /* of sub-folders, the first in byte order; in the files' arena */
};

static bool looks_like_image(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".pnm", ".pbm",
                                          ".pgm", ".ppm", ".tif",  ".tiff"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && dot != name && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* A sub-folder is counted with the images that lie in it, by their names; it is never followed
 * further, wherever it leads. */
static enum status add_folder(struct imagefiles *files, struct others *others, const char *path,
                              const char *name, const struct stat *facts, const struct stat *above,
                              struct error *error)
{
    const char *copy;
    enum status status = arena_copy(&files->arena, name, strlen(name), &copy, error);
    bool loop = facts->st_dev == above->st_dev && facts->st_ino == above->st_ino;
    const struct dirent *entry;
    DIR *directory = loop ? NULL : opendir(path);

    others->loops += loop;
    while (directory && (entry = readdir(directory)))
        others->images += looks_like_image(entry->d_name);
    if (directory)
        closedir(directory);
    others->folders++;
    for (size_t i = 0; status == STATUS_OK && copy && i < SHOWN; i++)
        if (!others->names[i] || strcmp(copy, others->names[i]) < 0) {
            const char *next = others->names[i];
            others->names[i] = copy;
            copy = next;
        }
    return status;
}

static enum status add_file(struct imagefiles *files, const struct text *path,
                            const struct stat *facts, struct error *error)
{
    enum status status = STATUS_OK;
    struct text name = {0};

    TRY(memory_reserve(&files->items, &files->capacity, files->count + 1, sizeof *files->items,
                       error));
    struct imagefile *item = &files->items[files->count];
    *item = (struct imagefile){.device = facts->st_dev, .number = facts->st_ino};
    text_append_escaped(&name, path->bytes);
    TRY(text_status(&name, error));
    TRY(arena_copy(&files->arena, path->bytes, path->length, &item->path, error));
    TRY(arena_copy(&files->arena, name.bytes, name.length, &item->name, error));
    files->count++;
out:
    text_release(&name);
    return status;
}

/* One entry of a folder. */
static enum status add(struct imagefiles *files, struct others *others, const char *folder,
                       const struct stat *above, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, shown = {0};
    struct stat facts;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return STATUS_OK;
    TRY(path_join(&path, folder, name, error));
    text_append_escaped(&shown, path.bytes);
    TRY(text_status(&shown, error));
    if (name[0] == '.')
        others->hidden++;
    else if (stat(path.bytes, &facts) != 0)
        TRY(error_system(error, "%s", shown.bytes));
    else if (S_ISDIR(facts.st_mode))
        TRY(add_folder(files, others, path.bytes, name, &facts, above, error));
    else if (S_ISREG(facts.st_mode))
        TRY(add_file(files, &path, &facts, error));
    else
        TRY(error_set(error, STATUS_DATA, "%s: expected an image, found a special file",
                      shown.bytes));
out:
    text_release(&path);
    text_release(&shown);
    return status;
}

static enum status tell_others(const struct others *others, struct text *text, struct error *error)
{
    if (others->folders) {
        text_append(text, "%zu sub-folder%s with %zu image%s (", others->folders,
                    others->folders == 1 ? "" : "s", others->images,
                    others->images == 1 ? "" : "s");
        for (size_t i = 0; i < SHOWN && others->names[i]; i++) {
            text_append(text, i ? ", '" : "'");
            text_append_escaped(text, others->names[i]);
            text_append(text, "'");
        }
        text_append(text, others->folders > SHOWN ? ", …" : "");
        if (others->loops)
            text_append(text, "; %zu of them lead%s back here", others->loops,
                        others->loops == 1 ? "s" : "");
        text_append(text, ")");
    }
    if (others->hidden)
        text_append(text, "%s%zu hidden file%s", others->folders ? "; " : "", others->hidden,
                    others->hidden == 1 ? "" : "s");
    return text_status(text, error);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct imagefile *)a)->path, ((const struct imagefile *)b)->path);
}

static enum status read_entries(struct imagefiles *files, struct others *others, const char *folder,
                                const char *shown, DIR *directory, struct error *error)
{
    enum status status = STATUS_OK;
    struct stat above;

    if (fstat(dirfd(directory), &above) != 0)
        TRY(error_system(error, "%s", shown));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry && errno)
            TRY(error_system(error, "%s", shown));
        if (!entry)
            break;
        TRY(add(files, others, folder, &above, entry->d_name, error));
    }
    TRY(tell_others(others, &files->left_out, error));
    if (files->count == 0)
        TRY(error_set(error, STATUS_DATA, "%s: no images in this folder%s%s%s", shown,
                      files->left_out.length ? "; left out: " : "",
                      files->left_out.length ? files->left_out.bytes : "",
                      others->images ? "; name one of the sub-folders or move its images here"
                                     : ""));
    qsort(files->items, files->count, sizeof *files->items, by_path);
out:
    return status;
}

enum status imagefiles_list(struct imagefiles *files, const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct others others = {0};
    struct text shown = {0};
    DIR *directory = NULL;

    text_append_escaped(&shown, folder);
    TRY(text_keep(&shown, &files->arena, &files->folder, error));
    directory = opendir(folder);
    if (!directory && errno == ENOENT)
        TRY(error_set(error, STATUS_IO,
                      "%s: no such folder; `make data` downloads the published data sets",
                      shown.bytes));
    if (!directory)
        TRY(error_system(error, "%s", shown.bytes));
    TRY(read_entries(files, &others, folder, shown.bytes, directory, error));
out:
    if (directory)
        closedir(directory);
    text_release(&shown);
    return status;
}
