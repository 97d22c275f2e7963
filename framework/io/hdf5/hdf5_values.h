/* Single values of arrays: compared bit by bit, and in words. */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_VALUES_H
#define UNDERSTUDY_IO_HDF5_HDF5_VALUES_H

#include "base/text.h"
#include "io/hdf5/hdf5.h"

/* Bytes of one value, and how many values there are. */
size_t hdf5_value_size(const struct hdf5_array *array);
size_t hdf5_value_count(const struct hdf5_array *array);

/* Of one type and shape? Texts may have different room. */
bool hdf5_same_form(const struct hdf5_array *a, const struct hdf5_array *b);
/* The same bits at `i` and at `j`? Of texts, up to their padding. The types must be equal. */
bool hdf5_same_value(const struct hdf5_array *a, size_t i, const struct hdf5_array *b, size_t j);
/* The first value that differs; the number of values where none does. Of arrays of one form. */
size_t hdf5_first_difference(const struct hdf5_array *a, const struct hdf5_array *b);

/* A value as text; numbers so that they read back as the same, "nan". */
void hdf5_print_value(const struct hdf5_array *array, size_t i, struct text *text);
/* "[3,0,1]", where value `i` stands; "" in a scalar. */
void hdf5_print_index(const struct hdf5_array *array, size_t i, struct text *text);
/* "float32 [8, 16]", "text of 12 bytes [5]". */
void hdf5_print_form(const struct hdf5_array *array, struct text *text);

#endif
