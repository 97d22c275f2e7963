/* Layers against an independent program: tests/golden/layers.txt, written by layers.py. */
#include "kinds/registry.h"
#include "tests/property/layer_cases.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 4096 };

struct array {
    char name[8];
    size_t count;
    float values[MOST_VALUES];
};

struct golden {
    FILE *file;
    struct layer_case item;
    char layer[32], settings[128], line[1 << 16];
    struct array arrays[16];
    size_t count;
};

static bool read_array(struct golden *golden)
{
    struct array *array = &golden->arrays[golden->count++];
    int used;
    char *at = golden->line;

    if (golden->count > 16 || sscanf(at, "%7s %zu%n", array->name, &array->count, &used) != 2 ||
        array->count > MOST_VALUES)
        return false;
    at += used;
    for (size_t i = 0; i < array->count; i++) {
        char *end;
        array->values[i] = strtof(at, &end);
        if (end == at)
            return false;
        at = end;
    }
    return true;
}

/* Stands at a line "case …"; reads that and the arrays below, up to the next case. */
static bool read_case(struct golden *golden)
{
    struct layer_case *item = &golden->item;
    int used = 0;

    golden->count = 0;
    if (sscanf(golden->line, "case %31s %d %d %d %d %n", golden->layer, &item->batch,
               &item->in.channels, &item->in.height, &item->in.width, &used) != 5)
        return false;
    snprintf(golden->settings, sizeof golden->settings, "%.*s",
             (int)strcspn(golden->line + used, "\n"), golden->line + used);
    item->layer = golden->layer;
    item->settings = golden->settings;
    while (fgets(golden->line, sizeof golden->line, golden->file)) {
        if (strncmp(golden->line, "case ", 5) == 0 || strcmp(golden->line, "end\n") == 0)
            return true;
        if (!read_array(golden))
            return false;
    }
    return false;
}

static const struct array *find(const struct golden *golden, const char *kind, int k)
{
    char name[8];

    snprintf(name, sizeof name, k < 0 ? "%s" : "%s%d", kind, k);
    for (size_t i = 0; i < golden->count; i++)
        if (strcmp(golden->arrays[i].name, name) == 0)
            return &golden->arrays[i];
    return NULL;
}

static void give(const struct golden *golden, const char *kind, int k, float *values, size_t count)
{
    const struct array *array = find(golden, kind, k);

    CU_ASSERT_PTR_NOT_NULL_FATAL(array);
    CU_ASSERT_EQUAL_FATAL(array->count, count);
    memcpy(values, array->values, count * sizeof *values);
}

static void compare(const struct golden *golden, const char *kind, int k, const float *values,
                    size_t count)
{
    const struct array *array = find(golden, kind, k);
    double scale = 1e-6, worst = 0;
    char text[256];

    CU_ASSERT_PTR_NOT_NULL_FATAL(array);
    CU_ASSERT_EQUAL_FATAL(array->count, count);
    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs((double)array->values[i]));
        worst = fmax(worst, fabs((double)array->values[i] - (double)values[i]));
    }
    snprintf(text, sizeof text, "%s {%s}: %s differs by %.3g", golden->layer, golden->settings,
             array->name, worst / scale);
    CU_assertImplementation(worst < 1e-5 * scale, __LINE__, text, __FILE__, "", CU_FALSE);
}

static void check(const struct golden *golden, const struct engine *engine)
{
    struct layer_bench b;

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(layer_bench_new(&b, &golden->item, engine, 0, NULL), STATUS_OK);
    for (int k = 0; k < b.layer->inputs; k++)
        give(golden, "x", k, b.x[k], b.in_size);
    for (int k = 0; k < b.plan.parameter_count; k++)
        give(golden, "p", k, b.parameters[k], b.parameter_size[k]);
    give(golden, "dy", -1, b.dy, b.out_size);
    layer_bench_forward(&b);
    layer_bench_backward(&b);
    compare(golden, "y", -1, b.y, b.out_size);
    for (int k = 0; k < b.layer->inputs; k++)
        compare(golden, "dx", k, b.dx[k], b.in_size);
    for (int k = 0; k < b.plan.parameter_count; k++)
        compare(golden, "dp", k, b.gradients[k], b.parameter_size[k]);
    layer_bench_release(&b);
}

static void test_golden(void)
{
    static struct golden golden;
    int cases = 0;

    golden.file = fopen("tests/golden/layers.txt", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(golden.file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(golden.line, sizeof golden.line, golden.file)); /* title */
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(golden.line, sizeof golden.line, golden.file));
    while (strcmp(golden.line, "end\n") != 0) {
        CU_ASSERT_TRUE_FATAL(read_case(&golden));
        cases++;
        for (size_t e = 0; e < registry_engines()->count; e++)
            check(&golden, (const struct engine *)registry_engines()->rows[e]);
    }
    CU_ASSERT_EQUAL(cases, 15);
    fclose(golden.file);
}

void layers_golden_suite(void);

void layers_golden_suite(void)
{
    CU_pSuite suite = CU_add_suite("layers_golden", NULL, NULL);
    CU_add_test(suite, "layers forward and backward as PyTorch computes them", test_golden);
}
