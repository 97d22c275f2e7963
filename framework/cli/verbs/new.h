/*
 * Private to `understudy new` (framework/cli/verbs/new*.c): what was found in the folders, and the
 * experiment file that follows from it.
 */
#ifndef UNDERSTUDY_CLI_VERBS_NEW_H
#define UNDERSTUDY_CLI_VERBS_NEW_H

#include "base/text.h"
#include "interfaces/content.h"

enum { NEW_MOST_VALUES = 8, NEW_IGNORED = 255 };

/* What is in the folders of labels and truth, as far as some of the files tell. */
struct new_answers {
    enum content content;
    int channels;                   /* of maps */
    double values[NEW_MOST_VALUES]; /* [value_count] of masks, in order: one each class */
    size_t value_count;
    bool plain;   /* these are 0, 1, 2 … */
    bool ignores; /* NEW_IGNORED is there, too, and stands for no class */
    /* While folders are looked at: what all of their files can still be. */
    size_t folders;
    bool masks, maps;
};

struct new_survey {
    char *inputs, *labels, *truth; /* absolute; from malloc(); NULL: not given */
    char *tests;                   /* folder of test images beside `inputs`; NULL: none */
    size_t count, tested, known;   /* images, those of `tests`, and those with truth */
    size_t class_count;            /* sub-folders of images; 0: there are none */
    int channels, least;           /* least: the smallest side */
    bool uniform, persistent;
    bool real; /* the first image has floats */
    struct shape first;
    const char *name;   /* of the first image */
    const char **words; /* of the command; [word_count] */
    size_t word_count;
    bool by_files; /* the command takes {in} and {out} */
    struct new_answers answers;
};

/* Look at the files of a folder of labels or truth (NULL: there is none), and count them. */
MUST_CHECK enum status new_look_at_answers(struct new_answers *answers, const char *folder,
                                           size_t *count, struct error *error);
/* What they are, once all folders were looked at. */
void new_judge_answers(struct new_answers *answers, bool real_inputs);
/* The stage that runs the command, in YAML. */
void new_print_stage(const struct new_survey *survey, struct text *text);
/* The whole file of the experiment `name`. */
void new_print_file(const struct new_survey *survey, const char *name, struct text *text);

#endif
