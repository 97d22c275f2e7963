/* Building trees of nodes. Private to io/yaml/. */
#ifndef UNDERSTUDY_IO_YAML_YAML_TREE_H
#define UNDERSTUDY_IO_YAML_YAML_TREE_H

#include "io/yaml/yaml.h"

/* A node without children. `text` is not copied. */
MUST_CHECK enum status yaml_new(struct arena *arena, enum yaml_kind kind, struct yaml_mark mark,
                                const char *text, struct yaml_node **node, struct error *error);

struct yaml_location;

/* Note each key of the mapping, which stands at `place`, that was there before; its first pair
 * stays in the tree, the others leave it. */
MUST_CHECK enum status yaml_remove_duplicates(struct yaml_node *node,
                                              const struct yaml_location *place,
                                              struct diagnostics *found, struct error *error);

/* Is the text readable UTF-8 of a reasonable size? The first place where it is not is a mistake,
 * and *good false. */
MUST_CHECK enum status yaml_check_text(const char *file, const char *bytes, size_t length,
                                       bool *good, struct diagnostics *found, struct error *error);

#endif
