/*
 * Private to `understudy new` (framework/cli/verbs/new*.c): what was found in the folders, and the
 * experiment file that follows from it.
 */
#ifndef UNDERSTUDY_CLI_VERBS_NEW_H
#define UNDERSTUDY_CLI_VERBS_NEW_H

#include "base/text.h"
#include "math/image.h"

struct new_survey {
    char *inputs, *labels, *truth; /* absolute; from malloc(); NULL: not given */
    char *tests;                   /* folder of test images beside `inputs`; NULL: none */
    size_t count, tested, known;   /* images, those of `tests`, and those with truth */
    size_t class_count;            /* sub-folders of images; 0: there are none */
    int channels, least;           /* least: the smallest side */
    bool uniform, persistent;
    struct shape first;
    const char *name;   /* of the first image */
    const char **words; /* of the command; [word_count] */
    size_t word_count;
    bool by_files;     /* the command takes {in} and {out} */
    size_t few_levels; /* labels or truth have no more than this many values: masks; 0: more */
};

/* The stage that runs the command, in YAML. */
void new_print_stage(const struct new_survey *survey, struct text *text);
/* The whole file of the experiment `name`. */
void new_print_file(const struct new_survey *survey, const char *name, struct text *text);

#endif
