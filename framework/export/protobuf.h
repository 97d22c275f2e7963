/*
 * Writing of Protocol Buffers' wire format
 * (https://protobuf.dev/programming-guides/encoding): a message is a sequence of fields, each with
 * its number, its type and its value. Repeated fields are called once for each value.
 *
 * A message is a `struct text` that starts as {0}; as there, failure is sticky.
 */
#ifndef UNDERSTUDY_EXPORT_PROTOBUF_H
#define UNDERSTUDY_EXPORT_PROTOBUF_H

#include "base/text.h"

#include <stdint.h>

/* An int64, int32, enum, bool … */
void protobuf_integer(struct text *message, int field, int64_t value);
/* A float. */
void protobuf_float(struct text *message, int field, float value);
/* A string. */
void protobuf_text(struct text *message, int field, const char *value);
/* Bytes: these floats, 4 bytes each, little-endian. */
void protobuf_floats(struct text *message, int field, const float *values, size_t count);
/* Bytes: of each of these integers 1, or 4, little-endian. */
void protobuf_bytes(struct text *message, int field, const int8_t *values, size_t count);
void protobuf_words(struct text *message, int field, const int32_t *values, size_t count);
/* A message within; it is empty afterwards, for the next one. */
void protobuf_message(struct text *message, int field, struct text *inner);

#endif
