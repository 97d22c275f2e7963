/* A network's answers, and how much each is to be doubted. */
#ifndef UNDERSTUDY_GUARD_GUARDED_ANSWER_H
#define UNDERSTUDY_GUARD_GUARDED_ANSWER_H

#include "graph/network.h"
#include "interfaces/engine.h"
#include "interfaces/guard.h"

/* A trained network, all of it borrowed. */
struct guarded_network {
    const struct component *family;
    const struct engine *engine;
    enum precision precision;
    const float *parameters, *statistics;
    struct answer answer;
};

/*
 * Answers for images of any mix of sizes, as network_apply() gives them; `out` is made here.
 * doubts[in->count] are by the guard. Images that are seen in tiles are doubted as a whole. Bits do
 * not depend on the threads, nor on the other images. STATUS_CONFIG where an answer has not the
 * shape that the guard needs.
 */
MUST_CHECK enum status guarded_answer(const struct guard *guard,
                                      const struct guarded_network *network,
                                      const struct image_set *in, int threads,
                                      struct image_set *out, double *doubts, struct error *error);
/* How often the network runs for an answer. */
int guarded_runs(const struct guard *guard);

#endif
