/* How each kind of node of a quantised network is written as C; compare c_layers.h. */
#ifndef UNDERSTUDY_EXPORT_C_INT8_H
#define UNDERSTUDY_EXPORT_C_INT8_H

#include "export/c_header.h"

extern const struct c_numbers c_numbers_int8;

/* Floats that layers in float32 need beside the caller's output. */
size_t c_int8_reals(const struct quantized_network *quantized);

#endif
