#include "search/sobol.h"

#include "search/sobol_directions.h"
#include "search/space.h"

#include <stddef.h>

enum { BITS = 32 };

struct sobol_search {
    int64_t points;
    bool scramble;
};

static const struct field fields[] = {
    {"points", FIELD_INTEGER, offsetof(struct sobol_search, points), .minimum = 1,
     .maximum = 1000000, .help = "number of points; powers of two fill the space most evenly"},
    {"scramble", FIELD_BOOLEAN, offsetof(struct sobol_search, scramble), .default_value = "true",
     .help =
         "use Owen's scrambling, by the seed; without it the sequence starts at the lowest corner"},
    {0},
};

static int degree_of(uint32_t polynomial)
{
    int degree = -1;
    for (; polynomial; polynomial >>= 1)
        degree++;
    return degree;
}

/* The direction numbers v_0 … v_31 of a dimension, the first the highest bit's. */
static void directions(size_t dimension, uint32_t v[BITS])
{
    uint32_t polynomial = sobol_directions[dimension].polynomial;
    int degree = degree_of(polynomial);

    for (int k = 0; k < BITS; k++) {
        if (degree == 0) {
            v[k] = (uint32_t)1 << (BITS - 1 - k);
        } else if (k < degree) {
            v[k] = sobol_directions[dimension].initial[k] << (BITS - 1 - k);
        } else {
            v[k] = v[k - degree] ^ (v[k - degree] >> degree);
            for (int i = 1; i < degree; i++)
                if (polynomial >> (degree - i) & 1)
                    v[k] ^= v[k - i];
        }
    }
}

uint32_t sobol_raw(uint32_t index, size_t dimension)
{
    uint32_t v[BITS], value = 0;

    directions(dimension, v);
    for (uint32_t gray = index ^ (index >> 1), k = 0; gray; gray >>= 1, k++)
        if (gray & 1)
            value ^= v[k];
    return value;
}

uint32_t sobol_scramble(struct random_key key, size_t dimension, uint32_t value)
{
    uint32_t scrambled = 0;

    for (int k = 0; k < BITS; k++) {
        uint64_t above = k ? value >> (BITS - k) : 0;
        struct random_stream stream =
            search_stream(key, SEARCH_DRAW_SOBOL, dimension, (uint64_t)k << BITS | above);
        uint32_t bit = (value >> (BITS - 1 - k) & 1) ^ (random_u32(&stream) & 1);
        scrambled |= bit << (BITS - 1 - k);
    }
    return scrambled;
}

void sobol_point(struct random_key key, uint32_t index, bool scramble, size_t dimensions,
                 double *coordinates)
{
    for (size_t d = 0; d < dimensions; d++) {
        uint32_t value = sobol_raw(index, d);
        if (scramble)
            value = sobol_scramble(key, d, value);
        coordinates[d] = value / 4294967296.0;
    }
}

static size_t size(const void *config, size_t round)
{
    const struct sobol_search *search = config;
    return round == 0 ? (size_t)search->points : 0;
}

static enum status propose(const void *config, const struct search_space *space,
                           const struct search_history *history, struct random_key key,
                           size_t round, struct search_point *points, struct error *error)
{
    const struct sobol_search *search = config;
    size_t count = size(config, round);

    (void)history, (void)error;
    for (size_t i = 0; i < count; i++)
        sobol_point(key, (uint32_t)i, search->scramble, space->count, points[i].coordinates);
    return STATUS_OK;
}

const struct search_method search_method_sobol = {
    .descriptor = {.name = "sobol",
                   .summary = "points that fill the space evenly, all at once",
                   .source = "Joe, Kuo, Constructing Sobol' sequences with better two-dimensional "
                             "projections, SIAM J. Sci. Comput. 30, 2008; Owen, Randomly permuted "
                             "(t,m,s)-nets and (t,s)-sequences, 1995",
                   .fields = fields,
                   .config_size = sizeof(struct sobol_search),
                   .version = 1},
    .size = size,
    .propose = propose,
};
