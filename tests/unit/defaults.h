/* A configuration from its field table alone: defaults, and for required numbers a value between
 * their bounds. For tests that loop over a registry. */
#ifndef UNDERSTUDY_TESTS_DEFAULTS_H
#define UNDERSTUDY_TESTS_DEFAULTS_H

#include "io/schema/schema.h"

#include <stdlib.h>
#include <string.h>

static inline void defaults_set(const struct field *field, void *at)
{
    double low = field->minimum, high = field->maximum;
    double number =
        field->default_value ? strtod(field->default_value, NULL) : low + (high - low) / 32;
    int64_t whole = (int64_t)number;
    bool yes = field->default_value && strcmp(field->default_value, "true") == 0;
    const char *nothing = "";

    if (field->type == FIELD_SHARE && field->default_value &&
        strcmp(field->default_value, "auto") == 0)
        number = SHARE_AUTO;

    switch (field->type) {
    case FIELD_BOOLEAN: memcpy(at, &yes, sizeof yes); break;
    case FIELD_INTEGER:
    case FIELD_COUNT: memcpy(at, &whole, sizeof whole); break;
    case FIELD_SHARE:
    case FIELD_REAL: memcpy(at, &number, sizeof number); break;
    case FIELD_TEXT: memcpy(at, &nothing, sizeof nothing); break;
    case FIELD_CHOICE:
        for (whole = 0;
             field->default_value && strcmp(field->choices[whole], field->default_value) != 0;)
            whole++;
        memcpy(at, &whole, sizeof whole);
        break;
    default: break; /* lists and components are empty */
    }
}

/* `config` has config_size bytes, zeroed. */
static inline void defaults_fill(const struct descriptor *descriptor, void *config)
{
    for (const struct field *field = descriptor->fields; field && field->name; field++)
        defaults_set(field, (char *)config + field->offset);
}

#endif
