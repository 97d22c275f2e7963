/* Networks from tables of nodes, and their memory, for tests. */
#ifndef UNDERSTUDY_TESTS_GRAPH_H
#define UNDERSTUDY_TESTS_GRAPH_H

#include "graph/program.h"
#include "networks/layers/registry.h"
#include "tests/property/layer_cases.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NODES = 48 };

struct row { /* a node: from[] counts nodes, -1 is the input, -2 nothing */
    const char *name, *layer, *settings;
    int from[2];
};

struct graph {
    struct node_spec specs[MOST_NODES];
    union {
        double alignment;
        unsigned char bytes[128];
    } configs[MOST_NODES];
    struct network network;
    struct error error;
};

static inline enum status graph_build(struct graph *graph, const struct row *rows, size_t count,
                                      struct shape input, struct shape target)
{
    memset(graph, 0, sizeof *graph);
    CU_ASSERT_FATAL(count <= MOST_NODES);
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *kind = registry_find(registry_layers(), rows[i].layer);
        CU_ASSERT_FATAL(kind && kind->config_size <= sizeof graph->configs->bytes);
        layer_configure(kind, rows[i].settings, graph->configs[i].bytes);
        graph->specs[i] =
            (struct node_spec){.name = rows[i].name,
                               .layer = {.kind = kind, .config = graph->configs[i].bytes},
                               .inputs = {rows[i].from[0], rows[i].from[1]}};
    }
    return network_build(&graph->network, graph->specs, count, input, target, &graph->error);
}

/* Nothing may depend on what lies where nothing was written yet: fill it with what is not a
 * number. */
static inline void poison(const struct executor *executor, bool gradients)
{
    const struct program *program = executor->program;

    if (executor->scratch)
        memset(executor->scratch, 0xff, program->scratch_bytes);
    for (size_t i = 0; i < program->network->count; i++) {
        void *at = gradients ? executor->nodes[i].gradient : executor->nodes[i].values;
        memset(at, 0xff, program->nodes[i].layout.bytes);
    }
}

#endif
