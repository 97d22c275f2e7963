#include "export/c_guard.h"

#include "export/c_network.h"

#include <string.h>

/* What a measure of doubt is called with, after the answer (and the one for the mirrored image). */
enum arguments { OF_INPUT, OF_CLASSES, OF_VALUES, OF_PLANES };

/* By guard, and by what the network gives where that makes a difference. */
static const struct {
    const char *guard;
    unsigned contents; /* SERVES_… */
    enum c_piece piece;
    enum arguments arguments;
} measures[] = {
    {"confidence", SERVES_SCORES | SERVES_MASKS, PIECE_CONFIDENCE, OF_CLASSES},
    {"disagreement", SERVES_SCORES, PIECE_OTHER_SHARES, OF_CLASSES},
    {"disagreement", SERVES_MASKS, PIECE_OTHER_CLASSES, OF_CLASSES},
    {"disagreement", SERVES_NUMBERS, PIECE_OTHER_NUMBERS, OF_VALUES},
    {"disagreement", SERVES_IMAGES | SERVES_MAPS, PIECE_DIFFERENCE, OF_VALUES},
    {"flatness", SERVES_IMAGES, PIECE_FLATNESS, OF_PLANES},
    {"residual", SERVES_IMAGES, PIECE_DIFFERENCE, OF_INPUT},
};
enum { MEASURES = sizeof measures / sizeof *measures };

/* The row of the guard; MEASURES where there is none. */
static size_t measure_of(const struct exported_network *exported)
{
    size_t m = 0;

    while (m < MEASURES && (strcmp(measures[m].guard, exported->guard->by) != 0 ||
                            !(measures[m].contents >> exported->answer.content & 1)))
        m++;
    return m;
}

enum status c_guard_check(const struct exported_network *exported, struct error *error)
{
    if (exported->quantized)
        return error_set(error, STATUS_UNAVAILABLE,
                         "a guard's threshold was chosen by answers in float32: it cannot be "
                         "exported in integers");
    if (measure_of(exported) == MEASURES)
        return error_set(error, STATUS_UNAVAILABLE, "guard '%s' cannot be exported as C",
                         exported->guard->by);
    return STATUS_OK;
}

uint64_t c_guard_pieces(const struct exported_network *exported)
{
    uint64_t pieces = UINT64_C(1) << measures[measure_of(exported)].piece;

    if (exported->guard->twice)
        pieces |= UINT64_C(1) << PIECE_MIRROR;
    return c_pieces_with_needs(pieces);
}

static void print_network(const struct c_export *c, struct text *text)
{
    text_append(text, "\nstatic void %srun(const float *input, float *output)\n{\n", c->prefix);
    c_network_nodes(c, text);
    text_append(text, "}\n");
}

static void print_mirror(struct shape shape, const char *from, const char *to, struct text *text)
{
    text_append(text, "    mirror(%s, %d, %d, %s);\n", from, shape.channels * shape.height,
                shape.width, to);
}

/* The answer to the mirrored image. */
static void print_second_run(const struct c_export *c, const char *turned, struct text *text)
{
    const struct network *network = c->exported->network;
    char mirrored[C_EXPRESSION];

    c_network_reals(c, c->around.mirrored, mirrored);
    print_mirror(network->input, "input", mirrored, text);
    text_append(text, "    small_run(%s, %s);\n", mirrored, turned);
    if (content_is_spatial(c->exported->answer.content))
        print_mirror(network->output, turned, turned, text);
}

static void print_doubt(const struct c_export *c, struct text *text)
{
    const struct exported_network *exported = c->exported;
    const struct exported_guard *guard = exported->guard;
    struct shape out = exported->network->output;
    size_t m = measure_of(exported);
    char turned[C_EXPRESSION];

    c_network_reals(c, c->around.turned, turned);
    text_append(text, "\n/* The small network answers; how much that is to be doubted. */\n"
                      "static double small_doubt(const float *input, float *output)\n{\n"
                      "    small_run(input, output);\n");
    if (guard->twice)
        print_second_run(c, turned, text);
    text_append(text, "    return %s(output", c_piece_name(measures[m].piece));
    if (measures[m].arguments == OF_INPUT)
        text_append(text, ", input");
    if (guard->twice)
        text_append(text, ", %s", turned);
    if (measures[m].arguments == OF_CLASSES)
        text_append(text, ", %d, %zu, %d", out.channels, shape_plane(out), guard->probabilities);
    else if (measures[m].arguments == OF_PLANES)
        text_append(text, ", %d, %d, %d", out.channels, out.height, out.width);
    else
        text_append(text, ", %zu", shape_size(out));
    text_append(text, ");\n}\n");
}

static void print_run(const struct c_export *c, struct text *text)
{
    bool pipeline = !c->exported->guard->large;

    text_append(text, "\nstatic double last_doubt;\n\n");
    c_guard_head(c, text);
    text_append(text, "\n{\n");
    c_network_before(c, text);
    text_append(text, "    last_doubt = small_doubt(%s, %s);\n", c->in, c->out);
    if (pipeline)
        text_append(text,
                    "    if (!(last_doubt <= %s_THRESHOLD))\n"
                    "        return pipeline(input, output, context) ? -1 : 1;\n",
                    c->upper);
    else
        text_append(text,
                    "    if (!(last_doubt <= %s_THRESHOLD))\n"
                    "        large_run(%s, %s);\n",
                    c->upper, c->in, c->out);
    c_network_after(c, text);
    if (pipeline)
        text_append(text, "    return 0;\n}\n");
    else
        text_append(text, "    return !(last_doubt <= %s_THRESHOLD);\n}\n", c->upper);
    text_append(text, "\ndouble %s_doubt(void)\n{\n    return last_doubt;\n}\n", c->name);
}

void c_guard_print(const struct c_export *c, struct text *text)
{
    print_network(c, text);
    if (c->large)
        print_network(c->large, text);
    print_doubt(c, text);
    print_run(c, text);
}
