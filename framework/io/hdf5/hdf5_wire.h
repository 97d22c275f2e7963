/*
 * What the two ends of a guard say to each other, over a socket of one machine: a request and its
 * texts, a reply and its bytes, in turn. Private to io/hdf5/.
 */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_WIRE_H
#define UNDERSTUDY_IO_HDF5_HDF5_WIRE_H

#include "io/hdf5/hdf5.h"

enum hdf5_question {
    HDF5_ASK_ARRAY,      /* PATH → the array, and its values */
    HDF5_ASK_FORMAT,     /* OBJECT → its number, as bytes */
    HDF5_ASK_ATTRIBUTE,  /* OBJECT NAME → a text */
    HDF5_ASK_ATTRIBUTES, /* OBJECT → for each: type (one byte), name, 0, text or digits, 0 */
    HDF5_ASK_BLOCK,      /* PATH, from `offset` on `bytes` → bytes */
    HDF5_ASK_DIGEST,     /* PATH … → 64 digits */
};

struct hdf5_request {
    enum hdf5_question question;
    uint64_t offset, bytes;
    uint64_t length; /* of the texts that follow, a zero after each */
};

struct hdf5_reply {
    enum status status;      /* not OK: the message follows, and nothing else is set */
    struct hdf5_array array; /* HDF5_ASK_ARRAY; `values` says nothing */
    uint64_t length;         /* of the bytes that follow */
};

/* Answer requests about the file at `descriptor`, called `name` in messages, until the other end of
 * `socket` is closed. For a child, at once after fork(): everything else that is open is closed.
 * The first reply comes unasked: what the file holds, as hdf5_check() tells it. */
_Noreturn void hdf5_wire_serve(int descriptor, int socket, const char *name);

#endif
