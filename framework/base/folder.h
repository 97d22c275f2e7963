/* Folders of the file system. */
#ifndef UNDERSTUDY_BASE_FOLDER_H
#define UNDERSTUDY_BASE_FOLDER_H

#include "base/error.h"

#include <stdbool.h>

/* Make the folder and its missing parents. An existing folder is fine. */
MUST_CHECK enum status folder_make(const char *path, struct error *error);

/* Is there a folder at `path`? */
bool folder_is(const char *path);

/* STATUS_IO, by name, where there is something at `path` that this user may not read: that is not
 * the same as nothing. OK where there is nothing. */
MUST_CHECK enum status folder_readable(const char *path, struct error *error);

/* Remove the folder with all that is in it; links are removed, not followed. What cannot be removed
 * stays. */
void folder_remove(const char *path);

#endif
