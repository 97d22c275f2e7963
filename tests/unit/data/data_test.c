#include "data/folder.h"
#include "interfaces/dataset.h"

#include "base/memory.h"
#include "tests/unit/pools.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

void data_suite(void);

extern const struct dataset dataset_cifar10, dataset_digits, dataset_folder, dataset_leaves,
    dataset_mnist;

static const char *const raw = "data/raw";

static bool present(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) == 0)
        return true;
    printf("skipped: %s is not there\n", path);
    return false;
}

static enum status load(const struct dataset *set, const void *config, size_t train, size_t test,
                        int threads, struct dataset_content *content)
{
    struct dataset_request request = {raw, 5, train, test, threads, NULL, CONTENT_IMAGE};
    struct error error = {0};
    enum status status = set->load(config, &request, content, &error);
    if (status == STATUS_OK)
        status = pools_hold(content, threads, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    return status;
}

/* The sum of all pixels in their 8-bit levels. */
static int64_t levels(const struct image_set *set)
{
    int64_t sum = 0;
    for (size_t i = 0; i < set->offsets[set->count]; i++)
        sum += (int64_t)lrintf(set->pixels[i] * 255.0f);
    return sum;
}

static int level(const struct image_set *set, size_t index, int channel, int row, int column)
{
    struct image image = image_set_at(set, index);
    size_t at =
        ((size_t)channel * (size_t)image.shape.height + (size_t)row) * (size_t)image.shape.width +
        (size_t)column;
    return (int)lrintf(image.pixels[at] * 255.0f);
}

static void count_classes(const struct dataset_pool *pool, int counts[10])
{
    memset(counts, 0, 10 * sizeof *counts);
    for (size_t i = 0; i < pool->images.count; i++)
        counts[pool->classes[i]]++;
}

/* Figures by numpy from the published files. */
static void mnist_facts(void)
{
    static const int first[] = {5, 0, 4, 1, 9}, row[] = {3, 18, 18, 18, 126, 136, 175, 26};
    static const int classes[] = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
    struct dataset_content content;
    int counts[10];

    if (!present("data/raw/mnist"))
        return;
    CU_ASSERT_FATAL(load(&dataset_mnist, NULL, SIZE_MAX, SIZE_MAX, 1, &content) == STATUS_OK);
    CU_ASSERT(content.train.images.count == 60000 && content.test.images.count == 10000);
    CU_ASSERT(content.count == 10);
    for (int i = 0; i < 5; i++)
        CU_ASSERT(content.train.classes[i] == first[i]);
    CU_ASSERT(content.train.classes[59999] == 8 && content.test.classes[0] == 7);
    count_classes(&content.train, counts);
    CU_ASSERT(memcmp(counts, classes, sizeof counts) == 0);
    for (int i = 0; i < 8; i++)
        CU_ASSERT(level(&content.train.images, 0, 0, 5, 12 + i) == row[i]);
    CU_ASSERT(levels(&content.train.images) == 1567298545);
    CU_ASSERT(levels(&content.test.images) == 264923200);
    dataset_content_release(&content);
}

/* As many names as classes, as batches.meta.txt has them. */
static void cifar10_names(void)
{
    const char *const *names = dataset_cifar10.class_names;
    size_t count = 0;

    while (names[count])
        count++;
    CU_ASSERT_EQUAL_FATAL(count, 10);
    CU_ASSERT_STRING_EQUAL(names[0], "airplane");
    CU_ASSERT_STRING_EQUAL(names[6], "frog"); /* the first training image: see below */
    CU_ASSERT_STRING_EQUAL(names[9], "truck");
    CU_ASSERT_PTR_NULL(dataset_mnist.class_names);
}

static void cifar10_facts(void)
{
    static const int first[] = {6, 9, 9, 4, 1};
    struct dataset_content content;

    if (!present("data/raw/cifar10"))
        return;
    CU_ASSERT_FATAL(load(&dataset_cifar10, NULL, 10001, SIZE_MAX, 1, &content) == STATUS_OK);
    CU_ASSERT(content.train.images.count == 10001 && content.test.images.count == 10000);
    for (int i = 0; i < 5; i++)
        CU_ASSERT(content.train.classes[i] == first[i]);
    CU_ASSERT(content.train.classes[9999] == 5);
    CU_ASSERT(level(&content.train.images, 0, 0, 0, 0) == 59);
    CU_ASSERT(level(&content.train.images, 0, 1, 0, 0) == 62);
    CU_ASSERT(level(&content.train.images, 0, 2, 0, 0) == 63);
    CU_ASSERT(level(&content.train.images, 9999, 2, 31, 31) == 131);
    CU_ASSERT(levels(&content.test.images) == 3733375634);
    dataset_content_release(&content);
    CU_ASSERT_FATAL(load(&dataset_cifar10, NULL, SIZE_MAX, 0, 1, &content) == STATUS_OK);
    CU_ASSERT(content.train.images.count == 50000 && content.test.images.count == 0);
    CU_ASSERT(content.train.classes[49999] == 1);
    CU_ASSERT(level(&content.train.images, 49999, 2, 31, 31) == 161);
    dataset_content_release(&content);
}

/* Sums over all images by PIL's convert("L") and by its RGB. */
static void bsds300_facts(void)
{
    struct folder config = {"bsds300/train", "bsds300/test", 0, {NULL, 0}, false, {NULL, 0}, NULL};
    struct dataset_content grey, colour;

    if (!present("data/raw/bsds300"))
        return;
    CU_ASSERT_FATAL(load(&dataset_folder, &config, SIZE_MAX, SIZE_MAX, 2, &grey) == STATUS_OK);
    CU_ASSERT(grey.train.images.count == 200 && grey.test.images.count == 100);
    CU_ASSERT(shape_equal(grey.train.images.shapes[0], (struct shape){1, 321, 481}));
    CU_ASSERT(shape_equal(grey.train.images.shapes[199], (struct shape){1, 321, 481}));
    CU_ASSERT(level(&grey.train.images, 0, 0, 0, 0) == 111);
    CU_ASSERT(level(&grey.train.images, 199, 0, 320, 480) == 68);
    CU_ASSERT(levels(&grey.train.images) == 3399747160);
    CU_ASSERT(levels(&grey.test.images) == 1668846050);
    config.colour = 1;
    CU_ASSERT_FATAL(load(&dataset_folder, &config, 1, 1, 1, &colour) == STATUS_OK);
    CU_ASSERT(shape_equal(colour.train.images.shapes[0], (struct shape){3, 321, 481}));
    CU_ASSERT(levels(&colour.train.images) == 13025234 + 15696549 + 13772058);
    CU_ASSERT(level(&colour.train.images, 0, 1, 10, 20) == 127);
    CU_ASSERT(level(&colour.test.images, 0, 2, 10, 20) == 96);
    dataset_content_release(&colour);
    dataset_content_release(&grey);
}

static void folder_of_pngs(void)
{
    struct folder config = {"set12", "", 0, {NULL, 0}, false, {NULL, 0}, NULL};
    struct dataset_content content;

    if (!present("data/raw/set12"))
        return;
    CU_ASSERT_FATAL(load(&dataset_folder, &config, SIZE_MAX, SIZE_MAX, 3, &content) == STATUS_OK);
    CU_ASSERT(content.train.images.count == 12 && content.test.images.count == 0);
    CU_ASSERT(strlen(content.sha256) == 64);
    CU_ASSERT(content.train.classes == NULL && content.count == 0);
    CU_ASSERT(content.train.images.shapes[0].width == 256);
    CU_ASSERT(content.train.images.shapes[11].width == 512);
    dataset_content_release(&content);
}

/* Small sets that this test writes itself. */
static const char *own_folder(char path[512], const char *name)
{
    const char *folder = getenv("UNDERSTUDY_TEST_DIR");
    snprintf(path, 512, "%s/%s", folder ? folder : "build/tests/tmp", name);
    mkdir(path, 0777);
    return path;
}

static void write_bytes(const char *folder, const char *name, const char *bytes, size_t length)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT(fwrite(bytes, 1, length, file) == length);
    CU_ASSERT(fclose(file) == 0);
}

