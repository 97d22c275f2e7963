#include "base/random.h"

#include <assert.h>
#include <math.h>

void random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u; /* the golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

struct random_stream random_stream(struct random_key key, enum random_purpose purpose,
                                   uint64_t index)
{
    assert(key.replicate < 65536);
    struct random_stream stream = {
        .key = {(uint32_t)key.seed, (uint32_t)(key.seed >> 32)},
        .counter = {0, (uint32_t)index, (uint32_t)(index >> 32),
                    (uint32_t)purpose << 16 | key.replicate},
    };
    return stream;
}

uint64_t random_index(uint32_t part, uint64_t item)
{
    assert(part < 1u << 24 && item < (uint64_t)1 << 40);
    return (uint64_t)part << 40 | item;
}

uint32_t random_u32(struct random_stream *stream)
{
    if (stream->unread == 0) {
        random_philox(stream->key, stream->counter, stream->block);
        stream->counter[0]++;
        stream->unread = 4;
    }
    return stream->block[4 - stream->unread--];
}

double random_uniform(struct random_stream *stream)
{
    uint32_t high = random_u32(stream) >> 5, low = random_u32(stream) >> 6;
    return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

uint32_t random_below(struct random_stream *stream, uint32_t bound)
{
    assert(bound > 0);
    uint64_t product = (uint64_t)random_u32(stream) * bound;
    uint32_t threshold = (0u - bound) % bound;
    while ((uint32_t)product < threshold)
        product = (uint64_t)random_u32(stream) * bound;
    return (uint32_t)(product >> 32);
}

double random_normal(struct random_stream *stream)
{
    const double two_pi = 6.283185307179586476925286766559;
    double radius = sqrt(-2.0 * log(1.0 - random_uniform(stream)));
    return radius * cos(two_pi * random_uniform(stream));
}

void random_permutation(struct random_stream *stream, uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = random_below(stream, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
