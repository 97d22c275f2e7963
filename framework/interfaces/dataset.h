/*
 * Data sets: images and ground truth. A data set knows nothing of pipelines, noise or splits.
 *
 * It gives two pools, `train` and `test`, as its publishers split it; trial/ draws the splits
 * manual, unlabelled and validation from the first. In denoising, the images themselves are the
 * truth, unless truth of their own was recorded for them.
 */
#ifndef UNDERSTUDY_INTERFACES_DATASET_H
#define UNDERSTUDY_INTERFACES_DATASET_H

#include "base/hash.h"
#include "base/random.h"
#include "base/text.h"
#include "interfaces/content.h"
#include "io/images/imagefiles.h"
#include "io/schema/schema.h"
#include "math/image.h"

struct dataset_request {
    const char *directory; /* where data sets lie, one folder each: "data/raw" */
    uint64_t seed;         /* generated sets: image i is a function of (seed, pool, i) */
    size_t train, test;    /* images wanted at least; SIZE_MAX: all there are */
    int threads;
    /* Where all faults of files go, each with the path of the field that names the folder, while
     * load() goes on as far as it can; NULL: the first one is its error. */
    struct diagnostics *faults;
    enum content labels; /* what labels and truth are to be */
};

/* Images that lie in memory, all of them in order; or in files, decoded where they are wanted. */
struct dataset_pool {
    struct image_set images;
    uint8_t *classes;        /* [images.count], owned; NULL: no classes */
    struct imagefiles files; /* count 0: all images are in memory */
    /* Names of the files that hold `contained` images each, one after the other, as messages call
     * them; NULL: there are none. */
    const char *const *containers;
    size_t contained;
    uint32_t *places; /* [files.count] of each in `images`; UINT32_MAX: it is not decoded */
    /* What was recorded for the images; NULL: nothing was, and what is true the task tells from
     * images and classes. Owned. */
    struct dataset_answers *labels, *truth;
};

enum { DATASET_NO_CLASS = 255 };

/* Answers that somebody recorded for some images of a pool, or for all, or for none: what a
 * pipeline made of them, or what they should be. Either images (pictures, masks, maps), classes or
 * numbers. */
struct dataset_answers {
    struct dataset_pool images; /* in files of their own, or in memory; empty where answers are
                                   classes or numbers */
    uint32_t *of;     /* [the pool's count], which of `images` is whose; UINT32_MAX: it has none */
    uint8_t *classes; /* [the pool's count] or DATASET_NO_CLASS; NULL where answers are others */
    float *numbers;   /* [the pool's count][number_count], all NaN where there is none; else NULL */
    int number_count;
    size_t count; /* of the pool's images that have one */
};

struct dataset_content {
    struct dataset_pool train, test;
    bool undivided;     /* `test` is empty: the test split is drawn from `train`, too */
    int count;          /* of classes, or of numbers for each image or pixel; 0: none */
    const char **names; /* [count], in the arena; NULL: the set's descriptor has them */
    const char **units; /* [count] of numbers, in the arena; NULL: they have none */
    uint32_t *colours; /* [count] 0xRRGGBB by which figures show classes, in the arena; NULL: any */
    struct arena arena;
    char sha256[HASH_TEXT]; /* over the files read, in a fixed order; "" for generated sets */
    struct text notes;      /* what people should know about the files, a line each */
    size_t shared;          /* test images that are training images, as far as load() looked */
    bool may_share;         /* that they are is no fault */
    bool faulty;            /* faults were told when it was read; what follows from them is not */
};

/* What can be told of files without reading them. */
struct dataset_listing {
    size_t train, test;             /* images; SIZE_MAX: not known */
    bool undivided;                 /* there is one pool, `train` */
    size_t train_truth, test_truth; /* images that have truth; SIZE_MAX: all, or not known */
    char absent[64];   /* the folder of the directory that is not there at all; "": all are */
    struct text notes; /* what people should know, a line each; the caller's to release */
};

/* What an experiment says that it has recorded: a bit each. */
enum {
    RECORDED_LABELS = 1,  /* images, by a pipeline */
    RECORDED_TRUTH = 2,   /* images, by hand */
    RECORDED_CLASSES = 4, /* a table that may name classes, of either */
};

