/* The settings of data set `folder`. Private to data/folder.c and its tests. */
#ifndef UNDERSTUDY_DATA_FOLDER_H
#define UNDERSTUDY_DATA_FOLDER_H

#include "io/schema/schema.h"

struct folder {
    const char *train, *test;
    int64_t colour;         /* 0: grey, 1: colour, 2: as stored */
    struct text_list range; /* empty: the files' whole scale; "auto"; or two numbers */
    bool allow_test_in_training;
    struct text_list classes; /* empty: none; "folders"; or a CSV file, or one a folder */
    const char *beside;       /* the experiment file's folder */
};

#endif
