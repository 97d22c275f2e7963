/*
 * A folder of images: PNG, JPEG and PNM files in the byte order of their names, which may differ
 * in size. Sub-folders are not descended, hidden files passed over; any other file that is not an
 * image is a mistake, named. Files are read and hashed one after another, then decoded in
 * parallel, each into its own place.
 */
#include "data/readers.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/text.h"
#include "io/imagefile.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct folder {
    const char *train, *test;
    int64_t colour; /* 0: grey, 1: colour */
};

static const char *const colours[] = {"grey", "colour", NULL};

static const struct field fields[] = {
    {"train_folder", FIELD_TEXT, offsetof(struct folder, train),
     .help = "folder of training images, below the data directory, or absolute"},
    {"test_folder", FIELD_TEXT, offsetof(struct folder, test), .fallback = "''",
     .help = "folder of test images; empty: none"},
    {"colour", FIELD_CHOICE, offsetof(struct folder, colour), .fallback = "grey",
     .choices = colours, .help = "grey is ITU-R BT.601 luma of colour images"},
    {0},
};

struct names {
    struct arena arena;
    const char **paths;
    size_t count, capacity;
};

static void names_release(struct names *names)
{
    memory_free(names->paths);
    arena_release(&names->arena);
    memset(names, 0, sizeof *names);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One entry of a folder: kept unless hidden or a folder itself. */
static enum status add_name(struct names *names, const char *folder, const char *name,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct stat facts;

    if (name[0] == '.')
        return STATUS_OK;
    text_append(&path, "%s/%s", folder, name);
    TRY(text_status(&path, error));
    if (stat(path.bytes, &facts) != 0)
        TRY(error_system(error, "%s", path.bytes));
    if (S_ISDIR(facts.st_mode))
        goto out;
    if (!S_ISREG(facts.st_mode))
        TRY(error_set(error, STATUS_DATA, "%s: expected an image, found a special file",
                      path.bytes));
    TRY(memory_reserve(&names->paths, &names->capacity, names->count + 1, sizeof *names->paths,
                       error));
    TRY(arena_copy(&names->arena, path.bytes, path.length, &names->paths[names->count], error));
    names->count++;
out:
    text_release(&path);
    return status;
}

static enum status list(struct names *names, const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    DIR *directory = opendir(folder);

    if (!directory && errno == ENOENT)
        TRY(error_set(error, STATUS_IO,
                      "%s: no such folder; `make data` downloads the published data sets", folder));
    if (!directory)
        TRY(error_system(error, "%s", folder));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry && errno)
            TRY(error_system(error, "%s", folder));
        if (!entry)
            break;
        TRY(add_name(names, folder, entry->d_name, error));
    }
    if (names->count == 0)
        TRY(error_set(error, STATUS_DATA, "%s: no images in this folder", folder));
    qsort(names->paths, names->count, sizeof *names->paths, by_bytes);
out:
    if (directory)
        closedir(directory);
    return status;
}

/* The first fault that a thread met, in the order of images. */
struct fault {
    size_t index;
    enum status status;
    struct error error;
};

struct decoding {
    const struct bytes *files;
    const char *const *paths;
    const struct image_set *images;
    struct fault *faults; /* one a thread */
};

static void decode(void *context, size_t index, int thread)
{
    struct decoding *decoding = context;
    struct fault *fault = &decoding->faults[thread];
    struct error error;

    enum status status =
        imagefile_decode(bytes_span(&decoding->files[index], decoding->paths[index]),
                         image_set_at(decoding->images, index), &error);
    if (status == STATUS_OK || (fault->status != STATUS_OK && fault->index < index))
        return;
    fault->index = index;
    fault->status = status;
    fault->error = error;
}

/* Decode all files; of several faults the first in order of names is told, whatever the threads. */
static enum status decode_all(struct decoding *decoding, size_t count, int threads,
                              struct error *error)
{
    enum status status = STATUS_OK;
    size_t faults = threads > 1 ? (size_t)threads : 1;
    const struct fault *first = NULL;