static void folder_sorts_by_bytes(void)
{
    char path[512], file[640];
    struct error error = {0};
    struct dataset_content content;

    own_folder(path, "bytes");
    write_bytes(path, "b.pgm", "P5 1 1 255\n\x01", 12);
    write_bytes(path, "B.pgm", "P5 1 1 255\n\x02", 12);
    write_bytes(path, "10.pgm", "P5 1 1 255\n\x03", 12);
    write_bytes(path, "9.pgm", "P5 1 1 255\n\x04", 12);
    struct dataset_request request = {path, 0, SIZE_MAX, SIZE_MAX, 2, NULL, CONTENT_IMAGE};
    struct folder config = {".", "", 0, {NULL, 0}, false, {NULL, 0}, NULL};
    CU_ASSERT_FATAL(dataset_folder.load(&config, &request, &content, &error) == STATUS_OK);
    CU_ASSERT_FATAL(pools_hold(&content, 2, &error) == STATUS_OK);
    CU_ASSERT_FATAL(content.train.images.count == 4);
    int order[] = {3, 4, 2, 1};
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT(level(&content.train.images, i, 0, 0, 0) == order[i]);
    dataset_content_release(&content);
    const char *names[] = {"b.pgm", "B.pgm", "10.pgm", "9.pgm"};
    for (int i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        remove(file);
    }
    remove(path);
}

