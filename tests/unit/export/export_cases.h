/*
 * Networks to be exported, for tests: every family for every answer that it serves, with its
 * defaults and with each setting at its minimum; every layer by itself with the settings of
 * tests/property/layer_cases.c; and chains of layers that families do not have. Widths are small,
 * parameters and statistics are random, without zeros that would hide what is behind them.
 */
#ifndef UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_CASES_H
#define UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_CASES_H

#include "export/exported.h"

struct export_row { /* a layer: from[] counts layers, -1 is the input */
    const char *name, *layer, *settings;
    int from[LAYER_MAX_INPUTS];
};

enum { EXPORT_MOST_ROWS = 6 };

struct export_chain {
    const char *name;
    enum content content;
    struct shape input;
    struct export_row rows[EXPORT_MOST_ROWS];
};

struct export_case {
    char name[128];                   /* fit for a file's name */
    struct component family;          /* of a chain: any */
    const struct export_chain *chain; /* NULL: the family's own layers */
    struct answer answer;
    struct shape other; /* an input of another height and width */
    bool any_size;      /* the same parameters give answers for it, too */
};

/* The same network for inputs of a shape. */
MUST_CHECK enum status export_case_network(const struct export_case *item, struct shape input,
                                           struct network *network, struct error *error);

typedef enum status export_case_visitor(void *context, const struct export_case *item,
                                        const struct exported_network *exported,
                                        struct error *error);
/* Families have been loaded. Ends with the first error, whose context is the case's name. */
MUST_CHECK enum status export_cases_each(export_case_visitor *visit, void *context,
                                         struct error *error);

#endif
