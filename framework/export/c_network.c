#include "export/c_network.h"

#include "export/c_int8.h"
#include "export/c_steps.h"

#include <stdio.h>

enum { EXPRESSION = C_EXPRESSION };

static struct c_node node_at(const struct c_export *c, size_t i)
{
    return (struct c_node){.exported = c->exported,
                           .node = &c->exported->network->nodes[i],
                           .prefix = c->prefix,
                           .number = i + 1};
}

static const char *print_index(const char *array, size_t index, char text[EXPRESSION])
{
    if (index == 0)
        snprintf(text, EXPRESSION, "%s", array);
    else
        snprintf(text, EXPRESSION, "%s + %zu", array, index);
    return text;
}

/* Within the network's block. */
const char *c_network_offset(const struct c_export *c, size_t offset, char text[EXPRESSION])
{
    return print_index("memory", (c->base + offset) / c->numbers->bytes, text);
}

/* The expression for what a node of the network reads or gives. Real numbers come in where the
 * network does not begin in a function of integers: then, it reads where its integers are. */
static const char *print_place(const struct c_export *c, const struct c_place *place,
                               char text[EXPRESSION])
{
    bool integers = c_runs_integers(c), real_input = c->exported->quantized && !integers;
    bool input = place->room == ROOM_INPUT;

    if (place->room == ROOM_MEMORY || (input && real_input))
        return c_network_offset(c, input ? c->memory.input : place->offset, text);
    if (integers || *c->prefix)
        snprintf(text, EXPRESSION, input ? "input" : "output");
    else
        snprintf(text, EXPRESSION, "%s", input ? c->in : c->out);
    return text;
}

/* Real numbers in the static memory, which is one of integers where the network is. */
const char *c_network_reals(const struct c_export *c, size_t offset, char text[EXPRESSION])
{
    return print_index(c->exported->quantized ? "real_memory" : "memory", offset / sizeof(float),
                       text);
}

const char *c_network_around(const struct c_export *c, const struct c_place *place,
                             char text[EXPRESSION])
{
    if (place->room == ROOM_MEMORY)
        return c_network_reals(c, place->offset, text);
    snprintf(text, EXPRESSION, place->room == ROOM_INPUT ? "input" : "output");
    return text;
}

/* Does the node need a statement? Not where its values are those of its input. */
static bool is_computed(const struct c_export *c, size_t i)
{
    return c->values[i] != C_VALUES_SAME || c->memory.places[i].owner == i;
}

/* What happens to each step before the network, then to each after it. */
typedef void step_visitor(const struct c_step *step, void *context);

static void visit_steps(const struct c_export *c, const struct stage_graph *graph,
                        const struct c_place *places, size_t lines, step_visitor *visit,
                        void *context)
{
    char x[EXPRESSION], y[EXPRESSION], line[EXPRESSION];

    for (size_t k = 0; graph && k < graph->count; k++) {
        struct c_step step = {.step = &graph->steps[k],
                              .side = graph == c->exported->before ? "before" : "after",
                              .number = k + 1,
                              .x = c_network_around(c, &places[k], x),
                              .y = c_network_around(c, &places[k + 1], y),
                              .line = c_network_reals(c, c->around.lines[lines + k], line)};
        visit(&step, context);
    }
}

static void visit_before(const struct c_export *c, step_visitor *visit, void *context)
{
    visit_steps(c, c->exported->before, c->around.in, 0, visit, context);
}

static void visit_after(const struct c_export *c, step_visitor *visit, void *context)
{
    visit_steps(c, c->exported->after, c->around.out, exported_before(c->exported), visit, context);
}

static void visit_pieces(const struct c_step *step, void *context)
{
    *(uint64_t *)context |= c_step_pieces(step->step);
}

static void visit_call(const struct c_step *step, void *context)
{
    c_step_call(step, context);
}

uint64_t c_network_pieces(const struct c_export *c)
{
    uint64_t pieces = c->exported->quantized ? UINT64_C(1) << PIECE_QUANTIZE : 0;

    visit_before(c, visit_pieces, &pieces);
    visit_after(c, visit_pieces, &pieces);
    if (c_runs_integers(c))
        pieces |= UINT64_C(1) << PIECE_DEQUANTIZE;
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = node_at(c, i);
        pieces |= is_computed(c, i) ? c->numbers->pieces(&node) : 0;
    }
    return c_pieces_with_needs(pieces);
}

static void print_node(const struct c_export *c, size_t i, struct text *text)
{
    static const struct c_place input = {.room = ROOM_INPUT};
    char x[LAYER_MAX_INPUTS][EXPRESSION], y[EXPRESSION];
    struct c_node node = node_at(c, i);
    struct shape out = node.node->out;

    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        int from = node.node->inputs[k];
        node.x[k] = print_place(c, from < 0 ? &input : &c->memory.places[from], x[k]);
    }
    node.y = print_place(c, &c->memory.places[i], y);
    text_append(text, "    /* %zu ", node.number);
    c_comment_print(node.node->name, text);
    text_append(text, ": %d x %d x %d%s */\n", out.channels, out.height, out.width,
                is_computed(c, i) ? "" : ", as it is");
    if (is_computed(c, i))
        c->numbers->call(&node, text);
}

void c_network_nodes(const struct c_export *c, struct text *text)
{
    for (size_t i = 0; i < c->exported->network->count; i++)
        print_node(c, i, text);
}

/* Step by step: where the text goes, and how many bytes it stands for. */
struct constants {
    struct text *text;
    size_t bytes;
};

static void visit_constants(const struct c_step *step, void *context)
{
    struct constants *constants = context;

    constants->bytes += c_step_constants(step, constants->text);
}

size_t c_network_constants(const struct c_export *c, struct text *text)
{
    struct constants constants = {text, 0};

    visit_before(c, visit_constants, &constants);
    visit_after(c, visit_constants, &constants);
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = node_at(c, i);
        constants.bytes += c->numbers->constants(&node, text);
    }
    return constants.bytes;
}

void c_network_before(const struct c_export *c, struct text *text)
{
    visit_before(c, visit_call, text);
}

void c_network_after(const struct c_export *c, struct text *text)
{
    visit_after(c, visit_call, text);
}

enum status c_network_check(const struct c_export *c, struct error *error)
{
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = node_at(c, i);
        PASS(c->numbers->check(&node, error));
    }
    return STATUS_OK;
}

enum status c_network_new(struct c_export *c, struct error *error)
{
    const struct network *network = c->exported->network;
    struct c_memory_need need = {.value_bytes = c->numbers->bytes,
                                 .own_input = c->exported->quantized != NULL,
                                 .own_output = c_runs_integers(c)};

    PASS(memory_new(&c->values, network->count, sizeof *c->values, error));
    need.values = c->values;
    for (size_t i = 0; i < network->count; i++) {
        struct c_node node = node_at(c, i);
        c->values[i] = c->numbers->values(&node);
        size_t band = c->exported->quantized ? 0 : c_layer_band(&node);
        c->band = band > c->band ? band : c->band;
    }
    PASS(c_memory_new(&c->memory, network, &need, error));
    c->reals = c->exported->quantized ? c_int8_reals(c->exported->quantized) : 0;
    return STATUS_OK;
}

void c_network_release(struct c_export *c)
{
    c_around_release(&c->around);
    c_memory_release(&c->memory);
    memory_free(c->values);
}
