/* Records as trials make them, made up. */
#ifndef UNDERSTUDY_TESTS_UNIT_MADE_RECORD_H
#define UNDERSTUDY_TESTS_UNIT_MADE_RECORD_H

#include "interfaces/engine.h"
#include "results/results_write.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { TRIALS = 8, REPLICATES = 2, EPOCHS = 3 };

static struct error error;

static enum status fill_record(struct record *record, int trial)
{
    enum status status = STATUS_OK;
    float losses[EPOCHS] = {1, 0.5F, 1.0F / (float)(trial + 3)};
    float images[2][3][4], many[5000];
    struct hdf5_array array = {.type = HDF5_FLOAT32, .rank = 1, .dims = {EPOCHS}, .values = losses};

    for (size_t i = 0; i < sizeof images / sizeof(float); i++)
        (&images[0][0][0])[i] = (float)i * (float)trial;
    TRY(record_text(record, "status", trial == 3 ? "failed: größer" : "done", &error));
    if (trial == 3)
        goto out; /* no values, no arrays */
    TRY(record_real(record, "network.test.ssim", 1.0 / (trial + 1), &error));
    TRY(record_integer(record, "network.parameters", 100 + trial, &error));
    if (trial == 5)
        TRY(record_real(record, "late", -0.0, &error));
    TRY(record_array(record, "curves/train.loss", &array, &error));
    TRY(record_array(record, "timing/curves/train.seconds", &array, &error));
    TRY(record_real(record, "timing.training.seconds", 10 + trial, &error));
    array =
        (struct hdf5_array){.type = HDF5_FLOAT32, .rank = 3, .dims = {2, 3, 4}, .values = images};
    TRY(record_array(record, "activations/conv1", &array, &error));
    TRY(record_array(record, "examples/clean", &array, &error));
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) /* enough to be compressed */
        many[i] = (float)(i * 2654435761U % 1000U) + (float)trial;
    struct hdf5_array large = {.type = HDF5_FLOAT32, .rank = 1, .dims = {5000}, .values = many};
    TRY(record_array(record, "examples/degraded", &large, &error));
    TRY(record_array(record, "parameters/conv1/weights", &array, &error));
out:
    return status;
}

/* Old contents of a results file, to be found again after a failure. */
static void plant(const char *path)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("old", file);
    fclose(file);
}

static bool planted(const char *path)
{
    char bytes[8] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return length == 3 && memcmp(bytes, "old", 3) == 0;
}

#endif
