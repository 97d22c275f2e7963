#include "export/c_source.h"

#include "base/folder.h"
#include "export/c_int8.h"
#include "export/c_steps.h"
#include "io/files/atomic_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct c_numbers float32 = {.type = "float",
                                         .bytes = sizeof(float),
                                         .check = c_layer_check,
                                         .values = c_layer_values,
                                         .pieces = c_layer_pieces,
                                         .constants = c_layer_constants,
                                         .call = c_layer_call};

enum { EXPRESSION = C_EXPRESSION };

static struct c_node node_at(const struct c_export *c, size_t i)
{
    return (struct c_node){
        .exported = c->exported, .node = &c->exported->network->nodes[i], .number = i + 1};
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
static const char *print_offset(const struct c_export *c, size_t offset, char text[EXPRESSION])
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
        return print_offset(c, input ? c->memory.input : place->offset, text);
    if (integers)
        snprintf(text, EXPRESSION, input ? "input" : "output");
    else
        snprintf(text, EXPRESSION, "%s", input ? c->in : c->out);
    return text;
}

/* Real numbers in the static memory, which is one of integers where the network is. */
static const char *print_reals(const struct c_export *c, size_t offset, char text[EXPRESSION])
{
    return print_index(c->exported->quantized ? "real_memory" : "memory", offset / sizeof(float),
                       text);
}

static const char *print_around(const struct c_export *c, const struct c_place *place,
                                char text[EXPRESSION])
{
    if (place->room == ROOM_MEMORY)
        return print_reals(c, place->offset, text);
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
                              .x = print_around(c, &places[k], x),
                              .y = print_around(c, &places[k + 1], y),
                              .line = print_reals(c, c->around.lines[lines + k], line)};
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

static uint64_t pieces_of(const struct c_export *c)
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

static void print_nodes(const struct c_export *c, struct text *text)
{
    for (size_t i = 0; i < c->exported->network->count; i++)
        print_node(c, i, text);
}

/* The head of NAME_run`ending`. */
static void print_head(const struct c_export *c, const char *ending, const char *type,
                       struct text *text)
{
    bool hidden = *ending && !c_offers_integers(c);

    if (hidden)
        text_append(text, "\nstatic void %s_run%s(const %s *input, %s *output)\n", c->name, ending,
                    type, type);
    else
        text_append(text,
                    "\nvoid %s_run%s(const %s input[%s_INPUT_SIZE], %s output[%s_OUTPUT_SIZE])\n",
                    c->name, ending, type, c->upper, type, c->upper);
}

static void print_static_memory(const struct c_export *c, struct text *text)
{
    bool both = c->exported->quantized && c_has_steps(c);

    if (both)
        text_append(text,
                    "\n/* All values between input and output: real numbers, or integers. */\n"
                    "static float real_memory[%zu];\n"
                    "static int8_t *const memory = (int8_t *)real_memory;\n",
                    c->around.bytes / sizeof(float));
    else if (c->around.bytes)
        text_append(text, "\n/* All values between input and output. */\nstatic %s memory[%zu];\n",
                    c->numbers->type, c->around.bytes / c->numbers->bytes);
    if (c->reals)
        text_append(text,
                    "\n/* What layers in float32 compute amid integers. */\n"
                    "static float reals[%zu];\n",
                    c->reals);
}

/* `quantize(input, …);` */
static void print_quantized_input(const struct c_export *c, struct text *text)
{
    char place[EXPRESSION];

    text_append(text, "    quantize(%s, %zu, %s_INPUT_SCALE, %s_INPUT_ZERO, %s);\n", c->in,
                shape_size(c->exported->network->input), c->upper, c->upper,
                print_offset(c, c->memory.input, place));
}

/* From real numbers to real numbers, by the function of integers. */
static void print_real_run(const struct c_export *c, struct text *text)
{
    char in[EXPRESSION], out[EXPRESSION];

    print_offset(c, c->memory.input, in);
    print_offset(c, c->memory.output, out);
    print_head(c, "", "float", text);
    text_append(text, "{\n");
    visit_before(c, visit_call, text);
    print_quantized_input(c, text);
    text_append(text,
                "    %s_run_int8(%s, %s);\n"
                "    dequantize(%s, %zu, %s_OUTPUT_SCALE, %s_OUTPUT_ZERO, %s);\n",
                c->name, in, out, out, shape_size(c->exported->network->output), c->upper, c->upper,
                c->out);
    visit_after(c, visit_call, text);
    text_append(text, "}\n");
}

static void print_run(const struct c_export *c, struct text *text)
{
    bool integers = c_runs_integers(c);

    print_static_memory(c, text);
    print_head(c, integers ? "_int8" : "", integers ? "int8_t" : "float", text);
    text_append(text, "{\n");
    if (!integers)
        visit_before(c, visit_call, text);
    if (c->exported->quantized && !integers)
        print_quantized_input(c, text);
    print_nodes(c, text);
    if (!integers)
        visit_after(c, visit_call, text);
    text_append(text, "}\n");
    if (integers)
        print_real_run(c, text);
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

/* Weights, of which the bytes are counted. */
static void print_constants(struct c_export *c, struct text *text)
{
    struct constants steps = {text, 0};

    visit_before(c, visit_constants, &steps);
    visit_after(c, visit_constants, &steps);
    c->constant_bytes += steps.bytes;
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = node_at(c, i);
        c->constant_bytes += c->numbers->constants(&node, text);
    }
}

