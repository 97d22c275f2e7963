/*
 * What is wrong with the files that a plan reads, told before anything runs: folders that are not
 * there or have fewer images than are asked for, from a listing; damage, odd sizes and images that
 * are in training and in test, from reading every file.
 */
#ifndef UNDERSTUDY_FORECAST_SURVEY_H
#define UNDERSTUDY_FORECAST_SURVEY_H

#include "plan/plan.h"

struct survey_options {
    const char *data; /* directory of the data sets */
    int threads;
    bool read; /* every image, and not just lists of files */
    /* Data sets that can be downloaded: that they are not there yet is noted, and no fault. */
    bool (*published)(const void *context, const char *set);
    const void *context;
};

struct survey {
    struct diagnostics faults;
    struct text notes; /* a line each */
};

/* `survey` starts as {0}. The status tells of trouble other than faults of files. */
MUST_CHECK enum status survey_plan(struct survey *survey, struct plan *plan,
                                   const struct survey_options *options, struct error *error);
void survey_release(struct survey *survey);

#endif
