/* The parts of an exported network in C that people read and call: header, class numbers, test. */
#ifndef UNDERSTUDY_EXPORT_C_HEADER_H
#define UNDERSTUDY_EXPORT_C_HEADER_H

#include "export/c_memory.h"
#include "export/exported.h"

enum { C_NAME_ROOM = 80 };

/* The numbers that it computes with. */
struct c_number {
    const char *type; /* in C */
    size_t bytes;
};

/* One network on its way into C. */
struct c_export {
    const struct exported_network *exported;
    const struct c_number *number;
    char name[C_NAME_ROOM], upper[C_NAME_ROOM]; /* of functions, of macros */
    struct c_memory memory;
    unsigned long pieces; /* enum c_piece */
    size_t constants;     /* how many numbers the weights are, as they are written */
};

/* `name` is a c_source_name(). */
void c_export_name(struct c_export *c, const char *name);

void c_header_print(const struct c_export *c, struct text *text);
/* The function that says which class has the largest score; nothing where answers are no classes.
 */
void c_class_print(const struct c_export *c, struct text *text);
void c_test_print(const struct c_export *c, struct text *text);

/* Text of unknown origin within a comment. */
void c_comment_print(const char *from, struct text *text);

#endif
