/*
 * Private to data/: the readers of data formats, from bytes in memory, and what the data sets
 * share. Readers give views into the bytes that they were given, and check everything that they
 * are told: magic number, sizes against the length, range of labels.
 */
#ifndef UNDERSTUDY_DATA_READERS_H
#define UNDERSTUDY_DATA_READERS_H

#include "interfaces/dataset.h"
#include "io/files/bytes.h"
#include "io/images/duplicates.h"

/* An IDX file of unsigned bytes: `count` items of `height` x `width`, or labels of 1 x 1. */
struct idx {
    size_t count, height, width;
    const unsigned char *values;
};

/* IDX as MNIST's page (LeCun, Cortes, Burges 1998) describes it. */
MUST_CHECK enum status idx_images(struct span file, struct idx *images, struct error *error);
/* Labels must be below 10. */
MUST_CHECK enum status idx_labels(struct span file, struct idx *labels, struct error *error);

/* CIFAR-10, binary version: records of a label byte, then 1024 bytes each of red, green, blue. */
enum { CIFAR10_SIDE = 32, CIFAR10_PIXELS = 3 * 32 * 32, CIFAR10_RECORD = 1 + CIFAR10_PIXELS };

MUST_CHECK enum status cifar10_records(struct span file, size_t *count, struct error *error);

/* to[i] = from[i] / 255 */
void values_from_bytes(float *to, const unsigned char *from, size_t count);

/* How many of `available` images to give: all, or those wanted; STATUS_CONFIG when there are
 * fewer. `pool` is "training" or "test", `set` the data set's name. */
MUST_CHECK enum status pool_count(const char *set, const char *pool, size_t wanted,
                                  size_t available, size_t *count, struct error *error);

/* The setting `range` of sets in files: the scale that it says, {0, 0} where it says none or
 * `auto`; false: it is neither. */
bool data_range(const struct text_list *range, struct imagefile_scale *scale);

bool data_is_there(const char *path);

/* Images of files in two pools, to find those that are the same: by what the file, and `others` of
 * the same image, are, whatever their names, or by their contents, once they are known. `arena` has
 * what the twins borrow. */
MUST_CHECK enum status data_add_twin(struct duplicates *twins, const struct imagefile *file,
                                     size_t others, bool test, bool by_contents,
                                     struct arena *arena, struct error *error);
/* What is wrong with them, appended: of `tests` test images some are training images, too; or,
 * where test images are yet to be drawn (`undivided`), some are copies of others. Returns how many.
 */
size_t data_find_twins(struct duplicates *twins, bool undivided, size_t tests, struct text *text);

/* `name` where it is absolute; below `beside`, the experiment file's folder, where it begins with
 * "./" or "../"; else below the data directory. In place of what *path held. */
MUST_CHECK enum status data_path(struct text *path, const char *directory, const char *beside,
                                 const char *name, struct error *error);
/* Append it and '\0', as dataset.folders() gives paths. */
void data_add_path(struct text *paths, const char *directory, const char *beside, const char *name);

/* The answer to a file or folder that is not there: names it, and how to get it. */
MUST_CHECK enum status data_missing(const char *path, const char *set, struct error *error);

/* A fault of a set's files that a listing tells goes to `faults`; that DIRECTORY/SET is not there
 * at all, to `listing`, too. */
MUST_CHECK enum status data_fault(struct diagnostics *faults, const char *set,
                                  const char *directory, const struct error *fault,
                                  struct dataset_listing *listing, struct error *error);

#endif
