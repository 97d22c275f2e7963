/*
 * A network's graph as JSON, from which any program can rebuild it: docs/taking_it_out.md tells
 * every key.
 */
#ifndef UNDERSTUDY_GRAPH_NETWORK_JSON_H
#define UNDERSTUDY_GRAPH_NETWORK_JSON_H

#include "graph/network.h"
#include "io/files/json.h"

/* Does the network take images of other sizes with the same parameters? */
MUST_CHECK enum status network_any_size(const struct component *family,
                                        const struct network *network, struct answer answer,
                                        bool *any, struct error *error);
/* The members "family", "settings", "input", "answer" and "layers" of an object that is open. */
MUST_CHECK enum status network_json(struct json *json, const struct component *family,
                                    const struct network *network, struct answer answer,
                                    struct error *error);

#endif
