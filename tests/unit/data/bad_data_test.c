/*
 * Every malformed data file: tests/bad/data/NAME is fed to its reader, and the message must be
 * exactly that of NAME.message beside it. The ending tells the reader: .idx3 images and .idx1
 * labels (.gz first unpacked), .cifar10 records, any other an image. A folder is a data directory
 * that holds one damaged data set, in a folder of the set's name.
 */
#include "data/folder.h"
#include "data/readers.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/registry.h"
#include "io/images/imagefile.h"
#include "tests/unit/defaults.h"
#include "tests/unit/pools.h"

#include <CUnit/CUnit.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void bad_data_suite(void);

extern const struct dataset dataset_folder;

#define FOLDER "tests/bad/data"

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static bool ends(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static enum status read_image(struct span file, struct error *error)
{
    enum status status = STATUS_OK;
    struct image image = {0};

    TRY(imagefile_shape(file, 1, &image.shape, error));
    TRY(memory_new(&image.pixels, shape_size(image.shape), sizeof *image.pixels, error));
    TRY(imagefile_decode(file, image, error));
out:
    memory_free(image.pixels);
    return status;
}

static enum status read_file(const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct idx idx;
    size_t count;

    if (contains(path, ".idx"))
        TRY(bytes_read_unpacked(&bytes, path, 1 << 20, error));
    else
        TRY(bytes_read(&bytes, path, 1 << 20, error));
    struct span file = bytes_span(&bytes, path);
    if (contains(path, ".idx3"))
        TRY(idx_images(file, &idx, error));
    else if (contains(path, ".idx1"))
        TRY(idx_labels(file, &idx, error));
    else if (ends(path, ".cifar10"))
        TRY(cifar10_records(file, &count, error));
    else
        TRY(read_image(file, error));
out:
    bytes_release(&bytes);
    return status;
}

static bool has_folder(const char *directory, const char *name)
{
    char path[512];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &facts) == 0;
}

/* The set whose folder lies in `directory`. */
static const struct dataset *set_in(const char *directory)
{
    const struct registry *registry = registry_datasets();
    for (size_t i = 0; i < registry->count; i++)
        if (has_folder(directory, registry->rows[i]->name))
            return dataset_of(registry->rows[i]);
    return NULL;
}

static enum status read_set(const char *directory, struct error *error)
{
    const struct dataset *set = set_in(directory);
    struct dataset_request request = {directory, 0, 1, 1, 2, NULL, CONTENT_IMAGE};
    struct folder folder = {"folder", "", 0, {NULL, 0}, false, {NULL, 0}, NULL};
    struct dataset_content content;
    union {
        double alignment;
        unsigned char bytes[256];
    } config = {0};

    CU_ASSERT_FATAL(set != NULL && set->descriptor.config_size <= sizeof config);
    defaults_fill(&set->descriptor, config.bytes);
    if (set == &dataset_folder) {
        memcpy(config.bytes, &folder, sizeof folder);
        request.train = SIZE_MAX;
        request.test = 0;
    }
    enum status status = set->load(config.bytes, &request, &content, error);
    if (status == STATUS_OK)
        status = pools_hold(&content, 2, error);
    CU_ASSERT(content.train.images.count == 0 && content.train.classes == NULL);
    dataset_content_release(&content);
    return status;
}

static enum status read_any(const char *path, struct error *error)
{
    struct stat facts;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
        return read_set(path, error);
    return read_file(path, error);
}

static void check(const char *name)
{
    char path[512], expected[1024] = "", text[2048] = "";
    struct error error = {0};

    snprintf(path, sizeof path, "%s/%s.message", FOLDER, name);
    FILE *file = fopen(path, "r");
    if (file) {
        size_t length = fread(expected, 1, sizeof expected - 1, file);
        expected[length] = '\0';
        expected[strcspn(expected, "\n")] = '\0';
        fclose(file);
    }
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    enum status status = read_any(path, &error);
    CU_ASSERT(status == STATUS_DATA || status == STATUS_IO);
    CU_ASSERT(status == error.code);
    error_text(&error, text, sizeof text);
    CU_ASSERT(strcmp(text, expected) == 0);
    if (strcmp(text, expected) != 0)
        printf("%s\n  expected: %s\n  found:    %s\n", name, expected, text);
}

static void every_bad_file(void)
{
    DIR *directory = opendir(FOLDER);
    int count = 0;

    CU_ASSERT_FATAL(directory != NULL);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.' || ends(entry->d_name, ".message"))
            continue;
        check(entry->d_name);
        count++;
    }
    closedir(directory);
    CU_ASSERT(count >= 40);
}

/* Each n-th allocation fails in turn: memory is what every reader then reports lacking, with
 * nothing leaked (which the sanitizers see). Damage must not hide a failed allocation's message. */
static void allocations_fail(void)
{
    static const char *const names[] = {"gzip-bad-crc.idx1.gz",     "truncated-body.idx3",
                                        "labels-fewer-than-images", "damaged-among-images",
                                        "png-truncated.png",        "jpeg-truncated.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        struct error error;
        enum status status = STATUS_MEMORY;
        snprintf(path, sizeof path, "%s/%s", FOLDER, names[i]);
        for (size_t n = 1; status == STATUS_MEMORY && n < 1000; n++) {
            memory_fail_at(n);
            status = read_any(path, &error);
        }
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_DATA);
    }
}

void bad_data_suite(void)
{
    CU_pSuite suite = CU_add_suite("bad_data", NULL, NULL);

    CU_add_test(suite, "every malformed file gives its message", every_bad_file);
    CU_add_test(suite, "the n-th allocation fails while reading", allocations_fail);
}
