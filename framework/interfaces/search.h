/*
 * Methods of search: which points of a space to try next, given what the earlier ones came to.
 *
 * A method is a set of pure functions. It proposes in rounds; a round depends on the settings, the
 * key, and the points of the rounds before it, in their order: never on who computed them or when.
 * It sees neither files nor what its coordinates mean.
 */
#ifndef UNDERSTUDY_INTERFACES_SEARCH_H
#define UNDERSTUDY_INTERFACES_SEARCH_H

#include "base/random.h"
#include "io/schema/schema.h"

enum { SEARCH_MOST_RANGES = 64 };

/* A coordinate lies in [0, 1). */
struct search_range {
    uint32_t cells; /* values that it stands for, equal shares of [0, 1); 0: a value for each */
    bool ordered;   /* cells beside one another are alike: numbers, not choices */
};

struct search_space {
    const struct search_range *ranges;
    size_t count;
};

struct search_point {
    double *coordinates; /* [ranges]; of a cell, its middle */
    double budget;       /* 0: the method has none */
    size_t round, rung;
};

struct search_history {
    const struct search_point *points; /* of all rounds before, in the order of proposal */
    const double *objectives; /* [count][objective_count], smaller is better; NaN: it failed */
    size_t count, objective_count;
};

struct search_method {
    struct descriptor descriptor;
    /* What is wrong with the settings together; NULL: nothing, also where this is left out. */
    const char *(*objection)(const void *config);
    /* The dotted path of the field that the budget sets, and its bounds; left out: no budget. */
    const char *(*budget)(const void *config, double *least, double *most);
    /* Points of a round, however the earlier ones came out; 0: that was all. */
    size_t (*size)(const void *config, size_t round);
    /* Fill the coordinates, budget and rung of the round's points, which size() counts. */
    enum status (*propose)(const void *config, const struct search_space *space,
                           const struct search_history *history, struct random_key key,
                           size_t round, struct search_point *points, struct error *error);
};

#endif
