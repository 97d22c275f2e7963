/*
 * CIFAR-10, binary version: 50,000 + 10,000 colour photographs of ten classes of things, 32 x 32
 * (Krizhevsky 2009). Five training files and one test file of 10,000 records each; a record is
 * the label, then the planes red, green, blue, row by row: our own order of values.
 */
#include "data/readers.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { BATCH = 10000, TRAIN_BATCHES = 5, LIMIT = 64 << 20 };

enum status cifar10_records(struct span file, size_t *count, struct error *error)
{
    if (file.length == 0 || file.length % CIFAR10_RECORD != 0)
        return error_set(error, STATUS_DATA,
                         "%s: wrong length; expected whole records of %d bytes, found %zu bytes",
                         file.name, CIFAR10_RECORD, file.length);
    *count = file.length / CIFAR10_RECORD;
    for (size_t i = 0; i < *count; i++)
        if (file.data[i * CIFAR10_RECORD] > 9)
            return error_set(error, STATUS_DATA, "%s: label %zu is %u; expected 0 to 9", file.name,
                             i, file.data[i * CIFAR10_RECORD]);
    return STATUS_OK;
}

/* Read one file and keep its records that fall below the pool's size; `first` is the number of
 * its first record in the pool. */
static enum status read_batch(const char *directory, const char *name, size_t first,
                              struct dataset_pool *pool, struct hash *hash, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct text path = {0};
    size_t count;

    TRY(text_print(&path, error, "%s/cifar10/%s", directory, name));
    if (!data_is_there(path.bytes))
        TRY(data_missing(path.bytes, "cifar10", error));
    TRY(bytes_read(&bytes, path.bytes, LIMIT, error));
    TRY(bytes_hash(&bytes, name, hash, error));
    TRY(cifar10_records(bytes_span(&bytes, path.bytes), &count, error));
    if (count != BATCH)
        TRY(error_set(error, STATUS_DATA, "%s: expected %d images, found %zu", path.bytes, BATCH,
                      count));
    for (size_t i = 0; i < count && first + i < pool->images.count; i++) {
        const unsigned char *record = bytes.data + i * CIFAR10_RECORD;
        pool->classes[first + i] = record[0];
        values_from_bytes(image_set_at(&pool->images, first + i).pixels, record + 1,
                          CIFAR10_PIXELS);
    }
out:
    text_release(&path);
    bytes_release(&bytes);
    return status;
}

static enum status new_pool(const char *name, size_t wanted, size_t available,
                            struct dataset_pool *pool, struct error *error)
{
    size_t count;

    PASS(pool_count("cifar10", name, wanted, available, &count, error));
    PASS(image_set_new_uniform(&pool->images, count, (struct shape){3, CIFAR10_SIDE, CIFAR10_SIDE},
                               error));
    return memory_new(&pool->classes, count, 1, error);
}

static const char *const names[] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
};

static enum status list(const void *config, const char *directory, struct dataset_listing *listing,
                        struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct error fault;

    (void)config;
    listing->train = TRAIN_BATCHES * BATCH;
    listing->test = BATCH;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        TRY(text_print(&path, error, "%s/cifar10/%s", directory, names[i]));
        if (data_is_there(path.bytes))
            continue;
        status = data_missing(path.bytes, "cifar10", &fault);
        TRY(data_fault(faults, "cifar10", directory, &fault, listing, error));
    }
out:
    text_release(&path);
    return status;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    const char *directory = request->directory;
    struct hash hash = {0};

    (void)config;
    memset(content, 0, sizeof *content);
    TRY(hash_begin(&hash, error));
    TRY(new_pool("training", request->train, TRAIN_BATCHES * BATCH, &content->train, error));
    TRY(new_pool("test", request->test, BATCH, &content->test, error));
    for (size_t i = 0; i < TRAIN_BATCHES; i++)
        TRY(read_batch(directory, names[i], i * BATCH, &content->train, &hash, error));
    TRY(read_batch(directory, names[TRAIN_BATCHES], 0, &content->test, &hash, error));
    TRY(hash_end(&hash, content->sha256, error));
    content->train.containers = &names[0];
    content->test.containers = &names[TRAIN_BATCHES];
    content->train.contained = content->test.contained = BATCH;
    content->count = 10;
    content->may_share = true; /* as published */
out:
    hash_release(&hash);
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

static void shape(const void *config, enum content labels, struct shape *shape, int *count)
{
    (void)config;
    *shape = (struct shape){3, CIFAR10_SIDE, CIFAR10_SIDE};
    *count = labels == CONTENT_SCORES ? 10 : 0;
}

/* As batches.meta.txt of the archive lists them. */
static const char *const class_names[] = {"airplane", "automobile", "bird", "cat",   "deer", "dog",
                                          "frog",     "horse",      "ship", "truck", NULL};

const struct dataset dataset_cifar10 = {
    .descriptor =
        {
            .name = "cifar10",
            .summary = "50,000 + 10,000 colour photographs of ten classes, 32 x 32",
            .source = "Krizhevsky: Learning multiple layers of features from tiny images, 2009",
            .version = 1,
        },
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .shape = shape,
    .train = 50000,
    .test = 10000,
    .class_names = class_names,
    .list = list,
    .load = load,
};