    TRY(memory_new(&decoding->faults, faults, sizeof *decoding->faults, error));
    parallel_for(threads, count, decode, decoding);
    for (size_t i = 0; i < faults; i++) {
        const struct fault *fault = &decoding->faults[i];
        if (fault->status != STATUS_OK && (!first || fault->index < first->index))
            first = fault;
    }
    if (first) {
        status = first->status;
        if (error)
            *error = first->error;
    }
out:
    memory_free(decoding->faults);
    decoding->faults = NULL;
    return status;
}

/* Only the name below the folder is hashed: the same images elsewhere have the same digest. */
static enum status read_files(const struct names *names, size_t count, int channels,
                              struct bytes *files, struct shape *shapes, struct hash *hash,
                              struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count; i++) {
        const char *path = names->paths[i];
        TRY(bytes_read(&files[i], path, IMAGEFILE_LENGTH, error));
        TRY(bytes_hash(&files[i], strrchr(path, '/') + 1, hash, error));
        TRY(imagefile_shape(bytes_span(&files[i], path), channels, &shapes[i], error));
    }
out:
    return status;
}

static enum status read_pool(const char *folder, const char *pool, size_t wanted, int channels,
                             int threads, struct image_set *images, struct hash *hash,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct names names = {0};
    struct bytes *files = NULL;
    struct shape *shapes = NULL;
    size_t count = 0;

    TRY(list(&names, folder, error));
    TRY(pool_count(folder, pool, wanted, names.count, &count, error));
    TRY(memory_new(&files, count, sizeof *files, error));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    TRY(hash_number(hash, count, error));
    TRY(read_files(&names, count, channels, files, shapes, hash, error));
    TRY(image_set_new(images, count, shapes, error));
    struct decoding decoding = {files, names.paths, images, NULL};
    TRY(decode_all(&decoding, count, threads, error));
out:
    for (size_t i = 0; files && i < count; i++)
        bytes_release(&files[i]);
    memory_free(files);
    memory_free(shapes);
    names_release(&names);
    return status;
}

/* `name` itself where it is absolute, else below the data directory. */
static void folder_path(struct text *path, const char *directory, const char *name)
{
    text_clear(path);
    if (name[0] == '/')
        text_append(path, "%s", name);
    else
        text_append(path, "%s/%s", directory, name);
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    const struct folder *folder = config;
    int channels = folder->colour ? 3 : 1;
    struct hash hash = {0};
    struct text path = {0};
    size_t none;

    memset(content, 0, sizeof *content);
    TRY(hash_begin(&hash, error));
    folder_path(&path, request->directory, folder->train);
    TRY(text_status(&path, error));
    TRY(read_pool(path.bytes, "training", request->train, channels, request->threads,
                  &content->train.images, &hash, error));
    if (folder->test[0]) {
        folder_path(&path, request->directory, folder->test);
        TRY(text_status(&path, error));
        TRY(read_pool(path.bytes, "test", request->test, channels, request->threads,
                      &content->test.images, &hash, error));
    } else
        TRY(pool_count("folder", "test", request->test, 0, &none, error));
    TRY(hash_end(&hash, content->sha256, error));
out:
    text_release(&path);
    hash_release(&hash);
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

static void folders(const void *config, const char *directory, struct text *lines)
{
    const struct folder *folder = config;
    const char *const names[] = {folder->train, folder->test};

    for (size_t i = 0; i < 2; i++)
        if (names[i][0]) {
            if (names[i][0] != '/')
                text_append(lines, "%s/", directory);
            text_append(lines, "%s\n", names[i]);
        }
}

const struct dataset dataset_folder = {
    .descriptor =
        {
            .name = "folder",
            .summary = "a folder of PNG, JPEG or PNM images, grey or colour",
            .fields = fields,
            .config_size = sizeof(struct folder),
            .version = 1,
        },
    .load = load,
    .folders = folders,
};
