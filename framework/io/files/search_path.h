/*
 * Where families, machines, launchers and programs are looked for: beside the experiment file, in
 * the folders that the environment variable UNDERSTUDY_PATH lists (separated by ':'), and in the
 * home, in this order. What is found first counts, so that a user's own files come before shipped
 * ones.
 */
#ifndef UNDERSTUDY_IO_FILES_SEARCH_PATH_H
#define UNDERSTUDY_IO_FILES_SEARCH_PATH_H

#include "base/text.h"

enum search_kind { SEARCH_FAMILIES, SEARCH_HARDWARE, SEARCH_LAUNCHERS };

/* The folders that hold files of this kind, which exist, in the order in which they are searched;
 * the home's is always among them. `beside` is the experiment file's folder, NULL where there is
 * none. STATUS_CONFIG where UNDERSTUDY_PATH lists what is not a folder. All lives in `arena`. */
MUST_CHECK enum status search_folders(enum search_kind kind, const char *beside, const char *home,
                                      struct arena *arena, struct text_list *folders,
                                      struct error *error);

/* The folder of a file, "." for one in the current folder. */
MUST_CHECK enum status folder_of(const char *file, struct text *folder, struct error *error);

/* Append FOLDER/NAME, an absolute path, for the first folder of UNDERSTUDY_PATH that has a regular
 * file of this name; false: none has. */
bool search_file(const char *name, struct text *path);

#endif
