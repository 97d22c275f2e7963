/* The user's wish to stop (Ctrl-C, SIGTERM): set by cli/, asked for between units of work. */
#ifndef UNDERSTUDY_BASE_INTERRUPT_H
#define UNDERSTUDY_BASE_INTERRUPT_H

#include "base/error.h"

#include <stdbool.h>

/* Safe in a signal handler. */
void interrupt_request(void);
/* For tests. */
void interrupt_clear(void);
bool interrupt_requested(void);
/* STATUS_INTERRUPTED once a stop was asked for. */
MUST_CHECK enum status interrupt_check(struct error *error);

#endif
