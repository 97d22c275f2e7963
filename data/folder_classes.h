/* Classes of images in folders, by sub-folders or by a CSV file. */
#ifndef UNDERSTUDY_DATA_FOLDER_CLASSES_H
#define UNDERSTUDY_DATA_FOLDER_CLASSES_H

#include "interfaces/dataset.h"

enum { FOLDER_CLASSES = 256 }; /* at most */

/* Of a pool: the class of each file, by its name. Starts as {0}. */
struct folder_labels {
    struct arena arena;
    const char **names; /* [count], of the class of each file */
    size_t count;       /* files that are listed, wanted or not */
};

/* List the sub-folders of `folder` as classes, with the images of each, into `files`; labels->names
 * tells the class of each. STATUS_DATA: there are no sub-folders, or one without images. */
MUST_CHECK enum status folder_list_classes(struct imagefiles *files, const char *folder,
                                           struct folder_labels *labels, struct error *error);
/* The classes of listed files from a CSV file with columns `name` and `class`. `others`: files of
 * the other pool, which the CSV may name, too; NULL: it may not. STATUS_DATA with file and line: a
 * name that no file has, or that stands there twice; a file that is not there. */
MUST_CHECK enum status folder_read_classes(const struct imagefiles *files,
                                           const struct imagefiles *others, const char *csv,
                                           struct folder_labels *labels, struct error *error);
/* Classes are numbered by the byte order of their names in the training pool: fills content's
 * classes and names. STATUS_DATA: a class of the test pool has no training image (*of_test), or
 * there are too many. */
MUST_CHECK enum status folder_number_classes(struct dataset_content *content,
                                             const struct folder_labels *train,
                                             const struct folder_labels *test, bool *of_test,
                                             struct error *error);
/* The sub-folders' paths, each ended by '\0', appended in byte order. */
void folder_append_classes(const char *folder, struct text *paths);
void folder_labels_release(struct folder_labels *labels);

#endif
