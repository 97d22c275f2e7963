/*
 * Random search: points drawn evenly from the space. Hard to beat where few of the ranges matter
 * and nobody knows which (Bergstra, Bengio 2012), and the baseline of every other method. Point i
 * depends on seed and i alone: more points add to those that there were.
 */
#include "search/space.h"

#include <stddef.h>

struct random_search {
    int64_t points;
};

static const struct field fields[] = {
    {"points", FIELD_INTEGER, offsetof(struct random_search, points), .minimum = 1,
     .maximum = 1000000, .help = "number of points"},
    {0},
};

static size_t size(const void *config, size_t round)
{
    const struct random_search *search = config;
    return round == 0 ? (size_t)search->points : 0;
}

static enum status propose(const void *config, const struct search_space *space,
                           const struct search_history *history, struct random_key key,
                           size_t round, struct search_point *points, struct error *error)
{
    size_t count = size(config, round);

    (void)history, (void)error;
    for (size_t i = 0; i < count; i++)
        search_random_point(key, i, space->count, points[i].coordinates);
    return STATUS_OK;
}

const struct search_method search_method_random = {
    .descriptor = {.name = "random",
                   .summary = "points drawn evenly from the space, all at once",
                   .source = "Bergstra, Bengio, Random search for hyper-parameter optimization, "
                             "Journal of Machine Learning Research 13, 2012",
                   .fields = fields,
                   .config_size = sizeof(struct random_search),
                   .version = 1},
    .size = size,
    .propose = propose,
};
