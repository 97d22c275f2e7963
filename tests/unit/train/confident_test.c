/* Confident learning against its authors' program, item by item: tests/golden/filters.h5, written
 * by filters.py. */
#include "filters/confident.h"

#include "base/memory.h"
#include "io/hdf5/hdf5.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void confident_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const void *read(struct hdf5 *file, const char *name, const char *what, enum hdf5_type type,
                        struct arena *arena, struct hdf5_array *array)
{
    char path[128];

    snprintf(path, sizeof path, "/%s/%s", name, what);
    OK(hdf5_read(file, path, arena, array, &error));
    CU_ASSERT_EQUAL_FATAL(array->type, type);
    return array->values;
}

/* Number of items on which the flags differ. */
static size_t differing(const uint8_t *a, const uint8_t *b, size_t count)
{
    size_t differ = 0;
    for (size_t i = 0; i < count; i++)
        differ += a[i] != b[i];
    return differ;
}

static void check_case(struct hdf5 *file, const char *name)
{
    static const char *const prunes[] = {"by_class", "by_noise_rate", "both", "off_diagonal"};
    struct arena arena = {0};
    struct hdf5_array array;
    struct confident confident;
    const float *probabilities = read(file, name, "probabilities", HDF5_FLOAT32, &arena, &array);
    size_t items = array.dims[0], classes = array.dims[1];
    const uint8_t *labels = read(file, name, "labels", HDF5_UINT8, &arena, &array);
    const double *thresholds = read(file, name, "thresholds", HDF5_FLOAT64, &arena, &array);
    const int64_t *joint = read(file, name, "joint", HDF5_INT64, &arena, &array);
    uint8_t *flags;

    OK(arena_new(&arena, &flags, items, 1, &error));
    OK(confident_count(&confident, probabilities, labels, items, (int)classes, &error));
    for (size_t c = 0; c < classes; c++)
        CU_ASSERT_EQUAL(confident.thresholds[c], thresholds[c]);
    for (size_t i = 0; i < classes * classes; i++) {
        if (confident.joint[i] != joint[i])
            printf("%s, label %zu of class %zu: %lld, expected %lld\n", name, i / classes,
                   i % classes, (long long)confident.joint[i], (long long)joint[i]);
        CU_ASSERT_EQUAL(confident.joint[i], joint[i]);
    }
    for (size_t p = 0; p < 4; p++) {
        const uint8_t *wanted = read(file, name, prunes[p], HDF5_UINT8, &arena, &array);
        OK(confident_flag(&confident, (enum confident_prune)p, flags, &error));
        size_t differ = differing(flags, wanted, items);
        if (differ)
            printf("%s, %s: %zu of %zu items differ\n", name, prunes[p], differ, items);
        CU_ASSERT_EQUAL(differ, 0);
    }
    confident_release(&confident);
    arena_release(&arena);
}

static void test_golden(void)
{
    struct hdf5 file = {0};
    struct arena arena = {0};
    const char **names;
    size_t count;

    OK(hdf5_open(&file, "tests/golden/filters.h5", false, &error));
    OK(hdf5_list(&file, "/", &arena, &names, &count, &error));
    CU_ASSERT(count >= 30);
    for (size_t i = 0; i < count; i++)
        check_case(&file, names[i]);
    arena_release(&arena);
    hdf5_abandon(&file);
}

/* The paper's counting, by hand: two classes, thresholds 0.7 and 0.6. */
static void test_by_hand(void)
{
    static const float probabilities[] = {
        0.9F, 0.1F, /* label 0, confidently 0 */
        0.8F, 0.2F, /* label 0, confidently 0 */
        0.4F, 0.6F, /* label 0, confidently 1 */
        0.4F, 0.6F, /* label 1, confidently 1 */
        0.1F, 0.9F, /* label 1, confidently 1 */
        0.7F, 0.3F, /* label 1, confidently 0 */
    };
    static const uint8_t labels[] = {0, 0, 0, 1, 1, 1};
    static const int16_t guesses[] = {0, 0, 1, 1, 1, 0};
    static const uint8_t expected[] = {0, 0, 1, 0, 0, 1};
    struct confident confident;
    uint8_t flags[6];

    OK(confident_count(&confident, probabilities, labels, 6, 2, &error));
    CU_ASSERT_DOUBLE_EQUAL(confident.thresholds[0], 0.7, 1e-7);
    CU_ASSERT_DOUBLE_EQUAL(confident.thresholds[1], 0.6, 1e-7);
    CU_ASSERT(memcmp(confident.guesses, guesses, sizeof guesses) == 0);
    CU_ASSERT(confident.joint[0] == 2 && confident.joint[1] == 1);
    CU_ASSERT(confident.joint[2] == 1 && confident.joint[3] == 2);
    for (int prune = 0; prune <= CONFIDENT_OFF_DIAGONAL; prune++) {
        OK(confident_flag(&confident, (enum confident_prune)prune, flags, &error));
        CU_ASSERT(memcmp(flags, expected, sizeof flags) == 0);
    }
    confident_release(&confident);
}

/* Nothing at all; a single item of a label is never pruned. */
static void test_few(void)
{
    static const float probabilities[] = {0.9F, 0.1F, 0.9F, 0.1F, 0.8F, 0.2F};
    static const uint8_t labels[] = {0, 0, 1};
    struct confident confident;
    uint8_t flags[3];

    OK(confident_count(&confident, probabilities, labels, 0, 2, &error));
    OK(confident_flag(&confident, CONFIDENT_BOTH, flags, &error));
    confident_release(&confident);
    OK(confident_count(&confident, probabilities, labels, 3, 2, &error));
    for (int prune = 0; prune < CONFIDENT_OFF_DIAGONAL; prune++) {
        OK(confident_flag(&confident, (enum confident_prune)prune, flags, &error));
        CU_ASSERT(!flags[0] && !flags[1] && !flags[2]);
    }
    confident_release(&confident);
}

static void test_memory(void)
{
    static const float probabilities[] = {0.9F, 0.1F, 0.2F, 0.8F, 0.9F, 0.1F};
    static const uint8_t labels[] = {0, 1, 1};
    enum status status = STATUS_MEMORY;
    uint8_t flags[3];
    size_t n = 1;

    for (; status != STATUS_OK && n < 40; n++) {
        struct confident confident;
        memory_fail_at(n);
        status = confident_count(&confident, probabilities, labels, 3, 2, &error);
        if (status == STATUS_OK)
            status = confident_flag(&confident, CONFIDENT_BOTH, flags, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        confident_release(&confident);
    }
    CU_ASSERT(status == STATUS_OK && n > 5);
}

void confident_suite(void)
{
    CU_pSuite suite = CU_add_suite("confident", NULL, NULL);
    CU_add_test(suite, "flags, counts and thresholds are cleanlab's", test_golden);
    CU_add_test(suite, "counting by hand", test_by_hand);
    CU_add_test(suite, "no items, few items", test_few);
    CU_add_test(suite, "failing allocations", test_memory);
}
