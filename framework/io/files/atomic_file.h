/* Files that are there whole or not at all: written under another name, then put in place. */
#ifndef UNDERSTUDY_IO_FILES_ATOMIC_FILE_H
#define UNDERSTUDY_IO_FILES_ATOMIC_FILE_H

#include "base/text.h"
#include "io/files/bytes.h"

#include <stdbool.h>

/* Append a name beside `path` that no other process takes, on whatever machine: the one that a file
 * has until it is finished. It ends with the process's tag and ".part". */
MUST_CHECK enum status atomic_file_part(const char *path, struct text *temporary,
                                        struct error *error);
/* Is that the name of an unfinished file? *gone: and has its process certainly ended? */
bool atomic_file_is_part(const char *name, bool *gone);
/* Remove from the folder the unfinished files, named so at their start, of processes that have
 * ended, as far as it can be done; those of others stay. */
void atomic_file_sweep(const char *folder, const char *start);
/* Remove those of `path` in the same way. */
void atomic_file_sweep_path(const char *path);

/*
 * Put the finished file `temporary` in the place of `path`, in the same directory. Its content is
 * on the disk before the new name is, so that a power cut leaves the old file or the new one.
 */
MUST_CHECK enum status atomic_file_replace(const char *temporary, const char *path,
                                           struct error *error);

/* Write the spans, one behind the other, as the file `path`, in this way. Their names are not
 * looked at. */
MUST_CHECK enum status atomic_file_write(const char *path, const struct span *spans, size_t count,
                                         struct error *error);

/* The same, but a power cut may lose it, or leave less of it than was written, until
 * atomic_file_flush() was called: for what is checked when it is read, and can be made again. */
MUST_CHECK enum status atomic_file_write_soon(const char *path, const struct span *spans,
                                              size_t count, struct error *error);
/* The contents of these files, paths each ended by '\0', to the disk; those that have gone
 * meanwhile are fine. Many at once take hardly longer than one. */
MUST_CHECK enum status atomic_file_flush(const struct text *paths, struct error *error);

#endif
