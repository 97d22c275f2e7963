/* Values that an independent program computed: groups of an HDF5 file, for tests. */
#ifndef UNDERSTUDY_TESTS_GOLDEN_H
#define UNDERSTUDY_TESTS_GOLDEN_H

#include "base/memory.h"
#include "io/hdf5/hdf5.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One case: a group of the file. */
struct golden {
    struct hdf5 *file;
    struct arena *arena;
    const char *group; /* "05_batchnorm" */
    const char *about; /* what is particular about this comparison, for messages */
};

/* Names of numbered arrays. */
static const char *const golden_x[] = {"x0", "x1"}, *const golden_dx[] = {"dx0", "dx1"};
static const char *const golden_p[] = {"p0", "p1"}, *const golden_dp[] = {"dp0", "dp1"};

static inline struct hdf5_array golden_array(const struct golden *golden, const char *name)
{
    char path[128];
    struct hdf5_array array = {0};

    snprintf(path, sizeof path, "/%s/%s", golden->group, name);
    CU_ASSERT_EQUAL_FATAL(hdf5_read(golden->file, path, golden->arena, &array, NULL), STATUS_OK);
    return array;
}

static inline bool golden_has(const struct golden *golden, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "/%s/%s", golden->group, name);
    return hdf5_exists(golden->file, path);
}

static inline const char *golden_text(const struct golden *golden, const char *name)
{
    const char *text = NULL;
    char path[128];

    snprintf(path, sizeof path, "/%s", golden->group);
    CU_ASSERT_EQUAL_FATAL(
        hdf5_read_attribute_text(golden->file, path, name, golden->arena, &text, NULL), STATUS_OK);
    return text;
}

static inline size_t golden_size(const struct hdf5_array *array)
{
    size_t size = 1;
    for (int axis = 0; axis < array->rank; axis++)
        size *= array->dims[axis];
    return size;
}

/* Copy an array of `count` floats into `values`. */
static inline void golden_give(const struct golden *golden, const char *name, float *values,
                               size_t count)
{
    struct hdf5_array array = golden_array(golden, name);

    CU_ASSERT_EQUAL_FATAL(array.type, HDF5_FLOAT32);
    if (golden_size(&array) != count)
        printf("%s: %s has %zu values, not %zu\n", golden->group, name, golden_size(&array), count);
    CU_ASSERT_EQUAL_FATAL(golden_size(&array), count);
    memcpy(values, array.values, count * sizeof *values);
}

/* The largest difference is at most `tolerance` of the largest value. */
static inline void golden_compare(const struct golden *golden, const char *name,
                                  const float *values, size_t count, double tolerance)
{
    struct hdf5_array array = golden_array(golden, name);
    const float *expected = array.values;
    double scale = 1e-6, worst = 0;
    char text[512];

    CU_ASSERT_EQUAL_FATAL(array.type, HDF5_FLOAT32);
    if (golden_size(&array) != count)
        printf("%s: %s has %zu values, not %zu\n", golden->group, name, golden_size(&array), count);
    CU_ASSERT_EQUAL_FATAL(golden_size(&array), count);
    for (size_t i = 0; i < count; i++) {
        double apart = fabs((double)expected[i] - (double)values[i]);
        scale = fmax(scale, fabs((double)expected[i]));
        worst = apart <= worst ? worst : apart; /* also when it is not a number */
    }
    snprintf(text, sizeof text, "%s %s: %s differs by %.3g", golden->group, golden->about, name,
             worst / scale);
    CU_assertImplementation(worst < tolerance * scale, __LINE__, text, __FILE__, "", CU_FALSE);
}

#endif
