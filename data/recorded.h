/*
 * Private to data/recorded*.c: what lies in the folders of a recorded set, and what belongs
 * together.
 */
#ifndef UNDERSTUDY_DATA_RECORDED_H
#define UNDERSTUDY_DATA_RECORDED_H

#include "interfaces/dataset.h"
#include "io/files/csv_read.h"

struct recorded {
    struct text_list inputs;      /* folders, whose images are the channels of one */
    const char *labels, *truth;   /* folders; "": none */
    const char *match;            /* "name", or a CSV */
    const char *test_list;        /* "": there is none */
    struct text_list test_folder; /* one empty name: there is none */
    int64_t colour;
    struct text_list range; /* as data set `folder` has it */
    struct text_list classes, colours;
    struct real_list ignore, values;
    struct text_list numbers, units;
    struct real_list invalid, scale;
    bool allow_test_in_training;
    const char *beside; /* the experiment file's folder */
};

/* One kind of answers: images in a folder, or classes or numbers in the table. Or the images of one
 * more folder of inputs. */
struct recorded_answers {
    const char *field, *column; /* "dataset.labels", "label" */
    bool given;
    struct imagefiles files;
    uint32_t *of;     /* [images] of `files`; UINT32_MAX: none */
    uint8_t *classes; /* [images]; NULL: answers are others */
    float *numbers;   /* [images][count of numbers], NaN where there are none; NULL: likewise */
};

struct recorded_set {
    const struct recorded *settings;
    struct imagefiles inputs, tests; /* images are numbered through both */
    size_t count;                    /* of all images */
    bool *test;                      /* [count] */
    bool undivided;                  /* who is a test image the experiment draws */
    struct recorded_answers labels, truth;
    struct recorded_answers *more; /* [more_count]: inputs behind the first folder's */
    size_t more_count;
    struct bytes table, list; /* the CSV files as they are, empty where there are none */
    const char **class_names; /* [class_count], in the arena */
    size_t class_count;
    struct arena arena;
    struct diagnostics *faults;
};

extern const struct field recorded_fields[];
enum status recorded_check(const void *config, struct diagnostics *found, struct error *error);
unsigned recorded_gives(const void *config);
void recorded_shape(const void *config, enum content labels, struct shape *shape, int *count);
/* Masks, maps, numbers of images; or CONTENT_IMAGE: images or their classes. */
enum content recorded_content(const struct recorded *recorded);
/* Does a CSV match? */
bool recorded_by_table(const struct recorded *recorded);
/* Is there a folder of test images? */
bool recorded_has_tests(const struct recorded *recorded);
/* What the samples of masks or maps are. */
MUST_CHECK enum status recorded_numbers(const struct recorded *recorded, struct arena *arena,
                                        const struct imagefile_numbers **numbers,
                                        struct error *error);
/* What classes and numbers are called, into the content's arena. */
MUST_CHECK enum status recorded_label_names(const struct recorded *recorded,
                                            struct dataset_content *content, struct error *error);

const struct imagefile *recorded_image(const struct recorded_set *set, size_t index);
/* The name below its folder. */
const char *recorded_name(const struct imagefile *file);
bool recorded_has_answer(const struct recorded_answers *answers, size_t number_count, size_t image);
/* Give each image the files of the further folders, whose channels follow its own, as they now are
 * known; sizes that differ are a fault. */
MUST_CHECK enum status recorded_stack(struct recorded_set *set, struct error *error);
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
/* The column of a number: "truth.count". */
MUST_CHECK enum status recorded_number_column(const struct recorded_set *set,
                                              const struct recorded_answers *answers, size_t number,
                                              struct arena *arena, const char **name,
                                              struct error *error);
/* Take numbers from the table, whose row `row` is about image image[row] (UINT32_MAX: none). */
MUST_CHECK enum status recorded_match_numbers(struct recorded_set *set, const struct csv_table *csv,
                                              const uint32_t *image, struct error *error);
/* The test images that a table lists. */
MUST_CHECK enum status recorded_match_list(struct recorded_set *set, struct error *error);
void recorded_release(struct recorded_set *set);

#endif
