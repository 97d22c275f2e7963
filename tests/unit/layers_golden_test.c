/* Layers against an independent program: tests/golden/layers.h5, written by layers.py. */
#include "io/hdf5.h"
#include "kinds/registry.h"
#include "tests/property/layer_cases.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One case: a group of the file. */
struct golden {
    struct hdf5 *file;
    struct arena *arena;
    const char *group; /* "05_batchnorm" */
    struct layer_case item;
    bool training;
};

/* The array `kind`, numbered where k >= 0. */
static struct hdf5_array read_array(const struct golden *golden, const char *kind, int k)
{
    char path[128], number[16] = "";
    struct hdf5_array array = {0};
    struct error error;

    if (k >= 0)
        snprintf(number, sizeof number, "%d", k);
    snprintf(path, sizeof path, "/%s/%s%s", golden->group, kind, number);
    CU_ASSERT_EQUAL_FATAL(hdf5_read(golden->file, path, golden->arena, &array, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(array.type, HDF5_FLOAT32);
    return array;
}

static size_t size_of(const struct hdf5_array *array)
{
    size_t size = 1;
    for (int axis = 0; axis < array->rank; axis++)
        size *= array->dims[axis];
    return size;
}

static const char *read_text(const struct golden *golden, const char *name)
{
    const char *text = NULL;
    char path[128];

    snprintf(path, sizeof path, "/%s", golden->group);
    CU_ASSERT_EQUAL_FATAL(
        hdf5_read_attribute_text(golden->file, path, name, golden->arena, &text, NULL), STATUS_OK);
    return text;
}

static struct shape input_shape(const struct golden *golden, int k, int *batch)
{
    struct hdf5_array array = read_array(golden, "x", k);

    CU_ASSERT_EQUAL_FATAL(array.rank, 4);
    *batch = (int)array.dims[0];
    return (struct shape){(int)array.dims[1], (int)array.dims[2], (int)array.dims[3]};
}

static void read_case(struct golden *golden)
{
    struct layer_case *item = &golden->item;
    const struct layer *layer;

    item->layer = read_text(golden, "layer");
    item->settings = read_text(golden, "settings");
    golden->training = strcmp(read_text(golden, "mode"), "training") == 0;
    layer = (const struct layer *)registry_find(registry_layers(), item->layer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(layer);
    item->in = input_shape(golden, 0, &item->batch);
    if (layer->inputs == 2)
        item->second = input_shape(golden, 1, &item->batch);
}

static void give(const struct golden *golden, const char *kind, int k, float *values, size_t count)
{
    struct hdf5_array array = read_array(golden, kind, k);

    CU_ASSERT_EQUAL_FATAL(size_of(&array), count);
    memcpy(values, array.values, count * sizeof *values);
}

static void compare(const struct golden *golden, const char *kind, int k, const float *values,
                    size_t count)
{
    struct hdf5_array array = read_array(golden, kind, k);
    const float *expected = array.values;
    double scale = 1e-6, worst = 0;
    char text[256];

    CU_ASSERT_EQUAL_FATAL(size_of(&array), count);
    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs((double)expected[i]));
        worst = fmax(worst, fabs((double)expected[i] - (double)values[i]));
    }
    snprintf(text, sizeof text, "%s {%s}: %s%d differs by %.3g", golden->group,
             golden->item.settings, kind, k, worst / scale);
    CU_assertImplementation(worst < 1e-5 * scale, __LINE__, text, __FILE__, "", CU_FALSE);
}

static void compare_backward(const struct golden *golden, struct layer_bench *b)
{
    give(golden, "dy", -1, b->dy, b->out_size);
    layer_bench_backward(b);
    for (int k = 0; k < b->layer->inputs; k++)
        compare(golden, "dx", k, b->dx[k], b->in_size[k]);
    for (int k = 0; k < b->plan.parameter_count; k++)
        compare(golden, "dp", k, b->gradients[k], b->parameter_size[k]);
    if (b->plan.statistics)
        compare(golden, "statistics", -1, b->batch_statistics, b->plan.statistics);
}

static void check(const struct golden *golden, const struct engine *engine)
{
    struct layer_bench b;

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(layer_bench_new(&b, &golden->item, engine, 0, NULL), STATUS_OK);
    b.training = golden->training;
    for (int k = 0; k < b.layer->inputs; k++)
        give(golden, "x", k, b.x[k], b.in_size[k]);
    for (int k = 0; k < b.plan.parameter_count; k++)
        give(golden, "p", k, b.parameters[k], b.parameter_size[k]);
    if (b.plan.statistics)
        give(golden, "statistics", -1, b.statistics, b.plan.statistics);
    layer_bench_forward(&b);
    compare(golden, "y", -1, b.y, b.out_size);
    if (golden->training)
        compare_backward(golden, &b);
    layer_bench_release(&b);
}

/* Every case with every engine; every layer has a case. */
static void test_golden(void)
{
    struct arena arena = {0};
    struct hdf5 file = {0};
    const char **groups = NULL;
    size_t count = 0, found = 0;
    const struct registry *layers = registry_layers(), *engines = registry_engines();
    bool has_case[64] = {false};

    CU_ASSERT_FATAL(layers->count <= sizeof has_case);
    CU_ASSERT_EQUAL_FATAL(hdf5_open(&file, "tests/golden/layers.h5", false, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(hdf5_list(&file, "/", &arena, &groups, &count, NULL), STATUS_OK);
    for (size_t g = 0; g < count; g++) {
        struct golden golden = {.file = &file, .arena = &arena, .group = groups[g]};
        read_case(&golden);
        for (size_t e = 0; e < engines->count; e++)
            check(&golden, (const struct engine *)engines->rows[e]);
        for (size_t r = 0; r < layers->count; r++)
            has_case[r] |= strcmp(layers->rows[r]->name, golden.item.layer) == 0;
    }
    for (size_t r = 0; r < layers->count; r++)
        found += has_case[r];
    CU_ASSERT_EQUAL(found, layers->count);
    hdf5_abandon(&file);
    arena_release(&arena);
}

void layers_golden_suite(void);

void layers_golden_suite(void)
{
    CU_pSuite suite = CU_add_suite("layers_golden", NULL, NULL);
    CU_add_test(suite, "layers forward and backward as PyTorch computes them", test_golden);
}
