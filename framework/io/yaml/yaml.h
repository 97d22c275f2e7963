/*
 * YAML 1.1 text to a tree that remembers where each node stood. Knows no schema.
 *
 * libyaml parses (this file is its only door). All nodes live in an arena. Aliases are expanded to
 * copies, with a bound on the total, so that an alias bomb is an error. A mapping's keys are
 * scalars; a duplicate key is a mistake. Merge keys (<<) and tags other than the core ones are
 * mistakes. One document a file.
 */
#ifndef UNDERSTUDY_IO_YAML_YAML_H
#define UNDERSTUDY_IO_YAML_YAML_H

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    YAML_MAX_BYTES = 1 << 20, /* of a file */
    YAML_MAX_NODES = 200000,  /* after expansion of aliases */
    YAML_MAX_DEPTH = 64,
};

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_mark {
    const char *file; /* as the user named it, or "--set KEY=VALUE" with line 0 */
    int line, column; /* from 1 */
};

struct yaml_node {
    enum yaml_kind kind;
    struct yaml_mark mark;
    const char *text; /* scalar; terminated, without zeros inside */
    bool quoted;      /* a quoted scalar is text, never a number, boolean or null */
    size_t count;     /* items of a sequence, pairs of a mapping */
    size_t capacity;
    struct yaml_node **items; /* elements or values */
    struct yaml_node **keys;  /* of a mapping, scalars */
};

/* Mistakes found in the user's text: all of them, not only the first. Initialise with {0}. */
struct diagnostics {
    struct error *items;
    size_t count, capacity;
};

/* Add "where: path: message"; the same mistake at the same place and path is kept once.
 * The status is of adding it (STATUS_MEMORY), not of the mistake. */
MUST_CHECK enum status diagnostics_add(struct diagnostics *found, struct yaml_mark mark,
                                       const char *path, struct error *error, const char *format,
                                       ...) PRINTF_LIKE(5, 6);
/* Order by file, line, column. */
void diagnostics_sort(struct diagnostics *found);
void diagnostics_release(struct diagnostics *found);

/* Parse text; syntax faults and duplicate keys go to `found` (then *root may be NULL). */
MUST_CHECK enum status yaml_parse(struct arena *arena, const char *name, const char *bytes,
                                  size_t length, struct yaml_node **root, struct diagnostics *found,
                                  struct error *error);
/* The same for a file. That it cannot be read, is too large or is binary is a mistake in `found`
 * too. *bytes, where wanted, is the text as read, in the arena. */
MUST_CHECK enum status yaml_parse_file(struct arena *arena, const char *path,
                                       struct yaml_node **root, const char **bytes,
                                       struct diagnostics *found, struct error *error);

/* The value of a key of a mapping, or NULL (also when `mapping` is NULL or no mapping). */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

/* What a path such as "pipeline.stages[1].gaussian.sigma" names, or NULL. */
struct yaml_node *yaml_find(const struct yaml_node *root, const char *path);

/*
 * Put `value` at `path`, making the mappings on the way that are missing (marked as `value` is). A
 * scalar or null met on the way where "name" stands for "name: {}" (a component without settings)
 * becomes a mapping. *old, where wanted, is what stood there, NULL if nothing. A path that cannot
 * be followed (bad syntax, an index past the end, a key below a list) is a mistake in `found`.
 */
MUST_CHECK enum status yaml_set(struct arena *arena, struct yaml_node *root, const char *path,
                                struct yaml_node *value, struct yaml_node **old,
                                struct diagnostics *found, struct error *error);

/* Add an item to a sequence (key NULL) or a pair to a mapping. */
MUST_CHECK enum status yaml_append(struct arena *arena, struct yaml_node *parent,
                                   struct yaml_node *key, struct yaml_node *value,
                                   struct error *error);

/* Deep copy into `arena`. */
MUST_CHECK enum status yaml_copy(struct arena *arena, const struct yaml_node *node,
                                 struct yaml_node **copy, struct error *error);

/* Plain scalars as the YAML 1.1 core schema reads them; false when the text is not of the type.
 * Integers: decimal, 0x, 0o and underscores; range of int64. Reals: finite only, "1e-3" included.
 */
bool yaml_is_null(const struct yaml_node *node);
bool yaml_boolean(const struct yaml_node *node, bool *value);
bool yaml_integer(const struct yaml_node *node, int64_t *value);
bool yaml_real(const struct yaml_node *node, double *value);

/* One line of flow-style YAML, canonical (for columns, messages and hashes). */
void yaml_print(const struct yaml_node *node, struct text *text);

#endif
