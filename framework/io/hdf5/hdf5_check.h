/*
 * What a plausible file is: asked before anything else is read of a file that came from elsewhere.
 * Private to io/hdf5/; a sandboxed process calls it (io/hdf5/hdf5_guard.c).
 */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_CHECK_H
#define UNDERSTUDY_IO_HDF5_HDF5_CHECK_H

#include "base/text.h"
#include "io/hdf5/hdf5.h"

/*
 * Walk through all groups, arrays and attributes of a file of `size` bytes. STATUS_DATA, with the
 * object's path, for the first thing that this program never writes:
 *
 * - links that are soft, external or user-defined; an object with two names; more than
 *   HDF5_DEEPEST groups within one another; names that are no text, or no part of a path;
 * - values in other files (external storage, virtual arrays), values that were never written,
 *   filters but for shuffle and deflate;
 * - types but for numbers and text; named types; attributes but for single texts and whole numbers;
 * - more bytes than the file can hold: unpacked 50 times its size and 512 MiB in all, 256 MiB in
 *   place of those for a single array, stored the size itself.
 *
 * What was found is appended to `contents`: 'g' for a group or 'a' for an array, the path, and a
 * zero byte, for each.
 */
MUST_CHECK enum status hdf5_check(struct hdf5 *file, uint64_t size, struct text *contents,
                                  struct error *error);

#endif
