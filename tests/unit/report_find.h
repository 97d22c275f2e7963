/* Series of a chart by name. */
#ifndef UNDERSTUDY_TESTS_UNIT_REPORT_FIND_H
#define UNDERSTUDY_TESTS_UNIT_REPORT_FIND_H

#include "report/charts/chart.h"
#include "tests/unit/report_results.h"

static const struct series *find(const struct chart *chart, const char *name)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0)
            return &chart->series[s];
    CU_FAIL_FATAL("no such series");
    return NULL;
}

#endif