static void missing_data_are_named(void)
{
    const struct dataset *sets[] = {&dataset_mnist, &dataset_cifar10, &dataset_folder};
    const char *messages[] = {
        "no/such/mnist/train-images-idx3-ubyte: no such file; `make data SETS=mnist` downloads it",
        "no/such/cifar10/data_batch_1.bin: no such file; `make data SETS=cifar10` downloads it",
        "no/such/photos: no such folder; `make data` downloads the published data sets"};
    struct folder config = {"photos", "", 0, {NULL, 0}, false, {NULL, 0}, NULL};

    for (int i = 0; i < 3; i++) {
        struct dataset_request request = {"no/such", 0, 1, 1, 1, NULL, CONTENT_IMAGE};
        struct dataset_content content;
        struct error error = {0};
        CU_ASSERT(sets[i]->load(&config, &request, &content, &error) == STATUS_IO);
        CU_ASSERT_STRING_EQUAL(error.message, messages[i]);
        CU_ASSERT(content.train.images.count == 0);
    }
}

static void write_packed(const char *folder, const char *name, const char *bytes, size_t length)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.gz", folder, name);
    gzFile file = gzopen(path, "wb");
    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT(gzwrite(file, bytes, (unsigned)length) == (int)length);
    CU_ASSERT(gzclose(file) == Z_OK);
}

typedef void writer(const char *folder, const char *name, const char *bytes, size_t length);

/* Three training images and two test images of MNIST's form. */
static const char *tiny_mnist(char path[512], const char *name, writer *write)
{
    char images[16 + 3 * 784] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28};
    char labels[8 + 3] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};
    char inner[512];

    own_folder(path, name);
    snprintf(inner, sizeof inner, "%.500s/mnist", path);
    mkdir(inner, 0777);
    for (int i = 0; i < 3 * 784; i++)
        images[16 + i] = (char)(i % 127);
    write(inner, "train-images-idx3-ubyte", images, sizeof images);
    write(inner, "train-labels-idx1-ubyte", labels, sizeof labels);
    images[7] = labels[7] = 2;
    write(inner, "t10k-images-idx3-ubyte", images, sizeof images - 784);
    write(inner, "t10k-labels-idx1-ubyte", labels, sizeof labels - 1);
    return path;
}

