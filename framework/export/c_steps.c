#include "export/c_steps.h"

#include "export/c_layers.h"

#include <stdio.h>

static const struct {
    enum c_piece piece;
    bool in_place;
} kinds[STEP_KINDS] = {
    [STEP_MIX] = {PIECE_MIX, false},
    [STEP_POWER] = {PIECE_POWER, true},
    [STEP_SELECT] = {PIECE_SELECT_ABOVE, true},
    [STEP_RANGE] = {PIECE_RANGE, true},
    [STEP_MOMENTS] = {PIECE_MOMENTS, true},
    [STEP_RESAMPLE] = {PIECE_RESAMPLE, false},
    [STEP_BLUR] = {PIECE_BLUR, false},
};

bool c_step_in_place(const struct stage_step *step)
{
    return kinds[step->kind].in_place;
}

size_t c_step_line(const struct stage_step *step)
{
    return step->kind == STEP_BLUR ? (size_t)step->in.width : 0;
}

uint64_t c_step_pieces(const struct stage_step *step)
{
    return UINT64_C(1) << kinds[step->kind].piece;
}

/* ------------------------------------------------------------------------- constants -- */

static size_t print_floats(const struct c_step *step, const char *name, const float *values,
                           size_t count, struct text *text)
{
    text_append(text, "\nstatic const float %s%zu_%s[%zu] = {\n", step->side, step->number, name,
                count);
    c_floats_print(values, count, text);
    text_append(text, "};\n");
    return count * sizeof *values;
}

/* Which pixels of a side are made of which; the int of Cortex-M and of x86-64 has 4 bytes. */
static size_t print_side(const struct c_step *step, const char *name, const struct step_side *side,
                         int size, struct text *text)
{
    char weights[24];

    text_append(text, "\nstatic const struct weighed %s%zu_%s[%d] = {\n", step->side, step->number,
                name, size);
    for (int i = 0; i < size; i++)
        text_append(text, "    {%d, %d, %zu},\n", side->taps[i].first, side->taps[i].count,
                    side->taps[i].place);
    text_append(text, "};\n");
    snprintf(weights, sizeof weights, "%s_weights", name);
    return (size_t)size * 3 * sizeof(int32_t) +
           print_floats(step, weights, side->weights, side->weight_count, text);
}

size_t c_step_constants(const struct c_step *step, struct text *text)
{
    const struct stage_step *one = step->step;

    switch (one->kind) {
    case STEP_MIX:
        return print_floats(step, "weights", one->weights,
                            (size_t)one->in.channels * (size_t)one->out.channels, text);
    case STEP_BLUR:
        return print_floats(step, "weights", one->weights, (size_t)one->radius + 1, text);
    case STEP_RESAMPLE:
        return print_side(step, "rows", &one->rows, one->out.height, text) +
               print_side(step, "columns", &one->columns, one->out.width, text);
    case STEP_SELECT:
        return (one->keeps_above ? 0 : print_floats(step, "above", &one->above, 1, text)) +
               (one->keeps_below ? 0 : print_floats(step, "below", &one->below, 1, text));
    default: return 0;
    }
}

/* ------------------------------------------------------------------------------ call -- */

static void print_shape(struct shape shape, struct text *text)
{
    text_append(text, ", (struct shape){%d, %d, %d}", shape.channels, shape.height, shape.width);
}

/* ", before1_NAME" */
static void print_array(const struct c_step *step, const char *name, struct text *text)
{
    text_append(text, ", %s%zu_%s", step->side, step->number, name);
}

static void print_real(float value, struct text *text)
{
    text_append(text, ", ");
    c_float_print(value, text);
}

static void print_resample(const struct c_step *step, struct text *text)
{
    static const char *const names[] = {"rows", "rows_weights", "columns", "columns_weights"};

    print_shape(step->step->in, text);
    text_append(text, ",\n        ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_append(text, "%s%s%zu_%s", i ? ", " : "", step->side, step->number, names[i]);
    text_append(text, ",\n        ");
    text_append(text, "(struct shape){%d, %d, %d}", step->step->out.channels,
                step->step->out.height, step->step->out.width);
}

static void print_arguments(const struct c_step *step, struct text *text)
{
    const struct stage_step *one = step->step;

    switch (one->kind) {
    case STEP_MIX:
        print_shape(one->in, text);
        print_array(step, "weights", text);
        text_append(text, ", %d", one->out.channels);
        break;
    case STEP_BLUR:
        print_shape(one->in, text);
        print_array(step, "weights", text);
        text_append(text, ", %d, %s", one->radius, step->line);
        break;
    case STEP_RESAMPLE: print_resample(step, text); break;
    case STEP_POWER:
        text_append(text, ", %zu", shape_size(one->in));
        print_real(one->factor, text);
        print_real(one->exponent, text);
        break;
    case STEP_SELECT:
        text_append(text, ", %zu", shape_size(one->in));
        print_real(one->level, text);
        text_append(text, one->keeps_above ? ", NULL" : "");
        if (!one->keeps_above)
            print_array(step, "above", text);
        text_append(text, one->keeps_below ? ", NULL" : "");
        if (!one->keeps_below)
            print_array(step, "below", text);
        break;
    case STEP_RANGE:
    case STEP_MOMENTS: text_append(text, ", %zu", shape_size(one->in)); break;
    }
}

void c_step_call(const struct c_step *step, struct text *text)
{
    struct shape out = step->step->out;

    text_append(text, "    /* %s the network, %s: %d x %d x %d */\n    %s(%s", step->side,
                step->step->stage ? step->step->stage : "a stage", out.channels, out.height,
                out.width, c_piece_name(kinds[step->step->kind].piece), step->x);
    print_arguments(step, text);
    text_append(text, ", %s);\n", step->y);
}