static void print_includes(const struct c_export *c, struct text *text)
{
    static const char *const headers[] = {"math.h", "stddef.h", "stdint.h", "string.h"};

    text_append(text,
                "/* %s.h says what this is, and how it is compiled. */\n"
                "#include \"%s.h\"\n\n",
                c->name, c->name);
    for (size_t h = 0; h < sizeof headers / sizeof *headers; h++)
        text_append(text, "#include <%s>\n", headers[h]);
    text_append(text, "\n"
                      "#if !defined(__GNUC__) || defined(__clang__)\n"
                      "#pragma STDC FP_CONTRACT OFF\n"
                      "#endif\n");
}

static void print_source(struct c_export *c, struct text *text)
{
    print_includes(c, text);
    c_pieces_print(c->pieces, text);
    print_constants(c, text);
    print_run(c, text);
    c_class_print(c, text);
}

static enum status check_layers(const struct c_export *c, struct error *error)
{
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = node_at(c, i);
        PASS(c->numbers->check(&node, error));
    }
    return STATUS_OK;
}

static enum status check_finite(const float *values, size_t count, const char *what,
                                struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return error_set(error, STATUS_DIVERGED, "%s %zu is not finite: it cannot be exported",
                             what, i + 1);
    return STATUS_OK;
}

static enum status check_examples(const struct image_set *images, struct shape shape, size_t count,
                                  const char *what, struct error *error)
{
    if (images->count != count)
        return error_set(error, STATUS_DATA, "%zu example inputs, but %zu outputs", count,
                         images->count);
    for (size_t i = 0; i < count; i++)
        if (!shape_equal(images->shapes[i], shape))
            return error_set(error, STATUS_DATA, "example %zu has an %s of another shape", i + 1,
                             what);
    return check_finite(images->pixels, images->offsets[count], what, error);
}

static enum status check_exported(const struct c_export *c, struct error *error)
{
    const struct exported_network *exported = c->exported;
    const struct network *network = exported->network;
    size_t count = exported->examples->count;

    if (!count)
        return error_set(error, STATUS_DATA, "no example tests the exported network");
    PASS(network_check_size(network, error));
    PASS(check_layers(c, error));
    PASS(check_finite(exported->parameters, network->parameters, "parameter", error));
    PASS(check_finite(exported->statistics, network->statistics, "statistic", error));
    PASS(check_examples(exported->examples, exported_input(exported), count, "input", error));
    return check_examples(exported->outputs, exported_output(exported), count, "output", error);
}

static enum status write_text(const char *folder, const char *name, const char *ending,
                              const struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, file = {0};

    TRY(text_status(text, error));
    TRY(text_print(&file, error, "%s%s", name, ending));
    TRY(path_join(&path, folder, file.bytes, error));
    struct span span = {(const unsigned char *)text->bytes, text->length, path.bytes};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    text_release(&file);
    return status;
}

/* Where the network's block and the values around it lie. */
static enum status make_around(struct c_export *c, struct error *error)
{
    const struct exported_network *exported = c->exported;
    struct c_around_need need = {.before = exported->before,
                                 .after = exported->after,
                                 .in = exported->network->input,
                                 .out = exported->network->output,
                                 .networks = {c->memory.bytes},
                                 .alignment = c_has_steps(c) ? sizeof(float) : c->numbers->bytes};

    PASS(c_around_new(&c->around, &need, error));
    c->base = c->around.networks[C_SMALL];
    print_around(c, &c->around.in[exported_before(exported)], c->in);
    print_around(c, &c->around.out[0], c->out);
    return STATUS_OK;
}

/* Everything that is decided before it is written. */
static enum status make_ready(struct c_export *c, struct error *error)
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
    }
    PASS(c_memory_new(&c->memory, network, &need, error));
    PASS(make_around(c, error));
    c->pieces = pieces_of(c);
    c->reals = c->exported->quantized ? c_int8_reals(c->exported->quantized) : 0;
    return STATUS_OK;
}

static enum status write_files(struct c_export *c, const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct text source = {0}, header = {0}, test = {0};

    print_source(c, &source);
    c_header_print(c, &header);
    c_test_print(c, &test);
    TRY(folder_make(folder, error));
    TRY(write_text(folder, c->name, ".h", &header, error));
    TRY(write_text(folder, c->name, ".c", &source, error));
    TRY(write_text(folder, c->name, "_test.c", &test, error));
out:
    text_release(&source);
    text_release(&header);
    text_release(&test);
    return status;
}

enum status export_c(const struct exported_network *exported, const char *folder, const char *name,
                     struct error *error)
{
    enum status status = STATUS_OK;
    struct exported_network written;
    struct c_export c = {.exported = &written,
                         .numbers = exported->quantized ? &c_numbers_int8 : &float32};
    struct text identifier = {0};

    TRY(exported_written(exported, &written, error));
    TRY(check_exported(&c, error));
    TRY(c_source_name(name, &identifier, error));
    c_export_name(&c, identifier.bytes);
    TRY(make_ready(&c, error));
    TRY(write_files(&c, folder, error));
out:
    c_around_release(&c.around);
    c_memory_release(&c.memory);
    memory_free(c.values);
    text_release(&identifier);
    return status;
}
