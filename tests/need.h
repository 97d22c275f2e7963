/* For programs of tests and benchmarks: what fails ends them, with its reason. */
#ifndef UNDERSTUDY_TESTS_NEED_H
#define UNDERSTUDY_TESTS_NEED_H

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

static struct error error;

static void need(enum status status)
{
    char text[2048];

    if (status == STATUS_OK)
        return;
    error_text(&error, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    exit(1);
}

#endif
