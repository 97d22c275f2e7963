/*
 * MNIST: 60,000 + 10,000 handwritten digits, grey, 28 x 28 (LeCun, Bottou, Bengio, Haffner 1998).
 * Four IDX files under their published names, plain or gzip (".gz"). The SHA-256 is taken over
 * the unpacked bytes, so that both agree. Files are read and hashed whole, whatever is wanted.
 */
#include "data/readers.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { SIDE = 28, LIMIT = 256 << 20 };

static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/* DIRECTORY/mnist/NAME, or the same with .gz where only that is there. */
static enum status find_file(const char *directory, const char *name, struct text *path,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct text packed = {0};

    TRY(text_print(path, error, "%s/mnist/%s", directory, name));
    TRY(text_print(&packed, error, "%s.gz", path->bytes));
    if (!data_is_there(path->bytes)) {
        if (!data_is_there(packed.bytes))
            TRY(data_missing(path->bytes, "mnist", error));
        text_append(path, ".gz");
        TRY(text_status(path, error));
    }
out:
    text_release(&packed);
    return status;
}

static enum status list(const void *config, const char *directory, struct dataset_listing *listing,
                        struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct error fault;

    (void)config;
    listing->train = listing->test = SIZE_MAX;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (find_file(directory, names[i], &path, &fault) != STATUS_OK)
            TRY(data_fault(faults, "mnist", directory, &fault, listing, error));
out:
    text_release(&path);
    return status;
}

/* `path` gets the one that was read. */
static enum status read_file(const char *directory, const char *name, struct bytes *bytes,
                             struct text *path, struct hash *hash, struct error *error)
{
    PASS(find_file(directory, name, path, error));
    PASS(bytes_read_unpacked(bytes, path->bytes, LIMIT, error));
    return bytes_hash(bytes, name, hash, error);
}

static enum status read_images(const char *directory, const char *name, size_t wanted,
                               const char *pool, struct image_set *set, size_t *available,
                               struct hash *hash, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct text path = {0};
    struct idx images;
    size_t count;

    TRY(read_file(directory, name, &bytes, &path, hash, error));
    TRY(idx_images(bytes_span(&bytes, path.bytes), &images, error));
    if (images.height != SIDE || images.width != SIDE)
        TRY(error_set(error, STATUS_DATA, "%s: expected images of %d x %d, found %zu x %zu",
                      path.bytes, SIDE, SIDE, images.height, images.width));
    TRY(pool_count("mnist", pool, wanted, images.count, &count, error));
    TRY(image_set_new_uniform(set, count, (struct shape){1, SIDE, SIDE}, error));
    values_from_bytes(set->pixels, images.values, set->offsets[count]);
    *available = images.count;
out:
    text_release(&path);
    bytes_release(&bytes);
    return status;
}

static enum status read_labels(const char *directory, const char *name, size_t available,
                               struct dataset_pool *pool, struct hash *hash, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct text path = {0};
    struct idx labels;

    TRY(read_file(directory, name, &bytes, &path, hash, error));
    TRY(idx_labels(bytes_span(&bytes, path.bytes), &labels, error));
    if (labels.count != available)
        TRY(error_set(error, STATUS_DATA, "%s: expected %zu labels, one an image, found %zu",
                      path.bytes, available, labels.count));
    TRY(memory_new(&pool->classes, pool->images.count, 1, error));
    if (pool->images.count)
        memcpy(pool->classes, labels.values, pool->images.count);
out:
    text_release(&path);
    bytes_release(&bytes);
    return status;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    const char *directory = request->directory;
    struct hash hash = {0};
    size_t train, test;

    (void)config;
    memset(content, 0, sizeof *content);
    content->train.containers = &names[0];
    content->test.containers = &names[2];
    content->train.contained = content->test.contained = SIZE_MAX;
    TRY(hash_begin(&hash, error));
    TRY(read_images(directory, names[0], request->train, "training", &content->train.images, &train,
                    &hash, error));
    TRY(read_labels(directory, names[1], train, &content->train, &hash, error));
    TRY(read_images(directory, names[2], request->test, "test", &content->test.images, &test, &hash,
                    error));
    TRY(read_labels(directory, names[3], test, &content->test, &hash, error));
    TRY(hash_end(&hash, content->sha256, error));
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
    *shape = (struct shape){1, SIDE, SIDE};
    *count = labels == CONTENT_SCORES ? 10 : 0;
}

const struct dataset dataset_mnist = {
    .descriptor =
        {
            .name = "mnist",
            .summary = "60,000 + 10,000 handwritten digits, grey, 28 x 28",
            .source = "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document "
                      "recognition, 1998",
            .version = 1,
        },
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .shape = shape,
    .train = 60000,
    .test = 10000,
    .list = list,
    .load = load,
};