struct dataset {
    struct descriptor descriptor;
    unsigned serves; /* what labels and truth can be: SERVES_IMAGES | … */
    /* … with these settings; NULL: always all of it. */
    unsigned (*gives)(const void *config);
    /* By the content that is wanted: the setting that decides it, and what it should be, for
     * messages. */
    struct {
        const char *field, *expected;
    } gives_by[CONTENTS];
    bool generated; /* makes as many images as are wanted; SIZE_MAX is then refused */
    /* The shape that every image has (zeros: it varies), and how many classes or numbers `labels`
     * have (0: none, or not known), as far as that is known before anything is read. NULL: it is
     * not. */
    void (*shape)(const void *config, enum content labels, struct shape *shape, int *count);
    size_t train, test; /* images of the pools, where they are always as many; 0: they are not */
    /* What the classes are called, by their numbers, ended by NULL; NULL: by their numbers. */
    const char *const *class_names;
    /* What numbers are called, and their units, likewise. */
    const char *const *number_names, *const *number_units;
    /* Fill *content; STATUS_DATA with path, expected and found for a damaged file, STATUS_IO with
     * the hint "`make data` downloads it" for a missing one. May give more images than wanted.
     * On failure *content is empty. */
    enum status (*load)(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error);
    /* Settings against each other: mistakes go to `found`, with the field's name as their path.
     * NULL: none. */
    enum status (*check)(const void *config, struct diagnostics *found, struct error *error);
    /* What can be told of the files from how they are listed: faults as in struct dataset_request.
     * NULL: nothing can be wrong. */
    enum status (*list)(const void *config, const char *directory, struct dataset_listing *listing,
                        struct diagnostics *faults, struct error *error);
    /* Paths in its settings that begin with "./" or "../" start at this folder, the experiment
     * file's, which outlives them. NULL: there are none. */
    void (*settle)(void *config, const char *folder);
    /* What was recorded for the images, as RECORDED_…; NULL: there are no recorded labels, and
     * truth is there for all images. */
    unsigned (*recorded)(const void *config);
    /* Files and folders that load() reads, each ended by '\0' (a name may hold any other byte),
     * appended; NULL: DIRECTORY/NAME. Of a folder, only what lies in it itself is read. */
    void (*folders)(const void *config, const char *directory, struct text *paths);
};
DESCRIPTOR_OF(dataset);

/* What labels and truth can be with these settings. */
static inline unsigned dataset_serves(const struct dataset *dataset, const void *config)
{
    return dataset->gives ? dataset->gives(config) : dataset->serves;
}

size_t dataset_pool_count(const struct dataset_pool *pool);
/* "mine/train/a.png", to be printed; NULL: the image has no file of its own. */
const char *dataset_pool_name(const struct dataset_pool *pool, size_t index);
struct shape dataset_pool_shape(const struct dataset_pool *pool, size_t index);
/* Have the images for which wanted[index] is true in memory; of those that lie in files, no others
 * than these or more that an earlier call wanted. What people should know about those that were
 * decoded goes to `notes`, a line each. On a fault, *faulty is the image's number. */
MUST_CHECK enum status dataset_pool_hold(struct dataset_pool *pool, const bool *wanted, int threads,
                                         struct text *notes, size_t *faulty, struct error *error);
/* An image that is in memory. */
struct image dataset_pool_image(const struct dataset_pool *pool, size_t index);
/* `count` images that are in memory, copied in the order of `indices`. */
MUST_CHECK enum status dataset_pool_select(const struct dataset_pool *pool, const uint32_t *indices,
                                           size_t count, struct image_set *to, struct error *error);
/* Have the answers for the pool's images of which wanted[index] is true in memory, as above. */
MUST_CHECK enum status dataset_answers_hold(struct dataset_answers *answers, size_t count,
                                            const bool *wanted, int threads, struct text *notes,
                                            size_t *faulty, struct error *error);
/* Is there an answer for image `index` of the pool? */
bool dataset_answers_have(const struct dataset_answers *answers, size_t index);
/* The answers for `count` images, copied in the order of `indices`; where there is none, an image
 * of the shape of `like` at that place, all NaN. */
MUST_CHECK enum status dataset_answers_select(const struct dataset_answers *answers,
                                              const uint32_t *indices, size_t count,
                                              const struct image_set *like, struct image_set *to,
                                              struct error *error);
/* The numbers of `count` images, (number_count, 1, 1) each, in the order of `indices`; NaN where
 * there are none. */
MUST_CHECK enum status dataset_answers_numbers(const struct dataset_answers *answers,
                                               const uint32_t *indices, size_t count,
                                               struct image_set *to, struct error *error);
/* Images of the pool whose truth is known. */
size_t dataset_pool_truth(const struct dataset_pool *pool);
bool dataset_pool_has_truth(const struct dataset_pool *pool, size_t index);
/* What images had that people should know, appended, a line each. */
void dataset_pool_notes(const struct dataset_pool *pool, const struct imagefiles_summary *summary,
                        struct text *notes);
void dataset_content_release(struct dataset_content *content);

#endif
