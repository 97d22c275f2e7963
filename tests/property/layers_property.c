/*
 * Laws that every layer obeys with every engine, for all of layer_cases and for each registered
 * layer that has no case yet.
 */
#include "networks/engines/registry.h"
#include "networks/layers/registry.h"
#include "tests/property/layer_cases.h"
#include "tests/unit/engines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <CUnit/CUnit.h>

typedef void law(const struct layer_case *item);

/* A check that names the case in its failure. */
static void expect(bool holds, const struct layer_case *item, const char *what, double found)
{
    char text[256];

    if (holds) {
        CU_PASS("holds");
        return;
    }
    snprintf(text, sizeof text, "%s {%s}: %s: %.3g", item->layer, item->settings, what, found);
    CU_assertImplementation(CU_FALSE, __LINE__, text, __FILE__, "", CU_FALSE);
}

static const struct engine *engine_named(const char *name)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), name));
    struct error error;
    CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
    CU_ASSERT_EQUAL_FATAL(engine->start(&error), STATUS_OK);
    return engine;
}

static struct layer_bench bench_for(const struct layer_case *item, const char *engine,
                                    size_t offset)
{
    struct layer_bench bench;
    struct error error = {0};
    enum status status = layer_bench_new(&bench, item, engine_named(engine), offset, &error);

    if (status != STATUS_OK)
        fprintf(stderr, "%s {%s}: %s\n", item->layer, item->settings, error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    layer_bench_fill(&bench, 11);
    return bench;
}

static bool has_case(const char *layer)
{
    for (size_t i = 0; i < layer_case_count; i++)
        if (strcmp(layer_cases[i].layer, layer) == 0)
            return true;
    return false;
}

/* A layer that has no case yet: its defaults, on an image or else on a list of numbers. */
static struct layer_case default_case(const char *layer)
{
    struct layer_case item = {.layer = layer, .settings = "", .batch = 2, .in = {4, 6, 6}};
    struct layer_bench bench;
    const struct engine *reference = engine_named("reference");

    if (layer_bench_new(&bench, &item, reference, 0, NULL) != STATUS_OK)
        item.in = (struct shape){24, 1, 1};
    else
        layer_bench_release(&bench);
    return item;
}

static void for_all(law *holds)
{
    const struct registry *layers = registry_layers();

    for (size_t i = 0; i < layer_case_count; i++)
        holds(&layer_cases[i]);
    for (size_t r = 0; r < layers->count; r++) {
        if (has_case(layers->rows[r]->name))
            continue;
        struct layer_case item = default_case(layers->rows[r]->name);
        holds(&item);
    }
}

static bool is_among(const struct layer_case *item, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(item->layer, *names) == 0)
            return true;
    return false;
}

static bool is_linear(const struct layer_case *item)
{
    static const char *const linear[] = {
        "add",     "avgpool",        "concat",          "conv",     "dense", "depthwise", "dropout",
        "flatten", "global_avgpool", "transposed_conv", "upsample", NULL};
    return is_among(item, linear);
}

/* <dy, y>: what the gradients are of. */
static double objective(struct layer_bench *bench)
{
    double sum = 0;
    layer_bench_forward(bench);
    for (size_t i = 0; i < bench->out_size; i++)
        sum += (double)bench->dy[i] * (double)bench->y[i];
    return sum;
}

/* Five-point stencil: error of order h^4. */
static double derivative(struct layer_bench *bench, float *value, float h)
{
    static const double weights[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    static const float steps[4] = {-2, -1, 1, 2};
    float old = *value;
    double sum = 0;

    for (int i = 0; i < 4; i++) {
        *value = old + steps[i] * h;
        sum += weights[i] * objective(bench);
    }
    *value = old;
    return sum / (double)h;
}

/* Every value, or some thirty of many. */
static void compare_gradient(struct layer_bench *bench, const struct layer_case *item,
                             const char *what, float *values, const float *gradient, size_t count,
                             float h)
{
    double scale = 1e-3, worst = 0;

    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs((double)gradient[i]));
    for (size_t i = 0; i < count; i += 1 + count / 29)
        worst = fmax(worst, fabs(derivative(bench, &values[i], h) - (double)gradient[i]) / scale);
    expect(worst < 3e-4, item, what, worst);
}

/* Inputs are 4 / (size + 1) apart, and half that from zero: two steps stay below it, for layers
 * with kinks. */
static float step_for(const struct layer_case *item, size_t in_size)
{
    static const char *const smooth[] = {"batchnorm", "gelu", "sigmoid", "silu", "softmax", NULL};
    return is_linear(item) || is_among(item, smooth) ? 0.03125F
                                                     : fminf(0.03125F, 0.9F / (float)(in_size + 1));
}

