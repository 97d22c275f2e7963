#include "base/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t requested;

void interrupt_request(void)
{
    requested = 1;
}

void interrupt_clear(void)
{
    requested = 0;
}

bool interrupt_requested(void)
{
    return requested != 0;
}

enum status interrupt_check(struct error *error)
{
    if (requested)
        return error_set(error, STATUS_INTERRUPTED, "stopped on request");
    return STATUS_OK;
}
