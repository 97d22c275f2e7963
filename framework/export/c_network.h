/*
 * A network on its way into C: where its values lie, its constants, its statements, and those of
 * the stages beside it. Private to framework/export/.
 */
#ifndef UNDERSTUDY_EXPORT_C_NETWORK_H
#define UNDERSTUDY_EXPORT_C_NETWORK_H

#include "export/c_header.h"

/* Where its values lie within its own block. */
MUST_CHECK enum status c_network_new(struct c_export *c, struct error *error);
void c_network_release(struct c_export *c);
/* STATUS_UNAVAILABLE where a layer cannot be written. */
MUST_CHECK enum status c_network_check(const struct c_export *c, struct error *error);

/* The pieces of it and of the stages beside it, with all that they need. */
uint64_t c_network_pieces(const struct c_export *c);
/* Their arrays; returns the bytes of these. */
size_t c_network_constants(const struct c_export *c, struct text *text);
/* The statements of its nodes; of the stages before and after it. */
void c_network_nodes(const struct c_export *c, struct text *text);
void c_network_before(const struct c_export *c, struct text *text);
void c_network_after(const struct c_export *c, struct text *text);

/* Expressions: what lies in the network's block, real numbers in the static memory, and a place
 * around the network. All return `text`. */
const char *c_network_offset(const struct c_export *c, size_t offset, char text[C_EXPRESSION]);
const char *c_network_reals(const struct c_export *c, size_t offset, char text[C_EXPRESSION]);
const char *c_network_around(const struct c_export *c, const struct c_place *place,
                             char text[C_EXPRESSION]);

#endif