static void gradients_law(const struct layer_case *item)
{
    struct layer_bench bench = bench_for(item, "reference", 0);
    float h = step_for(item, bench.in_size[0]);

    layer_bench_forward(&bench);
    layer_bench_backward(&bench);
    for (int k = 0; k < bench.layer->inputs; k++)
        compare_gradient(&bench, item, "gradient of an input", bench.x[k], bench.dx[k],
                         bench.in_size[k], h);
    for (int k = 0; k < bench.plan.parameter_count; k++)
        compare_gradient(&bench, item, bench.plan.parameters[k].name, bench.parameters[k],
                         bench.gradients[k], bench.parameter_size[k], 0.03125F);
    layer_bench_release(&bench);
}

static void test_gradients(void)
{
    for_all(gradients_law);
}

static double distance(const float *a, const float *b, size_t count)
{
    double scale = 1e-6, worst = 0;

    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs((double)a[i]));
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    }
    return worst / scale;
}

/* The largest relative difference of everything that two benches computed. */
static double bench_distance(const struct layer_bench *a, const struct layer_bench *b)
{
    double worst = distance(a->y, b->y, a->out_size);

    for (int k = 0; k < a->layer->inputs; k++)
        worst = fmax(worst, distance(a->dx[k], b->dx[k], a->in_size[k]));
    for (int k = 0; k < a->plan.parameter_count; k++)
        worst = fmax(worst, distance(a->gradients[k], b->gradients[k], a->parameter_size[k]));
    return fmax(worst, distance(a->batch_statistics, b->batch_statistics, a->plan.statistics));
}

static bool bench_same(const struct layer_bench *a, const struct layer_bench *b)
{
    bool same = memcmp(a->y, b->y, a->out_size * sizeof(float)) == 0;

    for (int k = 0; k < a->layer->inputs; k++)
        same = same && memcmp(a->dx[k], b->dx[k], a->in_size[k] * sizeof(float)) == 0;
    for (int k = 0; k < a->plan.parameter_count; k++)
        same = same &&
               memcmp(a->gradients[k], b->gradients[k], a->parameter_size[k] * sizeof(float)) == 0;
    return same && memcmp(a->batch_statistics, b->batch_statistics,
                          a->plan.statistics * sizeof(float)) == 0;
}

static void engines_law(const struct layer_case *item)
{
    struct layer_bench reference = bench_for(item, "reference", 0);

    layer_bench_forward(&reference);
    layer_bench_backward(&reference);
    for (size_t e = 0; e < registry_engines()->count; e++) {
        if (!engine_there(engine_of(registry_engines()->rows[e])))
            continue;
        struct layer_bench other = bench_for(item, registry_engines()->rows[e]->name, 0);
        layer_bench_forward(&other);
        layer_bench_backward(&other);
        double worst = bench_distance(&reference, &other);
        expect(worst < 1e-5, item, registry_engines()->rows[e]->name, worst);
        layer_bench_release(&other);
    }
    layer_bench_release(&reference);
}

static void test_engines(void)
{
    for_all(engines_law);
}

/* Same bits twice, and from buffers at any place. */
static void bits_law(const struct layer_case *item)
{
    for (size_t e = 0; e < registry_engines()->count; e++) {
        if (!engine_there(engine_of(registry_engines()->rows[e])))
            continue;
        const char *engine = registry_engines()->rows[e]->name;
        struct layer_bench first = bench_for(item, engine, 0);
        layer_bench_forward(&first);
        layer_bench_backward(&first);
        for (size_t offset = 0; offset < 16; offset += 1 + offset) {
            struct layer_bench again = bench_for(item, engine, offset);
            layer_bench_forward(&again);
            layer_bench_backward(&again);
            expect(bench_same(&first, &again), item, "bits differ at offset", (double)offset);
            layer_bench_release(&again);
        }
        layer_bench_release(&first);
    }
}

static void test_bits(void)
{
    for_all(bits_law);
}

/* Gradients are added to what is there: twice is double. */
static void accumulation_law(const struct layer_case *item)
{
    struct layer_bench bench = bench_for(item, "openblas", 0);
    struct layer_bench twice = bench_for(item, "openblas", 0);

    layer_bench_forward(&bench);
    layer_bench_backward(&bench);
    layer_bench_forward(&twice);
    layer_bench_backward(&twice);
    struct layer_call call = {.config = twice.config.bytes,
                              .engine = twice.engine,
                              .batch = twice.batch,
                              .inputs = twice.layer->inputs,
                              .out = twice.out,
                              .training = twice.training,
                              .y = twice.y,
                              .dy = twice.dy,
                              .saved = twice.saved,
                              .scratch = twice.scratch};
    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        call.in[k] = twice.in[k];
        call.x[k] = twice.x[k];
        call.dx[k] = twice.dx[k];
        call.parameters[k] = twice.parameters[k];
        call.gradients[k] = twice.gradients[k];
    }
    twice.layer->backward(&call);
    for (int k = 0; k < twice.layer->inputs; k++)
        for (size_t i = 0; i < twice.in_size[k]; i++)
            twice.dx[k][i] /= 2;
    for (int k = 0; k < twice.plan.parameter_count; k++)
        for (size_t i = 0; i < twice.parameter_size[k]; i++)
            twice.gradients[k][i] /= 2;
    double worst = bench_distance(&bench, &twice);
    expect(worst < 1e-5, item, "twice is not double", worst);
    layer_bench_release(&bench);
    layer_bench_release(&twice);
}

