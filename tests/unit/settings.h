/* Setting single fields of a configuration by name, for tests of what a registry holds. */
#ifndef UNDERSTUDY_TESTS_SETTINGS_H
#define UNDERSTUDY_TESTS_SETTINGS_H

#include "io/schema/schema.h"

#include <assert.h>
#include <string.h>

/* Sets a number field, or a choice by its index. */
static inline void settings_set(const struct descriptor *descriptor, void *config, const char *name,
                                double value)
{
    const struct field *field = descriptor->fields;
    int64_t whole = (int64_t)value;

    while (field->name && strcmp(field->name, name) != 0)
        field++;
    assert(field->name);
    if (field->type == FIELD_REAL || field->type == FIELD_SHARE)
        memcpy((char *)config + field->offset, &value, sizeof value);
    else
        memcpy((char *)config + field->offset, &whole, sizeof whole);
}

#endif
