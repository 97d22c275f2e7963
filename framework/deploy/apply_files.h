/*
 * A model over image files: read, answered, written, a batch at a time, so that memory is bounded
 * by the batch, whatever the number of files. What goes wrong with a file is told, and the others
 * go on.
 */
#ifndef UNDERSTUDY_DEPLOY_APPLY_FILES_H
#define UNDERSTUDY_DEPLOY_APPLY_FILES_H

#include "deploy/model.h"
#include "io/images/imagefile_write.h"

/* Told of each file, in order. */
struct apply_event {
    size_t index;
    const char *name;            /* of the file, to be printed */
    const struct error *failure; /* NULL: it is done */
    const struct image *answer;  /* NULL with a failure */
    bool handed;                 /* a guard handed it on */
};

struct apply_request {
    const char *const *inputs; /* [input_count] files or folders; further ones give more channels */
    size_t input_count;
    const char *output; /* file or folder */
    const char *format; /* name of apply_formats; NULL: as the input's, or as answers want it */
    int threads;
    /* May be NULL. A failure of its own ends all. */
    enum status (*event)(void *context, const struct apply_event *event, struct error *error);
    void *context;
};

struct apply_summary {
    size_t images, failed, handed; /* handed on by a guard */
    double seconds, computing;     /* in all; of that, while answers were computed */
};

/* Names of the formats: "png", "png16" …; NULL at the end. */
extern const char *const apply_formats[];

/*
 * Images, masks and maps become files of the same names in the folder `output` (or the file, where
 * one file comes in): of the input's kind and depth, PNG of class numbers, float TIFF. Classes and
 * numbers become the CSV file `output`, or OUTPUT/answers.csv; with a guard, its column `handed_on`
 * is 1 where the image was handed on. STATUS_CONFIG where the output would
 * replace the input.
 */
MUST_CHECK enum status apply_files(const struct model *model, const struct apply_request *request,
                                   struct apply_summary *summary, struct error *error);

#endif
