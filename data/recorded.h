/*
 * Private to data/recorded*.c: what lies in the folders of a recorded set, and what belongs
 * together.
 */
#ifndef UNDERSTUDY_DATA_RECORDED_H
#define UNDERSTUDY_DATA_RECORDED_H

#include "interfaces/dataset.h"
#include "io/files/csv_read.h"

struct recorded {
    const char *inputs, *labels, *truth; /* folders; "": none */
    const char *match;                   /* "name", or a CSV */
    const char *test_list, *test_folder; /* "": not so */
    int64_t colour;
    struct text_list range; /* as data set `folder` has it */
    bool allow_test_in_training;
    const char *beside; /* the experiment file's folder */
};

/* One kind of answers: images in a folder, or classes in the table. */
struct recorded_answers {
    const char *field, *column; /* "dataset.labels", "label" */
    bool given;
    struct imagefiles files;
    uint32_t *of;     /* [images] of `files`; UINT32_MAX: none */
    uint8_t *classes; /* [images]; NULL: answers are images */
};

struct recorded_set {
    const struct recorded *settings;
    struct imagefiles inputs, tests; /* images are numbered through both */
    size_t count;                    /* of all images */
    bool *test;                      /* [count] */
    bool undivided;                  /* who is a test image the experiment draws */
    struct recorded_answers labels, truth;
    struct bytes table, list; /* the CSV files as they are, empty where there are none */
    const char **class_names; /* [class_count], in the arena */
    size_t class_count;
    struct arena arena;
    struct diagnostics *faults;
};

const struct imagefile *recorded_image(const struct recorded_set *set, size_t index);
/* The name below its folder. */
const char *recorded_name(const struct imagefile *file);
/* A fault of the files, told at `field`. */
MUST_CHECK enum status recorded_fault(struct recorded_set *set, const char *field,
                                      struct error *error, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The same for what went wrong; what is no fault of files is the error. */
MUST_CHECK enum status recorded_tell(struct recorded_set *set, const char *field,
                                     const struct error *fault, struct error *error);
/* List the folders, find what belongs together and which images are for testing. Faults go to
 * `set->faults`. */
MUST_CHECK enum status recorded_gather(struct recorded_set *set, const struct recorded *settings,
                                       const char *directory, struct diagnostics *faults,
                                       struct error *error);
/* Match by a table: its rows name an input, its label, its truth. */
MUST_CHECK enum status recorded_match_table(struct recorded_set *set, struct error *error);
/* The test images that a table lists. */
MUST_CHECK enum status recorded_match_list(struct recorded_set *set, struct error *error);
void recorded_release(struct recorded_set *set);

#endif
