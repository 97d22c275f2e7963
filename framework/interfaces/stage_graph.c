#include "interfaces/stage_graph.h"

#include <string.h>

enum status stage_graph_add(struct stage_graph *graph, struct stage_step step, struct error *error)
{
    if (graph->count == STAGE_GRAPH_MOST)
        return error_set(error, STATUS_UNAVAILABLE, "there are more than %d steps",
                         STAGE_GRAPH_MOST);
    graph->steps[graph->count++] = step;
    return STATUS_OK;
}

enum status stage_graph_floats(struct stage_graph *graph, const float *values, size_t count,
                               const float **copy, struct error *error)
{
    float *made;

    PASS(arena_new(graph->arena, &made, count, sizeof *made, error));
    memcpy(made, values, count * sizeof *made);
    *copy = made;
    return STATUS_OK;
}

enum status stage_graph_side(struct stage_graph *graph, int out, size_t weights,
                             struct step_side *side, struct error *error)
{
    side->weight_count = 0;
    PASS(arena_new(graph->arena, &side->taps, (size_t)out, sizeof *side->taps, error));
    return arena_new(graph->arena, &side->weights, weights, sizeof *side->weights, error);
}

void step_side_add(struct step_side *side, int place, int from, float weight)
{
    struct step_taps *taps = &side->taps[place];

    if (taps->count++ == 0) {
        taps->first = from;
        taps->place = side->weight_count;
    }
    side->weights[side->weight_count++] = weight;
}

bool step_side_copies(const struct step_side *side, int out)
{
    for (int place = 0; place < out; place++)
        if (side->taps[place].count != 1)
            return false;
    return true;
}
