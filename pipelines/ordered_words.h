/* Floats as integers that sort like them, for sorting and selecting by bits: the sign's bit is
 * turned where the number is positive, all bits where it is negative. Private to pipelines/. */
#ifndef UNDERSTUDY_PIPELINES_ORDERED_WORDS_H
#define UNDERSTUDY_PIPELINES_ORDERED_WORDS_H

#include <stdint.h>
#include <string.h>

static inline uint32_t ordered_word(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

/* … and back. */
static inline float ordered_value(uint32_t word)
{
    uint32_t bits = word & 0x80000000U ? word & 0x7FFFFFFFU : ~word;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
