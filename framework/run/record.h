/*
 * A trial's record: named values (one column each in /trials), series (/curves), arrays
 * (/activations, /parameters, examples), kept in one small HDF5 file a trial until they are merged.
 * What is named "timing.…" or lies below "timing/" is of the clock: it goes to /timing.
 */
#ifndef UNDERSTUDY_RUN_RECORD_H
#define UNDERSTUDY_RUN_RECORD_H

#include "io/hdf5.h"

enum record_type { RECORD_REAL, RECORD_INTEGER, RECORD_TEXT };

struct record_value {
    const char *name;
    enum record_type type;
    double real;
    int64_t integer;
    const char *text;
};

struct record_array {
    const char *path; /* "curves/train.loss", "activations/conv1", "timing/curves/train.seconds" */
    struct hdf5_array array;
};

struct record {
    struct arena arena; /* owns all names, texts and arrays */
    struct record_value *values;
    size_t value_count, value_capacity;
    struct record_array *arrays;
    size_t array_count, array_capacity;
};

MUST_CHECK enum status record_real(struct record *record, const char *name, double value,
                                   struct error *error);
MUST_CHECK enum status record_integer(struct record *record, const char *name, int64_t value,
                                      struct error *error);
MUST_CHECK enum status record_text(struct record *record, const char *name, const char *text,
                                   struct error *error);
/* Copies `array`. */
MUST_CHECK enum status record_array(struct record *record, const char *path,
                                    const struct hdf5_array *array, struct error *error);
void record_release(struct record *record);

/* Write to a temporary name beside `path`, flush to disk, rename: either all or nothing. */
MUST_CHECK enum status record_write(const struct record *record, const char *path, const char *key,
                                    struct error *error);
/* Read back the values (not the arrays). STATUS_DATA when damaged or not of `key`. */
MUST_CHECK enum status record_read(struct record *record, const char *path, const char *key,
                                   struct error *error);

#endif
