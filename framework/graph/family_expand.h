/*
 * From a family's list of layer entries to nodes. Private to framework/graph/.
 *
 * The same walk serves twice. When a family is loaded, every entry is looked at once, with the
 * parameters' defaults, whatever `repeat` and `when` say, so that all mistakes show at once. When
 * it is expanded, entries are repeated and left out as they say.
 */
#ifndef UNDERSTUDY_GRAPH_FAMILY_EXPAND_H
#define UNDERSTUDY_GRAPH_FAMILY_EXPAND_H

#include "base/text.h"
#include "graph/expression.h"
#include "graph/family.h"

enum {
    FAMILY_MAX_LAYERS = 4096, /* and rounds of a repeat, and entries visited */
    EXPAND_MAX_ROUNDS_DEEP = 8,
    EXPAND_PATH_BYTES = sizeof((struct location *)0)->path,
};

struct family {
    struct descriptor descriptor; /* first: registry rows point to it */
    unsigned serves;              /* tasks, by their labels: SERVES_IMAGES | … */
    size_t parameter_count;
    const struct yaml_node *layers;
    const struct yaml_node *sides; /* what must divide the sides of images */
};
DESCRIPTOR_OF(family);

struct placed { /* a node, and what later entries need to know of it */
    struct node_spec spec;
    const char *declared; /* its name without the round's number; NULL: it has no name of its own */
    bool hidden;
};

struct expansion {
    const struct family *family;
    struct arena *arena;
    struct diagnostics *found;
    struct error *error;
    bool checking;
    struct expression_name
        *names; /* parameters, channels, outputs, images, one `round` for each repeat */
    size_t name_count;
    struct placed *nodes;
    size_t count, capacity;
    size_t visited;   /* entries, hidden or not */
    char suffix[128]; /* of names that are given inside `repeat` */
};

struct entry {
    const struct yaml_node *node;  /* the whole entry */
    const struct yaml_node *value; /* the layer's fields; NULL: none given */
    const char *kind;              /* the layer's name as written; NULL: none */
    const struct layer *layer;     /* NULL: unknown */
    const struct yaml_node *name, *from, *when, *repeat, *layers, *as;
    bool hidden; /* checked, though `when` or `repeat` leave it out */
};

#define FAMILY_SIDES "sides_multiple_of"

/* True for a name that neither a parameter nor a round's number can have. */
bool expand_is_reserved(const char *name);

#define EXPAND_NAME_RULE "a name is a small letter followed by small letters, digits, '_'"

/* Mistakes go to `found`; `config` holds the parameters' defaults. */
MUST_CHECK enum status expand_check(const struct family *family, const void *config,
                                    struct arena *arena, struct diagnostics *found,
                                    struct error *error);

/* A mistake at `node`; a status. */
#define EXPAND_MISTAKE(walk, node, path, ...)                                                      \
    diagnostics_add((walk)->found, (node)->mark, path, (walk)->error, __VA_ARGS__)

/* path[EXPAND_PATH_BYTES] = "parent.key", cut where it is too long. */
void expand_path(char *path, const char *parent, const char *key);

/* The whole number that a scalar is, or that its expression gives. *known: there was no mistake. */
MUST_CHECK enum status expand_number(struct expansion *walk, const struct yaml_node *node,
                                     const char *path, bool hidden, int64_t *value, bool *known);

/* Append the entry's layer as a node; where it is unknown, its name alone, so that one mistake
 * stays one. */
MUST_CHECK enum status expand_layer(struct expansion *walk, const struct entry *entry,
                                    const char *path);

#endif
