/*
 * A guard and what it stands between, as C: a small network, how much its answer is to be doubted,
 * and a larger network or a function of the user's. Private to framework/export/.
 */
#ifndef UNDERSTUDY_EXPORT_C_GUARD_H
#define UNDERSTUDY_EXPORT_C_GUARD_H

#include "export/c_header.h"

/* STATUS_UNAVAILABLE where the guard is none that can be written, or the network is in integers. */
MUST_CHECK enum status c_guard_check(const struct exported_network *exported, struct error *error);
uint64_t c_guard_pieces(const struct exported_network *exported);
/* The functions of the networks, of the doubt, and those that are called from outside. */
void c_guard_print(const struct c_export *c, struct text *text);

#endif
