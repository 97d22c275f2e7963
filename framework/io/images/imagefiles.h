/*
 * Many image files: listed, looked at one after the other, decoded as far as they are wanted.
 *
 * Looking at a file reads and hashes it whole, and takes its header apart; its bytes are not kept.
 * Decoding reads it again, checks that it is the same, and decodes as many at a time as there are
 * threads, each into its own place: memory is that of the images wanted.
 */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILES_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILES_H

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/images/imagefile.h"

#include <stdint.h>
#include <sys/types.h>

struct imagefile {
    const char *path, *name; /* in the arena; `name` is the path as it can be printed */
    dev_t device;            /* with `number`: which file it is, whatever it is called */
    ino_t number;
    struct shape shape;     /* once looked at; without pixels where it was in vain */
    char sha256[HASH_TEXT]; /* of its bytes, once looked at */
    /* Files whose channels follow this one's, of the same size; `shape` is then that of all. */
    const struct imagefile *others;
};

struct imagefiles {
    struct arena arena;
    struct imagefile *items; /* [count], in the byte order of their names */
    size_t count, capacity;
    const char *folder;           /* that was listed, as it can be printed, in the arena; or NULL */
    int channels;                 /* of each file to decode to: 1, 3, 0 or IMAGEFILE_STORED */
    size_t others;                /* of each item, the same for all */
    struct imagefile_scale scale; /* to decode with */
    const struct imagefile_numbers *numbers; /* … where samples are numbers; else NULL */
    /* Of those that were looked at: colours with which the palettes of all begin. */
    size_t looked;
    int colours;
    uint32_t palette[IMAGEFILE_PALETTE];
    struct text left_out; /* description of other files in the folder; "": none */
};

/* What decoded files had, all together. Starts as {0}. */
struct imagefiles_summary {
    size_t files, clipped, samples_clipped, remarks; /* `clipped`, `remarks`: files */
    double maximum, most;     /* the largest scale, and the largest sample of files that have it */
    double largest, smallest; /* samples of all files, and 0 */
    double minimum;           /* of the scale whose maximum is told */
    size_t reals;             /* files of floats: of these alone ... */
    double real_least, real_most;             /* ... these samples, or 0 */
    const char *first_clipped, *first_remark; /* names, of the files' arena */
    char remark[120];                         /* of first_remark */
};

/* The scale that holds every sample: from 0, or the first of -1, -2, -4 ..., to the first of 1, 3,
 * 7
 * ... */
struct imagefile_scale imagefile_scale_of(const struct imagefiles_summary *summary);

/* Hears of a file that could not be looked at or decoded (`fault`), else of its image. */
typedef enum status imagefiles_heard(void *context, size_t index, const struct image *image,
                                     const struct error *fault, struct error *error);

/*
 * The files of a folder, without hidden ones; what lies in sub-folders is counted. STATUS_IO: there
 * is no such folder, or it cannot be read; STATUS_DATA: there are no files in it, or one that is
 * neither file nor folder. `files` starts as {0}.
 */
MUST_CHECK enum status imagefiles_list(struct imagefiles *files, const char *folder,
                                       struct error *error);
/* Look at the first `count` files; name and contents of each go to `hash`. With `heard`, faults are
 * told and the other files looked at, too; NULL: the first one is the error. */
MUST_CHECK enum status imagefiles_look(struct imagefiles *files, size_t count, struct hash *hash,
                                       imagefiles_heard *heard, void *context, struct error *error);
/* Decode `count` files by their numbers into `images`, a new set in that order. Of several faults
 * the first in that order is the error, whatever the threads, and *faulty its place there. */
MUST_CHECK enum status imagefiles_decode(const struct imagefiles *files, const uint32_t *indices,
                                         size_t count, int threads, struct image_set *images,
                                         struct imagefiles_summary *summary, size_t *faulty,
                                         struct error *error);
/* Decode all files that could be looked at, a few at a time, and tell of each, in order. */
MUST_CHECK enum status imagefiles_each(const struct imagefiles *files, int threads,
                                       imagefiles_heard *heard, void *context,
                                       struct imagefiles_summary *summary, struct error *error);
void imagefiles_release(struct imagefiles *files);

#endif
