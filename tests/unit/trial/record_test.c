/* cache/record: values and arrays come back, damage is told, and a failing
 * allocation leaves nothing behind. */
#include "interfaces/engine.h"
#include "results/results_write.h"
#include "tests/unit/made_record.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>
#include <unistd.h>

void record_suite(void);

static enum status read_record(struct record *record, const char *path, const char *key,
                               struct error *reason)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    memset(record, 0, sizeof *record);
    TRY(bytes_read(&bytes, path, SIZE_MAX / 2, reason));
    TRY(record_image_values(bytes_span(&bytes, path), key, record, reason));
out:
    bytes_release(&bytes);
    if (status != STATUS_OK)
        record_release(record);
    return status;
}

static void test_record_round_trip(void)
{
    struct record record = {0}, back;
    char path[SCRATCH_PATH];

    scratch_path(path, "record.h5");
    OK(fill_record(&record, 5));
    OK(record_real(&record, "nan", nan(""), &error));
    OK(record_real(&record, "network.test.ssim", 0.25, &error)); /* again: takes the new value */
    OK(record_text(&record, "empty", "", &error));
    OK(record_write(&record, path, "key", true, &error));
    OK(read_record(&back, path, "key", &error));
    CU_ASSERT_EQUAL_FATAL(back.value_count, record.value_count);
    for (size_t i = 0; i < back.value_count; i++) {
        const struct record_value *a = &record.values[i], *b = &back.values[i];
        CU_ASSERT_STRING_EQUAL(a->name, b->name);
        CU_ASSERT_STRING_EQUAL(a->text, b->text);
        CU_ASSERT(a->type == b->type && a->integer == b->integer);
        CU_ASSERT(memcmp(&a->real, &b->real, sizeof a->real) == 0);
    }
    CU_ASSERT(back.values[1].real == 0.25);
    record_release(&back);
    CU_ASSERT_EQUAL(read_record(&back, path, "other", &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "expected other"));
    CU_ASSERT_EQUAL(truncate(path, 1500), 0);
    CU_ASSERT_EQUAL(read_record(&back, path, "key", &error), STATUS_DATA);
    CU_ASSERT(back.value_count == 0 && back.values == NULL);
    record_release(&record);
}

