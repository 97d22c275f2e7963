#include "export/c_source.h"

#include "base/folder.h"
#include "export/c_guard.h"
#include "export/c_int8.h"
#include "export/c_network.h"
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
    char place[C_EXPRESSION];

    text_append(text, "    quantize(%s, %zu, %s_INPUT_SCALE, %s_INPUT_ZERO, %s);\n", c->in,
                shape_size(c->exported->network->input), c->upper, c->upper,
                c_network_offset(c, c->memory.input, place));
}

/* From real numbers to real numbers, by the function of integers. */
static void print_real_run(const struct c_export *c, struct text *text)
{
    char in[C_EXPRESSION], out[C_EXPRESSION];

    c_network_offset(c, c->memory.input, in);
    c_network_offset(c, c->memory.output, out);
    print_head(c, "", "float", text);
    text_append(text, "{\n");
    c_network_before(c, text);
    print_quantized_input(c, text);
    text_append(text,
                "    %s_run_int8(%s, %s);\n"
                "    dequantize(%s, %zu, %s_OUTPUT_SCALE, %s_OUTPUT_ZERO, %s);\n",
                c->name, in, out, out, shape_size(c->exported->network->output), c->upper, c->upper,
                c->out);
    c_network_after(c, text);
    text_append(text, "}\n");
}

static void print_run(const struct c_export *c, struct text *text)
{
    bool integers = c_runs_integers(c);

    print_head(c, integers ? "_int8" : "", integers ? "int8_t" : "float", text);
    text_append(text, "{\n");
    if (!integers)
        c_network_before(c, text);
    if (c->exported->quantized && !integers)
        print_quantized_input(c, text);
    c_network_nodes(c, text);
    if (!integers)
        c_network_after(c, text);
    text_append(text, "}\n");
    if (integers)
        print_real_run(c, text);
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
    if (c->band)
        text_append(text,
                    "\n/* Values of a part of an image, where vectors are used. */\n"
                    "enum { BAND = %zu };\n",
                    c->band);
    c_pieces_print(c->pieces, text);
    c->constant_bytes = c_network_constants(c, text);
    if (c->large)
        c->constant_bytes += c_network_constants(c->large, text);
    print_static_memory(c, text);
    if (c->exported->guard)
        c_guard_print(c, text);
    else
        print_run(c, text);
    c_class_print(c, text);
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
    PASS(c_network_check(c, error));
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

/* Where the networks' blocks and the values around them lie. */
static enum status make_around(struct c_export *c, struct error *error)
{
    const struct exported_network *exported = c->exported;
    struct c_around_need need = {
        .before = exported->before,
        .after = exported->after,
        .in = exported->network->input,
        .out = exported->network->output,
        .networks = {c->memory.bytes, c->large ? c->large->memory.bytes : 0},
        .twice = exported->guard && exported->guard->twice,
        .alignment = c_has_steps(c) ? sizeof(float) : c->numbers->bytes};

    PASS(c_around_new(&c->around, &need, error));
    c->base = c->around.networks[C_SMALL];
    if (c->large)
        c->large->base = c->around.networks[C_LARGE];
    c_network_around(c, &c->around.in[exported_before(exported)], c->in);
    c_network_around(c, &c->around.out[0], c->out);
    return STATUS_OK;
}

/* Everything that is decided before it is written. */
static enum status make_ready(struct c_export *c, struct error *error)
{
    PASS(c_network_new(c, error));
    if (c->large)
        PASS(c_network_new(c->large, error));
    if (c->large && c->large->band > c->band)
        c->band = c->large->band;
    PASS(make_around(c, error));
    c->pieces = c_network_pieces(c);
    if (c->large)
        c->pieces |= c_network_pieces(c->large);
    if (c->exported->guard)
        c->pieces |= c_guard_pieces(c->exported);
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

/* The larger network of a guard: it has no examples of its own. */
static enum status check_large(const struct c_export *large, struct error *error)
{
    const struct network *network = large->exported->network;

    PASS(network_check_size(network, error));
    PASS(c_network_check(large, error));
    PASS(check_finite(large->exported->parameters, network->parameters, "parameter", error));
    return check_finite(large->exported->statistics, network->statistics, "statistic", error);
}

enum status export_c(const struct exported_network *exported, const char *folder, const char *name,
                     struct error *error)
{
    enum status status = STATUS_OK;
    struct exported_network written, other = {0};
    const struct exported_guard *guard = exported->guard;
    struct c_export c = {.exported = &written,
                         .prefix = guard ? "small_" : "",
                         .numbers = exported->quantized ? &c_numbers_int8 : &float32};
    struct c_export large = {.exported = &other, .prefix = "large_", .numbers = &float32};
    struct text identifier = {0};

    TRY(exported_written(exported, &written, error));
    TRY(check_exported(&c, error));
    if (guard)
        TRY(c_guard_check(exported, error));
    if (guard && guard->large) {
        other = *guard->large;
        other.before = other.after = NULL; /* those of the small one serve both */
        c.large = &large;
        TRY(check_large(&large, error));
    }
    TRY(c_source_name(name, &identifier, error));
    c_export_name(&c, identifier.bytes);
    TRY(make_ready(&c, error));
    TRY(write_files(&c, folder, error));
out:
    c_network_release(&c);
    c_network_release(&large);
    text_release(&identifier);
    return status;
}
