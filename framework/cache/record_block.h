/*
 * What a record's file holds as one block of bytes: its values and its small arrays, read where
 * they lie. Only cache/record_file.c includes this.
 */
#ifndef UNDERSTUDY_CACHE_RECORD_BLOCK_H
#define UNDERSTUDY_CACHE_RECORD_BLOCK_H

#include "base/text.h"
#include "cache/record.h"

/* Small enough to go into the block; hdf5_write() stores such an array plainly, too. */
bool record_packs(const struct hdf5_array *array);
/* Append the values, then the small arrays. *values gets the bytes of the former, *left the number
 * of arrays that are not in it. */
MUST_CHECK enum status record_pack(const struct record *record, struct text *block, size_t *values,
                                   size_t *left, struct error *error);
/* Append what the two parts hold to `record`; STATUS_DATA where they are not what was packed. */
MUST_CHECK enum status record_unpack_values(struct span block, struct record *record,
                                            struct error *error);
MUST_CHECK enum status record_unpack_arrays(struct span block, struct record *record,
                                            struct error *error);

#endif
