/* Private to deploy/: where answers go. */
#ifndef UNDERSTUDY_DEPLOY_APPLY_PRIVATE_H
#define UNDERSTUDY_DEPLOY_APPLY_PRIVATE_H

#include "deploy/apply_files.h"

/* An answer's place. */
struct apply_output {
    const struct model *model;
    const struct apply_request *request;
    bool table; /* a CSV, else files */
    bool one;   /* `output` is the file itself */
    int format; /* of apply_formats; -1: the input's */
    struct text csv;
};

/* Which output the answers want; folders are made. `single`: one file comes in. */
MUST_CHECK enum status apply_output_open(struct apply_output *output, const struct model *model,
                                         const struct apply_request *request, bool single,
                                         struct error *error);
/* May be called by several threads at once, for files alone. `source`: the path of the file that it
 * answers, which `found` was told of. */
MUST_CHECK enum status apply_output_file(const struct apply_output *output, const char *name,
                                         const char *source, enum imagefile_format format,
                                         const struct imagefile_found *found, struct image answer,
                                         struct error *error);
/* A row of the CSV. */
MUST_CHECK enum status apply_output_row(struct apply_output *output, const char *name,
                                        struct image answer, bool handed, struct error *error);
/* Write the CSV, where there is one. */
MUST_CHECK enum status apply_output_close(struct apply_output *output, struct error *error);
void apply_output_release(struct apply_output *output);

#endif