/* The record of the program before this one: the same values, all arrays apart, no line of them. */
static void before(const struct record *record, struct bytes *image)
{
    struct record values = *record;
    struct hash hash = {0};
    char sha256[HASH_TEXT], line[64];
    size_t place, length;

    values.array_count = 0;
    OK(record_image(&values, "key", image, &error));
    const char *found = strstr((char *)image->data, "values ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(sscanf(found, "values %zu %zu", &place, &length), 2);
    snprintf(line, sizeof line, "values %zu %zu\n", place, length);
    OK(hash_begin(&hash, &error));
    OK(hash_bytes(&hash, image->data + 512, image->length - 512, &error));
    OK(hash_bytes(&hash, line, strlen(line), &error));
    OK(hash_end(&hash, sha256, &error));
    hash_release(&hash);
    memset(image->data, 0, 512);
    snprintf((char *)image->data, 512, "understudy entry 4\nkey key\nsha256 %s\n%s", sha256, line);
}

/* It is still read, and verified. */
static void test_record_of_before(void)
{
    struct record record = {0}, back = {0};
    struct bytes image;
    struct hdf5 file;

    OK(fill_record(&record, 5));
    before(&record, &image);
    OK(record_image_values(bytes_span(&image, "before"), "key", &back, &error));
    CU_ASSERT_EQUAL(back.value_count, record.value_count);
    CU_ASSERT_STRING_EQUAL(back.values[0].name, record.values[0].name);
    record_release(&back);
    OK(record_open(bytes_span(&image, "before"), "key", &back, &file, &error));
    CU_ASSERT_EQUAL(back.value_count, record.value_count);
    CU_ASSERT_TRUE(hdf5_exists(&file, "/record")); /* where its arrays are */
    hdf5_abandon(&file);
    record_release(&back);
    image.data[image.length - 1] ^= 1;
    CU_ASSERT_EQUAL(record_image_values(bytes_span(&image, "before"), "key", &back, &error),
                    STATUS_DATA);
    record_release(&back);
    bytes_release(&image);
    record_release(&record);
}

static void same_array(const struct record *a, const struct record *b, const char *path,
                       size_t bytes)
{
    const struct hdf5_array *one = record_find(a, path), *other = record_find(b, path);

    CU_ASSERT_FATAL(one && other);
    CU_ASSERT_EQUAL(one->type, other->type);
    CU_ASSERT_EQUAL(one->rank, other->rank);
    CU_ASSERT_EQUAL(one->text_size, other->text_size);
    CU_ASSERT(memcmp(one->dims, other->dims, sizeof one->dims) == 0);
    CU_ASSERT(memcmp(one->values, other->values, bytes) == 0);
}

/* Arrays of up to 4096 bytes need no file of HDF5; beside a larger one, that alone is in it. */
static void test_record_arrays(void)
{
    static char texts[] = "one\0three";
    static int64_t numbers[513];
    struct record record = {0}, back = {0};
    struct bytes image;
    struct hdf5 file;
    struct hdf5_array array = {
        .type = HDF5_TEXT, .rank = 2, .dims = {2, 1}, .text_size = 5, .values = texts};

    OK(record_array(&record, "notes/texts", &array, &error));
    for (size_t i = 0; i < 513; i++)
        numbers[i] = (int64_t)i - 7;
    array = (struct hdf5_array){.type = HDF5_INT64, .rank = 1, .dims = {512}, .values = numbers};
    OK(record_array(&record, "numbers/most", &array, &error));
    array.dims[0] = 0;
    OK(record_array(&record, "numbers/none", &array, &error));
    OK(record_image(&record, "key", &image, &error));
    OK(record_open(bytes_span(&image, "small"), "key", &back, &file, &error));
    CU_ASSERT_EQUAL(file.file, 0);
    CU_ASSERT_EQUAL(back.array_count, 3);
    same_array(&record, &back, "notes/texts", 10);
    same_array(&record, &back, "numbers/most", 4096);
    same_array(&record, &back, "numbers/none", 0);
    record_release(&back);
    bytes_release(&image);
    array.dims[0] = 513;
    OK(record_array(&record, "numbers/more", &array, &error));
    OK(record_image(&record, "key", &image, &error));
    OK(record_open(bytes_span(&image, "large"), "key", &back, &file, &error));
    CU_ASSERT_EQUAL(back.array_count, 3);
    CU_ASSERT_TRUE(hdf5_exists(&file, "/numbers/more"));
    CU_ASSERT_FALSE(hdf5_exists(&file, "/numbers/most"));
    OK(record_arrays(&file, &back, &error));
    same_array(&record, &back, "numbers/more", 4104);
    hdf5_abandon(&file);
    record_release(&back);
    bytes_release(&image);
    record_release(&record);
}

/* The file of an entry is one of HDF5, whose /record is the block: for other readers. */
static void test_record_is_hdf5(void)
{
    struct record record = {0};
    struct arena arena = {0};
    struct hdf5_array array;
    struct hdf5 file;
    char path[SCRATCH_PATH];

    OK(record_text(&record, "status", "done", &error));
    for (int i = 0; i < 2; i++) { /* the second is a copy of the first but for its block */
        OK(record_integer(&record, "number", i, &error));
        OK(record_write(&record, scratch_path(path, "hdf5_record.h5"), "key", true, &error));
        OK(hdf5_open(&file, path, false, &error));
        OK(hdf5_read(&file, "/record", &arena, &array, &error));
        CU_ASSERT_FATAL(array.type == HDF5_UINT8 && array.rank == 1 && array.dims[0] == 256);
        int64_t held;
        memcpy(&held, (const char *)array.values + 32 + strlen("statusdone") + 8, sizeof held);
        CU_ASSERT_EQUAL(held, i);
        hdf5_abandon(&file);
    }
    arena_release(&arena);
    record_release(&record);
}

/* The head says where the values lie, and is verified, too. */
static void test_record_place(void)
{
    struct record record = {0}, back = {0};
    struct bytes image;

    OK(fill_record(&record, 5));
    OK(record_image(&record, "key", &image, &error));
    char *place = strstr((char *)image.data, "values ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    place[strlen("values ")]++;
    memcpy(image.data, "understudy entry 9", 18); /* as a later version may write */
    CU_ASSERT_EQUAL(record_image_values(bytes_span(&image, "later"), "key", &back, &error),
                    STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "later is a record of format 9, of another"));
    memcpy(image.data, "understudy entry 5", 18);
    CU_ASSERT_EQUAL(record_image_values(bytes_span(&image, "moved"), "key", &back, &error),
                    STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "moved is damaged: its SHA-256 differs");
    CU_ASSERT_EQUAL(back.value_count, 0);
    record_release(&back);
    bytes_release(&image);
    record_release(&record);
}

static void test_empty_record(void)
{
    struct record record = {0}, back;
    char path[SCRATCH_PATH];

    OK(record_write(&record, scratch_path(path, "empty_record.h5"), "key", true, &error));
    OK(read_record(&back, path, "key", &error));
    CU_ASSERT_EQUAL(back.value_count, 0);
    record_release(&back);
}

static void test_record_memory_faults(void)
{
    char path[SCRATCH_PATH];
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    scratch_path(path, "record_memory.h5");
    while (status != STATUS_OK && n < 1000) {
        struct record record = {0};
        plant(path);
        memory_fail_at(++n);
        status = fill_record(&record, 2);
        if (status == STATUS_OK)
            status = record_write(&record, path, "key", true, &error);
        memory_fail_at(0);
        record_release(&record);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        CU_ASSERT(planted(path) == (status != STATUS_OK));
    }
    CU_ASSERT(status == STATUS_OK && n > 10);
}

void record_suite(void)
{
    CU_pSuite suite = CU_add_suite("record", NULL, NULL);
    CU_add_test(suite, "a record's values come back, damage is told", test_record_round_trip);
    CU_add_test(suite, "a record without values", test_empty_record);
    CU_add_test(suite, "a record of the version before", test_record_of_before);
    CU_add_test(suite, "small arrays lie in the block, larger ones apart", test_record_arrays);
    CU_add_test(suite, "an entry is a file of HDF5", test_record_is_hdf5);
    CU_add_test(suite, "where a record's values lie is verified", test_record_place);
    CU_add_test(suite, "and so it does for records", test_record_memory_faults);
}
