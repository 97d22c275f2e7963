/* Trials of small experiments, and truth to spoil. */
#ifndef UNDERSTUDY_TESTS_UNIT_TRIAL_BENCH_H
#define UNDERSTUDY_TESTS_UNIT_TRIAL_BENCH_H

#include "interfaces/filter.h"
#include "trial/evaluation/latency.h"
#include "trial/trial.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static const char denoise[] =
    "experiment: wall\nabout: ground truth\ntask: denoise\nseed: 3\nreplicates: 1\n"
    "dataset: {name: digits, manual: 8, unlabelled: 24, validation: 6, test: 6,\n"
    "          degrade: [gaussian_noise: {sigma: 40}]}\n"
    "pipeline: {stages: [median, gaussian: {sigma: {tune: [0.4, 0.8]}}]}\n"
    "filter: {method: residual_trim, fraction: 0.1, epochs: 1}\n"
    "network: {family: dncnn, depth: 2, width: 4}\n"
    "train: {epochs: 2, batch: 8, shard: 4}\n"
    "store: {parameters: true}\n";

static const char classify[] =
    "experiment: wall\nabout: ground truth\ntask: classify\nseed: 3\nreplicates: 1\n"
    "dataset: {name: digits, manual: 40, unlabelled: 60, validation: 10, test: 100}\n"
    "pipeline: {stages: [hog, linear_svm: {cost: {tune: [0.01, 1.0]}}]}\n"
    "filter: {method: none}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 4, batch: 16, shard: 8}\n"
    "store: {parameters: true}\n";

struct bench { /* everything that one trial needs */
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache cache;
    struct splits splits;
};

static void load(struct bench *bench, const char *yaml)
{
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan_options options = {.home = "."};

    memset(bench, 0, sizeof *bench);
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        plan_load_text(&bench->plan, "wall.yaml", yaml, strlen(yaml), &options, &found, &error),
        STATUS_OK);
    if (found.count)
        printf("%s: %s\n", found.items[0].where.path, found.items[0].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    CU_ASSERT_EQUAL_FATAL(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error),
                          STATUS_OK);
    const struct engine *engine = engine_of(bench->trial.experiment.train.engine.kind);
    CU_ASSERT_EQUAL_FATAL(engine->start(&error), STATUS_OK);
}

static void prepare_bench(struct bench *bench)
{
    struct trial_options options = {.data = "data/raw", .threads = 2};
    struct error error = {0};
    enum status status =
        trial_prepare(&bench->splits, &bench->trial, &bench->cache, &options, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void release(struct bench *bench)
{
    splits_release(&bench->splits);
    dataset_cache_release(&bench->cache);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

static void run_measured(const struct bench *bench, struct latencies *speeds, struct record *record)
{
    struct trial_options options = {.threads = 2, .workers = 3, .latencies = speeds};
    struct error error = {0};

    memset(record, 0, sizeof *record);
    enum status status =
        trial_learn(&bench->trial, &bench->plan, &bench->splits, &options, record, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void run(const struct bench *bench, struct record *record)
{
    run_measured(bench, NULL, record);
}

static size_t array_bytes(const struct hdf5_array *array)
{
    size_t size = array->type == HDF5_FLOAT64 ? 8 : array->type == HDF5_FLOAT32 ? 4 : 1;
    for (int d = 0; d < array->rank; d++)
        size *= array->dims[d];
    return size;
}

static int arrays_below(const struct record *record, const char *folder)
{
    int count = 0;

    for (size_t i = 0; i < record->array_count; i++)
        count += strncmp(record->arrays[i].path, folder, strlen(folder)) == 0;
    return count;
}

/* Number of arrays of both records below `folder`; their bytes must be equal. */
static int same_arrays(const struct record *a, const struct record *b, const char *folder)
{
    CU_ASSERT_EQUAL_FATAL(arrays_below(a, folder), arrays_below(b, folder));
    for (size_t i = 0; i < a->array_count; i++) {
        if (strncmp(a->arrays[i].path, folder, strlen(folder)) != 0)
            continue;
        const struct hdf5_array *other = record_find(b, a->arrays[i].path);
        CU_ASSERT_PTR_NOT_NULL_FATAL(other);
        CU_ASSERT_EQUAL_FATAL(array_bytes(&a->arrays[i].array), array_bytes(other));
        CU_ASSERT_EQUAL(memcmp(a->arrays[i].array.values, other->values, array_bytes(other)), 0);
    }
    return arrays_below(a, folder);
}

static double value(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return record->values[i].type == RECORD_INTEGER ? (double)record->values[i].integer
                                                            : record->values[i].real;
    CU_FAIL_FATAL("no such value");
    return 0;
}

#endif