static void more_than_there_is(void)
{
    char path[512];
    struct dataset_request request = {
        tiny_mnist(path, "tiny", write_bytes), 0, 4, 1, 1, NULL, CONTENT_IMAGE};
    struct dataset_content content;
    struct error error = {0};

    CU_ASSERT(dataset_mnist.load(NULL, &request, &content, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "mnist: 4 training images are wanted, the data set has 3");
}

/* Plain and gzip files, more or fewer images wanted: the digest is the same. */
static void digest_is_of_whole_files(void)
{
    char plain[512], packed[512];
    struct dataset_request few = {
        tiny_mnist(plain, "tiny", write_bytes), 0, 1, 0, 1, NULL, CONTENT_IMAGE};
    struct dataset_request all = {tiny_mnist(packed, "tiny_packed", write_packed),
                                  0,
                                  SIZE_MAX,
                                  SIZE_MAX,
                                  1,
                                  NULL,
                                  CONTENT_IMAGE};
    struct dataset_content a, b;

    CU_ASSERT_FATAL(dataset_mnist.load(NULL, &few, &a, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(dataset_mnist.load(NULL, &all, &b, NULL) == STATUS_OK);
    CU_ASSERT(a.train.images.count == 1 && a.test.images.count == 0);
    CU_ASSERT(b.train.images.count == 3 && b.test.images.count == 2);
    CU_ASSERT(a.train.classes[0] == 7 && b.train.classes[2] == 9);
    CU_ASSERT(level(&b.train.images, 2, 0, 27, 27) == (3 * 784 - 1) % 127);
    CU_ASSERT(strlen(a.sha256) == 64 && strcmp(a.sha256, b.sha256) == 0);
    dataset_content_release(&a);
    dataset_content_release(&b);
}

/* Each n-th allocation fails in turn, until none does and `last` is met; the content is empty each
 * time, and nothing leaks. */
static void fail_allocations(const struct dataset *set, const void *config, const char *directory,
                             enum status last)
{
    struct dataset_request request = {directory, 0, 2, 1, 1, NULL, CONTENT_IMAGE};
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status == STATUS_MEMORY && n < 1000; n++) {
        struct dataset_content content;
        memory_fail_at(n);
        status = set->load(config, &request, &content, NULL);
        if (status == STATUS_OK)
            status = pools_hold(&content, 1, NULL);
        memory_fail_at(0);
        if (status != STATUS_OK)
            CU_ASSERT(content.train.images.count == 0 && content.train.classes == NULL);
        dataset_content_release(&content);
    }
    CU_ASSERT(status == last);
}

/* A first batch of zeros, the others missing: 30 MB of nothing on the disk. */
static const char *tiny_cifar10(char path[512])
{
    char inner[1024];
    own_folder(path, "tiny");
    snprintf(inner, sizeof inner, "%s/cifar10", path);
    mkdir(inner, 0777);
    write_bytes(inner, "data_batch_1.bin", "", 0);
    snprintf(inner, sizeof inner, "%s/cifar10/data_batch_1.bin", path);
    CU_ASSERT_FATAL(truncate(inner, 10000 * 3073) == 0);
    return path;
}

static void allocations_fail(void)
{
    char path[512];
    int64_t size = 28;
    struct {
        int64_t height, width, colour;
        double smallest;
    } leaves = {16, 16, 1, 2};
    struct folder folder = {".", ".", 0, {NULL, 0}, true, {NULL, 0}, NULL};

    fail_allocations(&dataset_digits, &size, "", STATUS_OK);
    fail_allocations(&dataset_leaves, &leaves, "", STATUS_OK);
    fail_allocations(&dataset_mnist, NULL, tiny_mnist(path, "tiny", write_bytes), STATUS_OK);
    fail_allocations(&dataset_mnist, NULL, tiny_mnist(path, "tiny_packed", write_packed),
                     STATUS_OK);
    fail_allocations(&dataset_cifar10, NULL, tiny_cifar10(path), STATUS_IO);
    own_folder(path, "images");
    write_bytes(path, "a.pgm", "P5 1 1 255\n\x01", 12);
    write_bytes(path, "b.ppm", "P6 1 1 255\n\x01\x02\x03", 14);
    fail_allocations(&dataset_folder, &folder, path, STATUS_OK);
}

void data_suite(void)
{
    CU_pSuite suite = CU_add_suite("data", NULL, NULL);

    CU_add_test(suite, "MNIST's known facts", mnist_facts);
    CU_add_test(suite, "CIFAR-10's names of classes", cifar10_names);
    CU_add_test(suite, "CIFAR-10's known facts", cifar10_facts);
    CU_add_test(suite, "BSDS300's known facts", bsds300_facts);
    CU_add_test(suite, "a folder of PNGs", folder_of_pngs);
    CU_add_test(suite, "a folder is read in byte order", folder_sorts_by_bytes);
    CU_add_test(suite, "missing data are named, with the remedy", missing_data_are_named);
    CU_add_test(suite, "more images wanted than there are", more_than_there_is);
    CU_add_test(suite, "the digest is of whole files", digest_is_of_whole_files);
    CU_add_test(suite, "the n-th allocation fails", allocations_fail);
}
