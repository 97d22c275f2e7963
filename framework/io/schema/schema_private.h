/* Shared by the files of the schema. Private to io/schema/. */
#ifndef UNDERSTUDY_IO_SCHEMA_SCHEMA_PRIVATE_H
#define UNDERSTUDY_IO_SCHEMA_SCHEMA_PRIVATE_H

#include "io/schema/schema.h"
#include "io/yaml/yaml_location.h"

enum { SCHEMA_EXPECTED = 160, SCHEMA_NAMES = 512 };

struct reader {
    struct arena *arena;
    struct diagnostics *found;
    struct error *error;
    int quiet;                /* above 0: mistakes are not noted, for they follow from another */
    struct component *tuning; /* whose fields may be {tune: [...]}; NULL: none may */
};

/* Note a mistake. */
MUST_CHECK enum status schema_mistake(struct reader *reader, struct yaml_mark mark,
                                      const struct yaml_location *place, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Read a value of a type that has no parts (boolean … choice, and the two lists) into `member`.
 * *good stays false after a mistake, and then the member is as it was. */
MUST_CHECK enum status schema_read_value(struct reader *reader, const struct field *field,
                                         const struct yaml_node *node,
                                         const struct yaml_location *place, void *member,
                                         bool *good);

/* The node that a default's text stands for, marked as `mark`: `scratch` for a plain scalar that
 * nobody keeps, else in the arena. */
MUST_CHECK enum status schema_default(const struct field *field, struct yaml_mark mark,
                                      struct arena *arena, struct yaml_node *scratch,
                                      const struct yaml_node **node, struct error *error);

/* "a list", "a mapping", "nothing" or "'text'", for "found …". Returns `shown`. */
const char *schema_found(const struct yaml_node *node, char shown[EXCERPT_TEXT + 8]);

/* "1 to 15 pixels", "at least 0", "1 to 9, or all"; "" where there are no bounds. */
void schema_expected(const struct field *field, char text[SCHEMA_EXPECTED]);
/* Is there a lower, an upper bound? */
bool schema_has_minimum(const struct field *field);
bool schema_has_maximum(const struct field *field);

/* The word allowed instead of a number; NULL: none. */
const char *schema_word(const struct field *field);

/* Bytes of the struct member. */
size_t schema_member_size(enum field_type type);
static inline void *schema_member(const struct field *field, void *record)
{
    return (char *)record + field->offset;
}
static inline const void *schema_member_const(const struct field *field, const void *record)
{
    return (const char *)record + field->offset;
}

/* Must the user give it? */
bool schema_required(const struct field *field);
/* … any of them? */
bool schema_any_required(const struct field *fields);

#endif