static void test_accumulation(void)
{
    for_all(accumulation_law);
}

static double inner(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* <A x, y> = <x, A^T y>, without bias. */
static void adjoint_law(const struct layer_case *item)
{
    if (!is_linear(item))
        return;
    for (size_t e = 0; e < registry_engines()->count; e++) {
        if (!engine_there(engine_of(registry_engines()->rows[e])))
            continue;
        struct layer_bench bench = bench_for(item, registry_engines()->rows[e]->name, 0);
        if (bench.plan.parameter_count == 2)
            memset(bench.parameters[1], 0, bench.parameter_size[1] * sizeof(float));
        layer_bench_forward(&bench);
        layer_bench_backward(&bench);
        double left = inner(bench.y, bench.dy, bench.out_size), right = 0;
        for (int k = 0; k < bench.layer->inputs; k++)
            right += inner(bench.x[k], bench.dx[k], bench.in_size[k]);
        double scale = sqrt(inner(bench.y, bench.y, bench.out_size) *
                            inner(bench.dy, bench.dy, bench.out_size));
        expect(fabs(left - right) < 1e-6 * scale, item, "not the adjoint", (left - right) / scale);
        layer_bench_release(&bench);
    }
}

static void test_adjoint(void)
{
    for_all(adjoint_law);
}

/* Inference with the statistics of a batch is training with that batch (up to n / (n-1)). */
static void test_statistics(void)
{
    static const struct layer_case item = {
        .layer = "batchnorm", .settings = "", .batch = 16, .in = {3, 12, 11}};
    struct layer_bench bench = bench_for(&item, "reference", 0);
    double count = 16 * 12 * 11;
    float y[16 * 3 * 12 * 11];

    layer_bench_forward(&bench);
    memcpy(y, bench.y, sizeof y);
    memcpy(bench.statistics, bench.batch_statistics, 6 * sizeof(float));
    for (int c = 3; c < 6; c++)
        bench.statistics[c] = (float)((double)bench.statistics[c] * (count - 1) / count);
    bench.training = false;
    layer_bench_forward(&bench);
    expect(distance(y, bench.y, bench.out_size) < 1e-6, &item, "inference differs",
           distance(y, bench.y, bench.out_size));
    layer_bench_release(&bench);
}

/* The product's size says how many multiply-adds there are, and weights how many parameters. */
static void count_law(const struct layer_case *item)
{
    struct layer_bench bench = bench_for(item, "reference", 0);
    struct layer_work work = {0};
    double parameters = 0;

    bench.layer->count(bench.config.bytes, bench.in, bench.out, &work);
    for (int k = 0; k < bench.plan.parameter_count; k++)
        parameters += (double)bench.parameter_size[k];
    expect(work.weights == parameters, item, "weights counted", work.weights);
    if (work.m > 0)
        expect(work.m * work.n * work.k * work.products == work.operations.multiply_adds, item,
               "multiply-adds", work.operations.multiply_adds);
    layer_bench_release(&bench);
}

static void test_count(void)
{
    for_all(count_law);
}

/* What says that it works in place gives the same bits there, over each of its inputs. */
static void in_place_law(const struct layer_case *item)
{
    struct layer_bench bench = bench_for(item, "reference", 0);
    float *y = bench.y;

    bench.training = false;
    for (int k = 0; bench.layer->in_place && k < bench.layer->inputs; k++) {
        expect(bench.in_size[k] == bench.out_size, item, "size of an input", k);
        layer_bench_fill(&bench, 7);
        bench.y = y;
        layer_bench_forward(&bench);
        bench.y = bench.x[k];
        layer_bench_forward(&bench);
        expect(memcmp(y, bench.y, bench.out_size * sizeof *y) == 0, item, "in place differs", k);
    }
    bench.y = y;
    layer_bench_release(&bench);
}

static void test_in_place(void)
{
    for_all(in_place_law);
}

void layers_property_suite(void);

void layers_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("layers_property", NULL, NULL);
    CU_add_test(suite, "gradients are those of finite differences", test_gradients);
    CU_add_test(suite, "every engine agrees with the reference", test_engines);
    CU_add_test(suite, "same bits twice and at any address", test_bits);
    CU_add_test(suite, "gradients are added to what is there", test_accumulation);
    CU_add_test(suite, "linear layers' backward pass is the adjoint", test_adjoint);
    CU_add_test(suite, "batch statistics serve inference", test_statistics);
    CU_add_test(suite, "counts agree with shapes", test_count);
    CU_add_test(suite, "layers that say so work in place", test_in_place);
}
