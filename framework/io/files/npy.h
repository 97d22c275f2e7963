/*
 * NumPy's file format .npy (NumPy Enhancement Proposal 1; versions 1 to 3): one array, as programs
 * hand it on through a pipe. A header tells type, order and shape; the values follow.
 */
#ifndef UNDERSTUDY_IO_FILES_NPY_H
#define UNDERSTUDY_IO_FILES_NPY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    NPY_MOST_RANK = 8,
    NPY_PRELUDE = 12,      /* bytes that say how long the header is; version 1 has 10 */
    NPY_MOST_HEADER = 4096 /* bytes in all */
};

struct npy {
    char kind;    /* 'f', 'i', 'u', 'b' (truth values) */
    size_t size;  /* bytes of a value: 1, 2, 4, 8 */
    bool big;     /* its most significant byte comes first */
    bool fortran; /* the first axis moves fastest */
    int rank;
    size_t dims[NPY_MOST_RANK];
    size_t count; /* of values */
};

/* The header of an array of float32 in C order, little-endian: its length, a multiple of 64. */
size_t npy_header(const size_t *dims, int rank, char header[NPY_MOST_HEADER]);

/* How long the header is, from its first NPY_PRELUDE bytes; `count` are there (fewer where the file
 * ends). STATUS_DATA where it is none. */
MUST_CHECK enum status npy_header_length(const unsigned char *bytes, size_t count, size_t *length,
                                         struct error *error);
/* Read a header of `length` bytes. STATUS_DATA, with what was found, for what is no array of plain
 * numbers. */
MUST_CHECK enum status npy_parse(const unsigned char *bytes, size_t length, struct npy *npy,
                                 struct error *error);
/* The values, [npy->count] of npy->size bytes each, as float32 in C order. */
void npy_floats(const struct npy *npy, const unsigned char *bytes, float *floats);
/* "float32 [2, 1, 28, 28]" */
void npy_describe(const struct npy *npy, char *text, size_t size);
void npy_describe_shape(const size_t *dims, int rank, char *text, size_t size);

#endif
