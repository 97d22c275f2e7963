#include "export/protobuf.h"

#include <string.h>

enum wire_type { WIRE_VARINT = 0, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

/* Seven bits a byte, the lowest first; the highest bit says that more follow. */
static void append_varint(struct text *message, uint64_t value)
{
    char bytes[10];
    size_t length = 0;

    do {
        bytes[length++] = (char)(unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
    text_append_bytes(message, bytes, length);
}

static void append_tag(struct text *message, int field, enum wire_type type)
{
    append_varint(message, (uint64_t)field << 3 | (uint64_t)type);
}

static void store_bits(const void *value, char bytes[4])
{
    uint32_t bits;

    memcpy(&bits, value, sizeof bits);
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(unsigned char)(bits >> (8 * i));
}

void protobuf_integer(struct text *message, int field, int64_t value)
{
    append_tag(message, field, WIRE_VARINT);
    append_varint(message, (uint64_t)value);
}

void protobuf_float(struct text *message, int field, float value)
{
    char bytes[4];

    store_bits(&value, bytes);
    append_tag(message, field, WIRE_FIXED32);
    text_append_bytes(message, bytes, sizeof bytes);
}

void protobuf_text(struct text *message, int field, const char *value)
{
    size_t length = strlen(value);

    append_tag(message, field, WIRE_LENGTH);
    append_varint(message, length);
    text_append_bytes(message, value, length);
}

/* Numbers of 4 bytes. */
static void append_quads(struct text *message, int field, const void *values, size_t count)
{
    char bytes[4096];
    size_t filled = 0;

    append_tag(message, field, WIRE_LENGTH);
    append_varint(message, 4 * (uint64_t)count);
    for (size_t i = 0; i < count; i++) {
        store_bits((const char *)values + 4 * i, bytes + filled);
        filled += 4;
        if (filled == sizeof bytes || i + 1 == count) {
            text_append_bytes(message, bytes, filled);
            filled = 0;
        }
    }
}

void protobuf_floats(struct text *message, int field, const float *values, size_t count)
{
    append_quads(message, field, values, count);
}

void protobuf_words(struct text *message, int field, const int32_t *values, size_t count)
{
    append_quads(message, field, values, count);
}

void protobuf_bytes(struct text *message, int field, const int8_t *values, size_t count)
{
    append_tag(message, field, WIRE_LENGTH);
    append_varint(message, count);
    text_append_bytes(message, (const char *)values, count);
}

void protobuf_message(struct text *message, int field, struct text *inner)
{
    append_tag(message, field, WIRE_LENGTH);
    append_varint(message, inner->length);
    text_append_bytes(message, inner->bytes, inner->length);
    message->failed = message->failed || inner->failed;
    text_clear(inner);
}
