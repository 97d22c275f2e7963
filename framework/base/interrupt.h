/* The user's wish to stop (Ctrl-C, SIGTERM): set by cli/, asked for between units of work. */
#ifndef UNDERSTUDY_BASE_INTERRUPT_H
#define UNDERSTUDY_BASE_INTERRUPT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Safe in a signal handler. */
void interrupt_request(void);
/* For tests. */
void interrupt_clear(void);
bool interrupt_requested(void);
/* In the middle of a long computation, for turn `i` of a loop of many short ones: looked at now and
 * then. What leaves such a loop early leaves its output unfinished: whoever asked for that calls
 * interrupt_check() before using it. A wish to stop is never taken back. */
static inline bool interrupt_at(size_t i)
{
    return i % 65536 == 0 && interrupt_requested();
}
/* STATUS_INTERRUPTED once a stop was asked for. */
MUST_CHECK enum status interrupt_check(struct error *error);

#endif
