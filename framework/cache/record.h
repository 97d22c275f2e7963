/*
 * A record: named values and arrays, what one stage of a trial gives. Kept as one small file with a
 * check sum over all of it (cache/cache.h). Of the last stage, the values become columns of
 * /trials, the arrays go to /curves, /activations and so on of the results file; what is named
 * "timing.…" or lies below "timing/" is of the clock and goes to /timing.
 */
#ifndef UNDERSTUDY_CACHE_RECORD_H
#define UNDERSTUDY_CACHE_RECORD_H

#include "base/hash.h"
#include "io/hdf5/hdf5.h"

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
/* The same for an array that lives in record->arena already. */
MUST_CHECK enum status record_adopt(struct record *record, const char *path,
                                    const struct hdf5_array *array, struct error *error);
/* Append all that `from` holds. */
MUST_CHECK enum status record_merge(struct record *record, const struct record *from,
                                    struct error *error);
/* NULL: there is none. */
const struct record_value *record_value(const struct record *record, const char *name);
const struct hdf5_array *record_find(const struct record *record, const char *path);
/* Forget the arrays whose paths start with this prefix. */
void record_drop(struct record *record, const char *prefix);
void record_release(struct record *record);

/* The bytes of the record's file. */
MUST_CHECK enum status record_image(const struct record *record, const char *key,
                                    struct bytes *image, struct error *error);
/* Are these a record's bytes, undamaged and of `key`? STATUS_DATA if not. `digest` gets their
 * SHA-256, which the file's head holds too. */
MUST_CHECK enum status record_check(struct span image, const char *key, char digest[HASH_TEXT],
                                    struct error *error);
/* Check, and append values and small arrays to `record`; larger arrays are in `file`, for
 * record_arrays(), hdf5_copy(): below the root, beside /record. There is none where it is {0}. The
 * caller closes it, and releases `record` after a failure, too. */
MUST_CHECK enum status record_open(struct span image, const char *key, struct record *record,
                                   struct hdf5 *file, struct error *error);
/* The values of an image, checked first. */
MUST_CHECK enum status record_image_values(struct span image, const char *key,
                                           struct record *record, struct error *error);
/* Append the arrays of an open file; safe on {0}. */
MUST_CHECK enum status record_arrays(struct hdf5 *file, struct record *record, struct error *error);

/* Write to a temporary name beside `path`, flush, rename: either all or nothing. Where `soon` is
 * set it is not flushed before atomic_file_flush(). */
MUST_CHECK enum status record_write(const struct record *record, const char *path, const char *key,
                                    bool soon, struct error *error);

/* An array that is a row of `count` values; NULL: there is none. */
const void *record_row(const struct record *record, const char *path, enum hdf5_type type,
                       size_t count);
/* Add one. */
MUST_CHECK enum status record_put_row(struct record *record, const char *path, enum hdf5_type type,
                                      void *values, size_t count, struct error *error);

#endif
