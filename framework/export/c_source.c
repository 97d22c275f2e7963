#include "export/c_source.h"

#include "base/folder.h"
#include "export/c_header.h"
#include "export/c_layers.h"
#include "export/c_memory.h"
#include "io/files/atomic_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What holds for all values of this export; integers will be another row of it. */
static const struct c_number float32 = {.type = "float", .bytes = sizeof(float)};

enum { EXPRESSION = 40 };

/* The expression for what lies at a place. */
static const char *print_place(const struct c_number *number, const struct c_place *place,
                               char text[EXPRESSION])
{
    if (place->room == ROOM_INPUT)
        snprintf(text, EXPRESSION, "input");
    else if (place->room == ROOM_OUTPUT)
        snprintf(text, EXPRESSION, "output");
    else if (place->offset == 0)
        snprintf(text, EXPRESSION, "memory");
    else
        snprintf(text, EXPRESSION, "memory + %zu", place->offset / number->bytes);
    return text;
}

/* Does the node need a statement? Not where its values are those of its input. */
static bool is_computed(const struct c_memory *memory, const struct network *network, size_t i)
{
    const struct network_node *node = &network->nodes[i];

    return c_layer_find(node->layer->descriptor.name)->values != C_VALUES_SAME ||
           memory->places[i].owner == i;
}

static unsigned long pieces_of(const struct c_memory *memory, const struct network *network)
{
    unsigned long pieces = 0;

    for (size_t i = 0; i < network->count; i++)
        if (is_computed(memory, network, i))
            pieces |= 1UL << c_layer_find(network->nodes[i].layer->descriptor.name)->piece;
    return c_pieces_with_needs(pieces);
}

static void print_node(const struct c_export *c, size_t i, struct text *text)
{
    const struct network *network = c->exported->network;
    static const struct c_place input = {.room = ROOM_INPUT};
    char x[LAYER_MAX_INPUTS][EXPRESSION], y[EXPRESSION];
    struct c_node node = {.exported = c->exported, .node = &network->nodes[i], .number = i + 1};
    struct shape out = node.node->out;

    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        int from = node.node->inputs[k];
        node.x[k] = print_place(c->number, from < 0 ? &input : &c->memory.places[from], x[k]);
    }
    node.y = print_place(c->number, &c->memory.places[i], y);
    text_append(text, "    /* %zu ", node.number);
    c_comment_print(node.node->name, text);
    text_append(text, ": %d x %d x %d%s */\n", out.channels, out.height, out.width,
                is_computed(&c->memory, network, i) ? "" : ", as it is");
    if (is_computed(&c->memory, network, i))
        c_layer_call(&node, text);
}

static void print_run(const struct c_export *c, struct text *text)
{
    if (c->memory.bytes)
        text_append(text, "\n/* All values between input and output. */\nstatic %s memory[%zu];\n",
                    c->number->type, c->memory.bytes / c->number->bytes);
    text_append(
        text, "\nvoid %s_run(const float input[%s_INPUT_SIZE], float output[%s_OUTPUT_SIZE])\n{\n",
        c->name, c->upper, c->upper);
    for (size_t i = 0; i < c->exported->network->count; i++)
        print_node(c, i, text);
    text_append(text, "}\n");
}

/* Weights, of which the number is counted. */
static void print_constants(struct c_export *c, struct text *text)
{
    for (size_t i = 0; i < c->exported->network->count; i++) {
        struct c_node node = {
            .exported = c->exported, .node = &c->exported->network->nodes[i], .number = i + 1};
        c->constants += c_layer_constants(&node, text);
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

static enum status check_layers(const struct network *network, struct error *error)
{
    for (size_t i = 0; i < network->count; i++)
        if (!c_layer_find(network->nodes[i].layer->descriptor.name))
            return error_set(error, STATUS_UNAVAILABLE, "layer '%s' (%s) cannot be exported as C",
                             network->nodes[i].name, network->nodes[i].layer->descriptor.name);
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

static enum status check_exported(const struct exported_network *exported, struct error *error)
{
    const struct network *network = exported->network;
    size_t count = exported->examples->count;

    if (!count)
        return error_set(error, STATUS_DATA, "no example tests the exported network");
    PASS(network_check_size(network, error));
    PASS(check_layers(network, error));
    PASS(check_finite(exported->parameters, network->parameters, "parameter", error));
    PASS(check_finite(exported->statistics, network->statistics, "statistic", error));
    PASS(check_examples(exported->examples, network->input, count, "input", error));
    return check_examples(exported->outputs, network->output, count, "output", error);
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

enum status export_c(const struct exported_network *exported, const char *folder, const char *name,
                     struct error *error)
{
    enum status status = STATUS_OK;
    struct c_export c = {.exported = exported, .number = &float32};
    struct text identifier = {0}, source = {0}, header = {0}, test = {0};

    TRY(check_exported(exported, error));
    TRY(c_source_name(name, &identifier, error));
    c_export_name(&c, identifier.bytes);
    TRY(c_memory_new(&c.memory, exported->network, float32.bytes, error));
    c.pieces = pieces_of(&c.memory, exported->network);
    print_source(&c, &source);
    c_header_print(&c, &header);
    c_test_print(&c, &test);
    TRY(folder_make(folder, error));
    TRY(write_text(folder, c.name, ".h", &header, error));
    TRY(write_text(folder, c.name, ".c", &source, error));
    TRY(write_text(folder, c.name, "_test.c", &test, error));
out:
    c_memory_release(&c.memory);
    text_release(&identifier);
    text_release(&source);
    text_release(&header);
    text_release(&test);
    return status;
}
