/* The parts of an exported network in C that people read and call: header, class numbers, test. */
#ifndef UNDERSTUDY_EXPORT_C_HEADER_H
#define UNDERSTUDY_EXPORT_C_HEADER_H

#include "export/c_around.h"
#include "export/exported.h"

enum { C_NAME_ROOM = 80, C_EXPRESSION = 40 };

/* The numbers that it computes with, and how nodes are written with these. */
struct c_numbers {
    const char *type; /* in C */
    size_t bytes;
    /* STATUS_UNAVAILABLE where the node cannot be written. */
    enum status (*check)(const struct c_node *node, struct error *error);
    enum c_values (*values)(const struct c_node *node);
    /* The pieces that its call needs. */
    uint64_t (*pieces)(const struct c_node *node);
    /* Its arrays of constants; returns their bytes. */
    size_t (*constants)(const struct c_node *node, struct text *text);
    /* The statements that compute it. */
    void (*call)(const struct c_node *node, struct text *text);
};

/* One network on its way into C, or the small one of a guard with all that is about both. */
struct c_export {
    const struct exported_network *exported;
    const struct c_numbers *numbers;
    const char *prefix;     /* of its arrays; "": it is alone. Else it is a function of its own */
    struct c_export *large; /* the other one of a guard; NULL: none */
    char name[C_NAME_ROOM], upper[C_NAME_ROOM]; /* of functions, of macros */
    enum c_values *values;                      /* [network->count] */
    struct c_memory memory;
    size_t base; /* bytes before the network's block in the static memory */
    struct c_around around;
    char in[C_EXPRESSION], out[C_EXPRESSION]; /* what the network reads and gives */
    size_t reals;                             /* floats that layers in float32 need amid integers */
    uint64_t pieces;                          /* enum c_piece */
    size_t band; /* values of a part of an image, where vectors are used */
    size_t constant_bytes;
};

/* All of its static memory, in bytes. */
static inline size_t c_static_bytes(const struct c_export *c)
{
    return c->around.bytes + c->reals * sizeof(float);
}

/* Are there stages of the pipeline beside the network? */
static inline bool c_has_steps(const struct c_export *c)
{
    return exported_before(c->exported) + exported_after(c->exported) > 0;
}

/* Does the network run from integers to integers? */
static inline bool c_runs_integers(const struct c_export *c)
{
    return c->exported->quantized && !quantized_ends_in_float(c->exported->quantized);
}

/* Is that function for users, too? Not where stages stand between its integers and them. */
static inline bool c_offers_integers(const struct c_export *c)
{
    return c_runs_integers(c) && !c_has_steps(c);
}

/* `name` is a c_source_name(). */
void c_export_name(struct c_export *c, const char *name);

/* Of a guard: the head of NAME_run(), up to the closing parenthesis. */
void c_guard_head(const struct c_export *c, struct text *text);
void c_header_print(const struct c_export *c, struct text *text);
/* The function that says which class has the largest score; nothing where answers are no classes.
 */
void c_class_print(const struct c_export *c, struct text *text);
void c_test_print(const struct c_export *c, struct text *text);

/* Text of unknown origin within a comment. */
void c_comment_print(const char *from, struct text *text);

#endif
