#include "export/c_header.h"

#include "export/c_pieces.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CALL_BYTES = 60 }; /* of machine code, about */

void c_export_name(struct c_export *c, const char *name)
{
    size_t length = 0;

    for (; name[length] && length < C_NAME_ROOM - 1; length++) {
        char letter = name[length];
        c->name[length] = letter;
        c->upper[length] = (char)(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
    }
    c->name[length] = c->upper[length] = '\0';
}

/* Nothing in it ends the comment, begins another, or is a trigraph. */
void c_comment_print(const char *from, struct text *text)
{
    struct text printable = {0};

    text_append_printable(&printable, from, strlen(from));
    for (size_t i = 0; i < printable.length; i++) {
        const char *at = printable.bytes + i;
        text_append_bytes(text, at, 1);
        if (strncmp(at, "*/", 2) == 0 || strncmp(at, "/*", 2) == 0 || strncmp(at, "??", 2) == 0)
            text_append(text, " ");
    }
    text->failed = text->failed || printable.failed;
    text_release(&printable);
}

static void print_shape_macros(const struct c_export *c, const char *which, struct shape shape,
                               struct text *text)
{
    text_append(text, "#define %s_%s_CHANNELS %d\n", c->upper, which, shape.channels);
    text_append(text, "#define %s_%s_HEIGHT %d\n", c->upper, which, shape.height);
    text_append(text, "#define %s_%s_WIDTH %d\n", c->upper, which, shape.width);
    text_append(text, "#define %s_%s_SIZE %zu\n", c->upper, which, shape_size(shape));
}

static const char *meaning_of(const struct exported_network *exported)
{
    enum content content = exported_content(exported);

    if (content == CONTENT_MASK && exported_after(exported))
        return "a mask: the number of each pixel's class";
    switch (content) {
    case CONTENT_IMAGE: return "an image: black is 0, white is 1; values may lie outside";
    case CONTENT_SCORES: return "a score for each class; the largest tells the class";
    case CONTENT_MASK: return "a score for each class at each pixel; the largest tells its class";
    case CONTENT_NUMBERS: return "numbers in their units";
    case CONTENT_MAP: return "numbers in their units, for each pixel";
    default: return "features";
    }
}

static void print_facts(const struct c_export *c, struct text *text)
{
    text_append(text, " *\n * Network: ");
    c_comment_print(c->exported->family->kind->name, text);
    text_append(text, "\n");
    for (size_t i = 0; i < c->exported->fact_count; i++) {
        text_append(text, " * ");
        c_comment_print(c->exported->facts[i].name, text);
        text_append(text, ": ");
        c_comment_print(c->exported->facts[i].value, text);
        text_append(text, "\n");
    }
}

/* That vectors of 64 bytes may read beyond a band. */
enum { VECTOR_VALUES = 24 };

static void print_sizes(const struct c_export *c, struct text *text)
{
    const struct network *network = c->exported->network;
    int runs = c->exported->guard && c->exported->guard->twice ? 2 : 1;
    struct shape in = exported_input(c->exported), out = exported_output(c->exported);
    size_t nodes = network->count + (c->large ? c->large->exported->network->count : 0);
    size_t calls = nodes + exported_before(c->exported) + exported_after(c->exported);
    size_t code = c_pieces_bytes(c->pieces) + CALL_BYTES * calls;
    size_t value = c_offers_integers(c) ? sizeof(int8_t) : sizeof(float);

    text_append(
        text,
        " * Input: %d x %d x %d values (channels, rows, columns), channel by channel, row by\n"
        " * row; pixels in [0, 1]: black is 0, white is 1.\n"
        " * Output: %d x %d x %d values in the same order:\n * %s.\n *\n",
        in.channels, in.height, in.width, out.channels, out.height, out.width,
        meaning_of(c->exported));
    text_append(
        text,
        " * RAM: %zu bytes of static memory; beside them the caller's input (%zu bytes) and\n"
        " * output (%zu bytes), which must not overlap, and some hundred bytes of stack.\n",
        c_static_bytes(c), shape_size(in) * value, shape_size(out) * value);
    if (c->band)
        text_append(text,
                    " * Where the compiler offers vectors (SSE2, AVX, AVX-512, NEON of 64 bits), "
                    "%zu bytes\n"
                    " * more of static memory.\n",
                    (c->band + VECTOR_VALUES) * sizeof(double));
    text_append(text,
                " * Flash: %zu bytes of constants and about %zu bytes of code (Cortex-M7, -O2).\n"
                " * Work: %.0f multiply-adds a run%s.\n",
                c->constant_bytes, code, runs * network_operations(network).multiply_adds,
                c->exported->guard ? " of the small network"
                : c_has_steps(c)   ? " of the network"
                                   : "");
}

static const char exactness[] =
    " *\n"
    " * One run at a time: all share the static memory.\n"
    " *\n"
    " * Compile with -ffp-contract=off (gcc, clang) or /fp:strict (MSVC). The results are then,\n"
    " * bit for bit, those of Understudy's engine 'reference', wherever float and double are\n"
    " * computed as such (on 32-bit x86: -msse2 -mfpmath=sse). Otherwise last digits may differ.\n";

static const char exactness_int8[] =
    " *\n"
    " * One run at a time: all share the static memory.\n"
    " *\n"
    " * The results are, bit for bit, those of Understudy's network in integers. Real numbers "
    "need\n"
    " * -ffp-contract=off (gcc, clang) or /fp:strict (MSVC) for that, and float computed as such\n"
    " * (on 32-bit x86: -msse2 -mfpmath=sse).\n";

/* How integers stand for real numbers. */
static void print_integer_facts(const struct c_export *c, struct text *text)
{
    text_append(text, " *\n"
                      " * Integers q stand for scale * (q - zero); those beyond what was seen in\n"
                      " * calibration become the nearest there are.\n");
    if (c_offers_integers(c))
        text_append(text,
                    " * %s_run() turns real numbers into integers and back; %s_run_int8()\n"
                    " * takes and gives integers, and computes with nothing else.\n",
                    c->name, c->name);
    else if (!c_runs_integers(c))
        text_append(text, " * The last layer is computed with real numbers.\n");
}

/* The stages that are part of it, and what their bits depend on. */
static void print_steps(const struct c_export *c, struct text *text)
{
    if (!c_has_steps(c))
        return;
    text_append(text, " *\n * With it come stages of the pipeline:");
    for (size_t k = 0; k < exported_before(c->exported); k++)
        text_append(text, " %s,", c->exported->before->steps[k].stage);
    text_append(text, " the network");
    for (size_t k = 0; k < exported_after(c->exported); k++)
        text_append(text, ", %s", c->exported->after->steps[k].stage);
    text_append(text, ".\n");
    if (c->pieces >> PIECE_POWER & 1)
        text_append(text, " * The last digits of gamma are those of the C library's powf().\n");
}

static void print_guard_article(const struct c_export *c, struct text *text)
{
    const struct exported_guard *guard = c->exported->guard;
    const char *other = guard->large ? "the larger network" : "the pipeline";

    text_append(text,
                " *\n"
                " * The small network answers each image, %s. By the guard '%s', an image whose\n"
                " * answer is to be doubted is handed on to %s, which answers in its place.\n",
                guard->twice ? "and its mirror image" : "once", guard->by, other);
    if (guard->large)
        text_append(text,
                    " * For these images, %.0f multiply-adds come on top. Both networks share the\n"
                    " * static memory.\n",
                    network_operations(guard->large->network).multiply_adds);
}

static void print_article(const struct c_export *c, struct text *text)
{
    bool integers = c->exported->quantized != NULL;
    const struct exported_guard *guard = c->exported->guard;

    text_append(text,
                "/*\n"
                " * %s: %s%s, exported by Understudy. C99;\n"
                " * nothing is allocated.\n"
                " *\n"
                " *     %s_run(input, output%s);\n",
                c->name, guard ? "a small neural network with a guard" : "a trained neural network",
                integers ? " in 8-bit integers" : "", c->name,
                guard && !guard->large ? ", pipeline, context" : "");
    if (c_offers_integers(c))
        text_append(text, " *     %s_run_int8(input, output);\n", c->name);
    text_append(text, " *\n");
    print_sizes(c, text);
    print_steps(c, text);
    if (guard)
        print_guard_article(c, text);
    if (integers)
        print_integer_facts(c, text);
    text_append(text, "%s", integers ? exactness_int8 : exactness);
    text_append(text,
                " * %s_test.c is a program that compares stored examples:\n"
                " *\n"
                " *     cc -std=c99 -O2 -ffp-contract=off %s.c %s_test.c -lm -o %s_test\n"
                " *     ./%s_test\n",
                c->name, c->name, c->name, c->name, c->name);
    if (c->exported->examples_are)
        text_append(text, " * Its examples are %s.\n", c->exported->examples_are);
    print_facts(c, text);
    text_append(text, " */\n");
}

static void print_class_head(const struct c_export *c, struct text *text)
{
    bool pixels = c->exported->answer.content == CONTENT_MASK;

    text_append(text, "int %s_class(const float output[%s_OUTPUT_SIZE]%s)", c->name, c->upper,
                pixels ? ", int row, int column" : "");
}

static void print_quantization(const struct c_export *c, const char *which, struct quantization how,
                               struct text *text)
{
    text_append(text, "#define %s_%s_SCALE ", c->upper, which);
    c_float_print(how.scale, text);
    text_append(text, "\n#define %s_%s_ZERO (%d)\n", c->upper, which, how.zero);
}

static void print_quantizations(const struct c_export *c, struct text *text)
{
    const struct quantized_network *quantized = c->exported->quantized;

    text_append(text, "\n/* Integers q stand for SCALE * (q - ZERO). */\n");
    print_quantization(c, "INPUT", quantized->input, text);
    if (c_runs_integers(c))
        print_quantization(c, "OUTPUT", quantized_output(quantized), text);
}

void c_guard_head(const struct c_export *c, struct text *text)
{
    text_append(text, "int %s_run(const float input[%s_INPUT_SIZE], float output[%s_OUTPUT_SIZE]",
                c->name, c->upper, c->upper);
    if (c->exported->guard->large)
        text_append(text, ")");
    else
        text_append(text, ",\n    %s_pipeline *pipeline, void *context)", c->name);
}

/* What is called from outside, of a guard. */
static void print_guard(const struct c_export *c, struct text *text)
{
    bool mask = c->exported->answer.content == CONTENT_MASK && exported_has_classes(c->exported);

    if (!c->exported->guard->large)
        text_append(text,
                    "/* The pipeline, a function of yours: the answer for an image; 0, or another\n"
                    " * number where it fails.%s `context` is what the caller of\n"
                    " * %s_run() gave. */\n"
                    "typedef int %s_pipeline(const float *input, float *output, void *context);\n",
                    mask ? " Of masks: for each pixel 1 for its\n * class, and 0 for the others."
                         : "",
                    c->name, c->name);
    text_append(text,
                "/* 0: the small network's answer was kept; 1: the image was handed on%s. */\n",
                c->exported->guard->large ? "" : ";\n * -1: it was, and the pipeline failed");
    c_guard_head(c, text);
    text_append(text,
                ";\n"
                "/* How much the small network's answer was to be doubted, in the last run. */\n"
                "double %s_doubt(void);\n",
                c->name);
}

/* A double that reads back as the same bits. */
static void print_threshold(const struct c_export *c, struct text *text)
{
    double threshold = c->exported->guard->threshold;
    bool infinite = isinf(threshold);

    if (infinite)
        text_append(text, "\n#include <math.h>\n");
    text_append(text,
                "\n/* An image is handed on if the doubt is above, or not a number. */\n"
                "#define %s_THRESHOLD ",
                c->upper);
    if (infinite)
        text_append(text, "(%s(double)INFINITY)\n", threshold < 0 ? "-" : "");
    else
        text_append(text, "(%.17g)\n", threshold);
}

static void print_functions(const struct c_export *c, struct text *text)
{
    if (c->exported->guard)
        print_guard(c, text);
    else
        text_append(
            text, "void %s_run(const float input[%s_INPUT_SIZE], float output[%s_OUTPUT_SIZE]);\n",
            c->name, c->upper, c->upper);
    if (c_offers_integers(c))
        text_append(text,
                    "void %s_run_int8(const int8_t input[%s_INPUT_SIZE], int8_t "
                    "output[%s_OUTPUT_SIZE]);\n",
                    c->name, c->upper, c->upper);
}

void c_header_print(const struct c_export *c, struct text *text)
{
    print_article(c, text);
    text_append(text, "#ifndef %s_H\n#define %s_H\n\n", c->upper, c->upper);
    if (c->exported->quantized)
        text_append(text, "#include <stdint.h>\n\n");
    print_shape_macros(c, "INPUT", exported_input(c->exported), text);
    text_append(text, "\n");
    print_shape_macros(c, "OUTPUT", exported_output(c->exported), text);
    text_append(text, "\n#define %s_RAM_BYTES %zu /* static, without input and output */\n",
                c->upper, c_static_bytes(c));
    text_append(text, "#define %s_CONSTANT_BYTES %zu\n", c->upper, c->constant_bytes);
    if (c->exported->quantized)
        print_quantizations(c, text);
    if (c->exported->guard)
        print_threshold(c, text);
    text_append(text, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    print_functions(c, text);
    if (exported_has_classes(c->exported)) {
        text_append(text, "/* The class with the largest score, from 0, the first of equals; -1\n"
                          " * where a score is not a number. */\n");
        print_class_head(c, text);
        text_append(text, ";\n");
    }
    text_append(text, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* The expression for the score of class `index`. */
static void print_score(const struct c_export *c, const char *index, struct text *text)
{
    if (c->exported->answer.content == CONTENT_MASK)
        text_append(text, "output[(%s * %s_OUTPUT_HEIGHT + row) * %s_OUTPUT_WIDTH + column]", index,
                    c->upper, c->upper);
    else
        text_append(text, "output[%s]", index);
}

void c_class_print(const struct c_export *c, struct text *text)
{
    if (!exported_has_classes(c->exported))
        return;
    text_append(text, "\n");
    print_class_head(c, text);
    text_append(text, "\n{\n    float most = ");
    print_score(c, "0", text);
    text_append(text,
                ";\n    int best = 0;\n\n"
                "    for (int i = 0; i < %s_OUTPUT_CHANNELS; i++) {\n"
                "        float score = ",
                c->upper);
    print_score(c, "i", text);
    text_append(text, ";\n"
                      "        if (score != score)\n"
                      "            return -1;\n"
                      "        if (score > most) {\n"
                      "            most = score;\n"
                      "            best = i;\n"
                      "        }\n"
                      "    }\n"
                      "    return best;\n"
                      "}\n");
}
