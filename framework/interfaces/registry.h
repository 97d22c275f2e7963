/*
 * What tables of implementations are made with. A table lies beside its rows: `NAME.def` has a line
 * ROW(implementation) for each, sorted by name, and is read twice by registry.c there, once to
 * declare the rows and once to list their descriptors.
 */
#ifndef UNDERSTUDY_INTERFACES_REGISTRY_H
#define UNDERSTUDY_INTERFACES_REGISTRY_H

#include "io/schema/schema.h"

/* The body of a function that gives the registry of `rows`, a static array of descriptors. */
#define REGISTRY(noun_, rows_)                                                                     \
    do {                                                                                           \
        static const struct registry registry = {noun_, sizeof rows_ / sizeof *rows_, rows_};      \
        return &registry;                                                                          \
    } while (0)

#endif
