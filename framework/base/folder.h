/* Folders of the file system. */
#ifndef UNDERSTUDY_BASE_FOLDER_H
#define UNDERSTUDY_BASE_FOLDER_H

#include "base/error.h"

/* Make the folder and those on the way to it; one that is there already is fine. */
MUST_CHECK enum status folder_make(const char *path, struct error *error);

#endif
