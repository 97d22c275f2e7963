/* What network_apply() needs of executors beyond the public part: one block of memory that serves
 * networks of several input sizes in turn. */
#ifndef UNDERSTUDY_NETWORK_EXECUTOR_PRIVATE_H
#define UNDERSTUDY_NETWORK_EXECUTOR_PRIVATE_H

#include "network/network.h"

/* Set network, engine, batch, training and lean first. Bytes that it takes; SIZE_MAX when that
 * cannot be represented. */
size_t executor_bytes(const struct executor *executor);
/* Carve `memory`, which has at least that many bytes. */
void executor_bind(struct executor *executor);

#endif
