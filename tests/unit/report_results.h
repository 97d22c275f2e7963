/* Small results files for the tests of tables and figures, with numbers that can be checked by
 * hand. */
#ifndef UNDERSTUDY_TESTS_REPORT_RESULTS_H
#define UNDERSTUDY_TESTS_REPORT_RESULTS_H

#include "base/text.h"
#include "report/figures/figures.h"
#include "report/figures/registry.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const struct field list_fields[] = {
    {"figures", FIELD_COMPONENTS, 0, .default_value = "[]", .registry = registry_figures}, {0}};

/* Computes the figures that `yaml` lists, as an experiment file would. */
static inline enum status compute(struct hdf5 *file, const char *yaml)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct component_list list;

    OK(yaml_parse(&arena, "test", yaml, strlen(yaml), &root, &found, &error));
    OK(schema_read(list_fields, root, "", &list, &arena, &found, &error));
    CU_ASSERT_EQUAL(found.count, 0);
    enum status status = report_compute(file, &list, &error);
    diagnostics_release(&found);
    arena_release(&arena);
    return status;
}

enum { MADE_TRIALS = 64 };

struct made {
    struct hdf5 file;
    struct text columns;
    size_t trials;
    char path[SCRATCH_PATH];
};

static struct made made_begin(const char *name, size_t trials, const char *plan)
{
    struct made made = {.trials = trials};
    OK(hdf5_create(&made.file, scratch_path(made.path, name), NULL));
    OK(hdf5_attribute_integer(&made.file, "/", "format_version", 1, NULL));
    OK(hdf5_write_text(&made.file, "/plan/resolved", plan, NULL));
    return made;
}

static const char *made_column(struct made *made, const char *name, char path[128])
{
    text_append(&made->columns, "%s%s", made->columns.length ? "\n" : "", name);
    snprintf(path, 128, "/trials/%s", name);
    return path;
}

static void made_reals(struct made *made, const char *name, const double *values)
{
    char path[128];
    double copy[MADE_TRIALS];
    memcpy(copy, values, made->trials * sizeof *copy);
    struct hdf5_array array = {HDF5_FLOAT64, 1, {made->trials}, 0, copy};
    OK(hdf5_write(&made->file, made_column(made, name, path), &array, NULL));
}

/* The same value in every row. */
static void made_constant(struct made *made, const char *name, double value)
{
    double values[MADE_TRIALS];
    for (size_t i = 0; i < made->trials; i++)
        values[i] = value;
    made_reals(made, name, values);
}

/* Operations of "network" or "pipeline": of the kinds that are not multiply-adds, comparisons. */
static void made_operations(struct made *made, const char *who, const double *multiply_adds,
                            double comparisons)
{
    static const char *const none[] = {"additions", "multiplications", "divisions", "exponentials",
                                       "lookups"};
    char name[64];

    snprintf(name, sizeof name, "%s.multiply_adds", who);
    made_reals(made, name, multiply_adds);
    snprintf(name, sizeof name, "%s.comparisons", who);
    made_constant(made, name, comparisons);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        snprintf(name, sizeof name, "%s.%s", who, none[i]);
        made_constant(made, name, 0);
    }
}

static void made_integers(struct made *made, const char *name, const int64_t *values)
{
    char path[128];
    int64_t copy[MADE_TRIALS];
    memcpy(copy, values, made->trials * sizeof *copy);
    struct hdf5_array array = {HDF5_INT64, 1, {made->trials}, 0, copy};
    OK(hdf5_write(&made->file, made_column(made, name, path), &array, NULL));
}

static void made_texts(struct made *made, const char *name, const char *const *values)
{
    char path[128];
    OK(hdf5_write_texts(&made->file, made_column(made, name, path), values, made->trials, NULL));
}

/* Columns `trial` and `replicate`, `replicates` to a point. */
static void made_numbers(struct made *made, int64_t replicates)
{
    int64_t trial[MADE_TRIALS], replicate[MADE_TRIALS];
    for (size_t i = 0; i < made->trials; i++) {
        trial[i] = (int64_t)i;
        replicate[i] = (int64_t)i % replicates;
    }
    made_integers(made, "trial", trial);
    made_integers(made, "replicate", replicate);
}

