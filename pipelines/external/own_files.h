/*
 * The user's own programs and libraries, as keys know them: by the digest of what is in the files.
 */
#ifndef UNDERSTUDY_PIPELINES_EXTERNAL_OWN_FILES_H
#define UNDERSTUDY_PIPELINES_EXTERNAL_OWN_FILES_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>

/* Append `path`, which starts at `folder` unless it is absolute. True where it is not there, and
 * the file of this name on the search path was taken in its place (io/files/search_path.h). */
bool own_file_path(const char *folder, const char *path, struct text *full);
/* Where the program is, appended to `path`: one with a '/' in its name from `folder` on, others in
 * the folders of PATH. False where it is not there, or is not a program. */
bool own_program_find(const char *folder, const char *name, struct text *path);
/* Of a regular file; of a folder, over the names and digests of all files in it, but for what
 * begins with '.' and __pycache__. What was found first holds in this process, so that keys stay as
 * they are. STATUS_IO, with the path, where it cannot be read. */
MUST_CHECK enum status own_file_digest(const char *path, char digest[HASH_TEXT],
                                       struct error *error);
/* STATUS_DATA where it is another file by now. Cheap where `stat` sees no change. */
MUST_CHECK enum status own_file_unchanged(const char *path, struct error *error);
/* For tests: as in a new process. */
void own_files_forget(void);
/* Is there something of that name? */
bool own_file_exists(const char *path);

#endif
