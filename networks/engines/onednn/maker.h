/* What the engine is made of where the program is built with oneDNN. */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_ONEDNN_MAKER_H
#define UNDERSTUDY_NETWORKS_ENGINES_ONEDNN_MAKER_H

#include "interfaces/engine.h"

extern const struct kernel_maker onednn_kernels;
MUST_CHECK enum status onednn_start(struct error *error);
/* Name of the instruction set whose kernels are in use. */
const char *onednn_isa(enum precision precision);

#endif
