/*
 * Where in the user's tree a reader stands: a chain of steps on the stack, turned into a dotted
 * path only when there is a mistake to tell. Private to io/yaml/.
 */
#ifndef UNDERSTUDY_IO_YAML_YAML_LOCATION_H
#define UNDERSTUDY_IO_YAML_YAML_LOCATION_H

#include "io/yaml/yaml.h"

enum { YAML_LOCATION_TEXT = 256, EXCERPT_TEXT = 64 };

struct yaml_location {
    const struct yaml_location *parent; /* NULL: the start, whose name is a whole path */
    const char *name;                   /* NULL: an item of a list */
    size_t index;
    struct yaml_mark mark; /* of the key, or of the item */
};

/* "pipeline.stages[1].gaussian", cut where it is too long. */
void yaml_location_text(const struct yaml_location *place, char text[YAML_LOCATION_TEXT]);

/* The user's text as a message may show it: short, on one line, no control characters. Returns
 * `shown`. */
const char *excerpt(const char *text, char shown[EXCERPT_TEXT]);

#endif