/* Column `status`: done, but for the trials whose bit stands in `failed`. */
static void made_status(struct made *made, unsigned failed)
{
    const char *texts[MADE_TRIALS];
    for (size_t i = 0; i < made->trials; i++)
        texts[i] = failed >> i & 1 ? "failed: the loss is not finite" : "done";
    made_texts(made, "status", texts);
}

/* /timing/trials: seconds of network and pipeline an image of 28 x 28. */
static inline void made_times(struct made *made, const double *network, double pipeline)
{
    static const char names[] = "network.seconds_per_image\npipeline.seconds_per_image\n"
                                "inference.height\ninference.width";
    double values[MADE_TRIALS];
    struct hdf5_array array = {HDF5_FLOAT64, 1, {made->trials}, 0, values};

    memcpy(values, network, made->trials * sizeof *values);
    OK(hdf5_write(&made->file, "/timing/trials/network.seconds_per_image", &array, NULL));
    for (size_t i = 0; i < made->trials; i++)
        values[i] = pipeline;
    OK(hdf5_write(&made->file, "/timing/trials/pipeline.seconds_per_image", &array, NULL));
    for (size_t i = 0; i < made->trials; i++)
        values[i] = 28;
    OK(hdf5_write(&made->file, "/timing/trials/inference.height", &array, NULL));
    OK(hdf5_write(&made->file, "/timing/trials/inference.width", &array, NULL));
    OK(hdf5_attribute_text(&made->file, "/timing/trials", "columns", names, NULL));
}

static void made_seal(struct made *made)
{
    OK(hdf5_attribute_text(&made->file, "/trials", "columns", made->columns.bytes, NULL));
}

static void made_close(struct made *made)
{
    text_release(&made->columns);
    OK(hdf5_close(&made->file, NULL));
}

static const double made_scores[] = {0.70, 0.72, 0.74, 0.80, 0.80, 0.83};

/* Two widths of three replicates, everything that the figures for denoising read. `network`: the
 * scores; `first`: those of the trials' first epochs, NULL: 0.50, 0.51 … */
static inline struct made made_scored(const char *name, unsigned failed, const double *network,
                                      const double *first)
{
    static const int64_t width[] = {4, 4, 4, 8, 8, 8};
    static const double pipeline[] = {0.78, 0.79, 0.80, 0.78, 0.79, 0.80},
                        operations[] = {1, 1, 1, 65536, 65536, 65536}, none[6] = {0},
                        energy[] = {1e-6, 1e-6, 1e-6, 4e-6, 4e-6, 4e-6};
    static const char *const variants[] = {"clean", "degraded", "pipeline", "network"};
    struct made made = made_begin(name, 6, "grid: {network.width: [4, 8]}\n");
    char path[128];

    made_numbers(&made, 3);
    made_integers(&made, "network.width", width);
    made_reals(&made, "network.test.ssim", network);
    made_reals(&made, "pipeline.test.ssim", pipeline);
    made_constant(&made, "degraded.test.ssim", 0.3);
    made_constant(&made, "pipeline.validation.ssim", 0.77);
    made_operations(&made, "network", operations, 0);
    made_operations(&made, "pipeline", none, 0);
    made_reals(&made, "hardware.tpu_v1.energy_j", energy);
    made_status(&made, failed);
    for (size_t i = 0; i < 6; i++) {
        double curve[] = {first ? first[i] : 0.5 + 0.01 * (double)i, 0.6, 0.65};
        float pixels[2 * 16 * 12];
        struct hdf5_array line = {HDF5_FLOAT64, 1, {3}, 0, curve};
        struct hdf5_array images = {HDF5_FLOAT32, 4, {2, 1, 16, 12}, 0, pixels};
        if (failed >> i & 1)
            continue;
        snprintf(path, sizeof path, "/curves/%05zu/train.loss", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
        snprintf(path, sizeof path, "/curves/%05zu/validation.ssim", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
        for (size_t v = 0; v < 4; v++) {
            for (size_t k = 0; k < sizeof pixels / sizeof *pixels; k++)
                pixels[k] = (float)((k * k + 3 * (v == 3 ? 0 : v)) % 17) / 16;
            snprintf(path, sizeof path, "/examples/%05zu/%s", i, variants[v]);
            OK(hdf5_write(&made.file, path, &images, NULL));
        }
    }
    made_seal(&made);
    return made;
}

static inline struct made made_denoising(const char *name, unsigned failed)
{
    return made_scored(name, failed, made_scores, NULL);
}

#endif
