/* A file of HDF5 that this program writes. */
#ifndef UNDERSTUDY_TESTS_UNIT_HDF5_WRITTEN_H
#define UNDERSTUDY_TESTS_UNIT_HDF5_WRITTEN_H

#include "io/hdf5/hdf5.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void write_same(const char *path)
{
    struct hdf5 file = {0};
    float values[2000] = {1, 2, 3};
    struct hdf5_array array = {
        .type = HDF5_FLOAT32, .rank = 2, .dims = {100, 20}, .values = values};

    OK(hdf5_create(&file, path, &error));
    OK(hdf5_write(&file, "/a/b/c", &array, &error));
    OK(hdf5_attribute_text(&file, "/a", "name", "x", &error));
    OK(hdf5_close(&file, &error));
}

#endif
