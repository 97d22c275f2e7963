/*
 * Each kind of step as ONNX operators, in float32. Sums of rows and of columns are products with
 * matrices, which fix the image's size: the operator Resize takes any size, but rounds places to
 * float32.
 */
#include "export/onnx_steps.h"

#include "math/border.h"

#include <stdio.h>

/* A step on its way into the graph. */
struct onnx_step {
    struct onnx_graph *graph;
    const struct stage_step *step;
    const char *node; /* its name, which outlives the graph's text */
    struct onnx_name x, y;
};

static struct onnx_name part_of(const struct onnx_step *step, const char *part)
{
    return (struct onnx_name){step->node, part};
}

static struct onnx_name scalar(const struct onnx_step *step, const char *part, float value)
{
    struct onnx_name name = part_of(step, part);

    onnx_constant(step->graph, name, NULL, 0, &value);
    return name;
}

/* OPERATOR(a, b, c) is `to`; the last ones may be {NULL}. */
static void operate(const struct onnx_step *step, const char *operator, struct onnx_name a,
                    struct onnx_name b, struct onnx_name c, struct onnx_name to)
{
    const struct onnx_name inputs[] = {a, b, c};

    onnx_begin(step->graph, operator, to);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (inputs[i].node)
            onnx_read(step->graph, inputs[i]);
    onnx_end(step->graph, to);
}

static const struct onnx_name nothing = {NULL, NULL};

/* The same with two inputs and a name for its result, which is returned. */
static struct onnx_name binary(const struct onnx_step *step, const char *operator,
                               const char * part, struct onnx_name a, struct onnx_name b)
{
    struct onnx_name to = part_of(step, part);

    operate(step, operator, a, b, nothing, to);
    return to;
}

static enum status mix(const struct onnx_step *step, struct error *error)
{
    int dims[] = {step->step->out.channels, step->step->in.channels, 1, 1};
    struct onnx_name weights = part_of(step, "weights");

    (void)error;
    onnx_constant(step->graph, weights, dims, 4, step->step->weights);
    operate(step, "Conv", step->x, weights, nothing, step->y);
    return STATUS_OK;
}

static enum status power(const struct onnx_step *step, struct error *error)
{
    struct onnx_name exponent = scalar(step, "exponent", step->step->exponent);
    struct onnx_name factor = scalar(step, "factor", step->step->factor);
    struct onnx_name positive = part_of(step, "positive");

    (void)error;
    operate(step, "Relu", step->x, nothing, nothing, positive);
    struct onnx_name raised = binary(step, "Pow", "power", positive, exponent);
    operate(step, "Mul", raised, factor, nothing, step->y);
    return STATUS_OK;
}

static enum status select_above(const struct onnx_step *step, struct error *error)
{
    const struct stage_step *one = step->step;
    struct onnx_name level = scalar(step, "level", one->level);
    struct onnx_name above = one->keeps_above ? step->x : scalar(step, "value_above", one->above);
    struct onnx_name below = one->keeps_below ? step->x : scalar(step, "value_below", one->below);

    (void)error;
    struct onnx_name is_above = binary(step, "Greater", "above", step->x, level);
    operate(step, "Where", is_above, above, below, step->y);
    return STATUS_OK;
}

/* One number of the whole image. */
static struct onnx_name reduce(const struct onnx_step *step, const char *operator,
                               const char * part, struct onnx_name of)
{
    static const int axes[] = {1, 2, 3};
    struct onnx_name to = part_of(step, part);

    onnx_begin(step->graph, operator, to);
    onnx_read(step->graph, of);
    onnx_integers(step->graph, "axes", axes, 3);
    onnx_integer(step->graph, "keepdims", 1);
    onnx_end(step->graph, to);
    return to;
}

/* apart / scale, or 0 where the image is flat. */
static void divide(const struct onnx_step *step, struct onnx_name apart, struct onnx_name offset,
                   struct onnx_name scale)
{
    struct onnx_name zero = scalar(step, "zero", 0), size = part_of(step, "magnitude");

    operate(step, "Abs", offset, nothing, nothing, size);
    struct onnx_name least =
        binary(step, "Mul", "least", size, scalar(step, "flat", (float)STEP_FLAT_FLOAT32));
    struct onnx_name differs = binary(step, "Greater", "differs", scale, least);
    struct onnx_name share = binary(step, "Div", "share", apart, scale);
    operate(step, "Where", differs, share, zero, step->y);
}

static enum status range(const struct onnx_step *step, struct error *error)
{
    struct onnx_name low = reduce(step, "ReduceMin", "smallest", step->x);
    struct onnx_name high = reduce(step, "ReduceMax", "largest", step->x);

    (void)error;
    divide(step, binary(step, "Sub", "apart", step->x, low), low,
           binary(step, "Sub", "range", high, low));
    return STATUS_OK;
}

static enum status moments(const struct onnx_step *step, struct error *error)
{
    struct onnx_name mean = reduce(step, "ReduceMean", "mean", step->x);
    struct onnx_name apart = binary(step, "Sub", "apart", step->x, mean);
    struct onnx_name square = binary(step, "Mul", "square", apart, apart);
    struct onnx_name variance = reduce(step, "ReduceMean", "variance", square);
    struct onnx_name deviation = part_of(step, "deviation");

    (void)error;
    operate(step, "Sqrt", variance, nothing, nothing, deviation);
    divide(step, apart, mean, deviation);
    return STATUS_OK;
}

/* A side of a step as a matrix: of rows [out][in], of columns [in][out]. */
struct onnx_side {
    bool rows;
    int in, out;
};

static struct onnx_side side_of(const struct stage_step *step, bool rows)
{
    return (struct onnx_side){rows, rows ? step->in.height : step->in.width,
                              rows ? step->out.height : step->out.width};
}

static float *entry(struct onnx_side side, float *matrix, int out, int in)
{
    return &matrix[side.rows ? (size_t)out * (size_t)side.in + (size_t)in
                             : (size_t)in * (size_t)side.out + (size_t)out];
}

static void fill_taps(struct onnx_side side, const struct step_side *from, float *matrix)
{
    for (int out = 0; out < side.out; out++) {
        struct step_taps taps = from->taps[out];
        for (int k = 0; k < taps.count; k++)
            *entry(side, matrix, out, taps.first + k) =
                taps.count > 1 ? from->weights[taps.place + (size_t)k] : 1;
    }
}

static void fill_window(struct onnx_side side, const struct stage_step *step, float *matrix)
{
    for (int out = 0; out < side.out; out++)
        for (int k = -step->radius; k <= step->radius; k++)
            *entry(side, matrix, out, border_reflect(out + k, side.in)) +=
                step->weights[k < 0 ? -k : k];
}

/* The product of the value with the side's matrix. */
static enum status multiply_side(const struct onnx_step *step, bool rows, struct onnx_name from,
                                 struct onnx_name to, struct error *error)
{
    struct onnx_side side = side_of(step->step, rows);
    struct onnx_name weights = part_of(step, rows ? "row_weights" : "column_weights");
    int dims[] = {rows ? side.out : side.in, rows ? side.in : side.out};
    float *matrix = NULL;

    PASS(memory_new(&matrix, (size_t)side.in * (size_t)side.out, sizeof *matrix, error));
    if (step->step->kind == STEP_BLUR)
        fill_window(side, step->step, matrix);
    else
        fill_taps(side, rows ? &step->step->rows : &step->step->columns, matrix);
    onnx_constant(step->graph, weights, dims, 2, matrix);
    memory_free(matrix);
    operate(step, "MatMul", rows ? weights : from, rows ? from : weights, nothing, to);
    return STATUS_OK;
}

/* Where pixels are copied alone, they are gathered. */
static enum status gather(const struct onnx_step *step, bool rows, struct onnx_name from,
                          struct onnx_name to, struct error *error)
{
    const struct step_side *side = rows ? &step->step->rows : &step->step->columns;
    struct onnx_name places = part_of(step, rows ? "row_places" : "column_places");
    int count = side_of(step->step, rows).out, *indices = NULL;

    PASS(memory_new(&indices, (size_t)count, sizeof *indices, error));
    for (int i = 0; i < count; i++)
        indices[i] = side->taps[i].first;
    onnx_indices(step->graph, places, count, indices);
    memory_free(indices);
    onnx_begin(step->graph, "Gather", to);
    onnx_read(step->graph, from);
    onnx_read(step->graph, places);
    onnx_integer(step->graph, "axis", rows ? 2 : 3);
    onnx_end(step->graph, to);
    return STATUS_OK;
}

static enum status write_side(const struct onnx_step *step, bool rows, struct onnx_name from,
                              struct onnx_name to, struct error *error)
{
    const struct step_side *side = rows ? &step->step->rows : &step->step->columns;
    bool copies =
        step->step->kind == STEP_RESAMPLE && step_side_copies(side, side_of(step->step, rows).out);

    return (copies ? gather : multiply_side)(step, rows, from, to, error);
}

static enum status both_sides(const struct onnx_step *step, struct error *error)
{
    struct onnx_name between = part_of(step, "rows");

    step->graph->one_size = true;
    PASS(write_side(step, true, step->x, between, error));
    return write_side(step, false, between, step->y, error);
}

static enum status (*const writers[STEP_KINDS])(const struct onnx_step *step,
                                                struct error *error) = {
    [STEP_MIX] = mix,         [STEP_POWER] = power,     [STEP_SELECT] = select_above,
    [STEP_RANGE] = range,     [STEP_MOMENTS] = moments, [STEP_RESAMPLE] = both_sides,
    [STEP_BLUR] = both_sides,
};

enum status onnx_steps(struct onnx_graph *graph, const struct stage_graph *steps, const char *side,
                       struct onnx_name from, struct onnx_name result, struct onnx_name *to,
                       struct error *error)
{
    *to = from;
    for (size_t k = 0; k < steps->count; k++) {
        struct onnx_step step = {.graph = graph, .step = &steps->steps[k], .x = *to};
        PASS(onnx_step_name(graph, side, k + 1, &step.node, error));
        step.y = k + 1 == steps->count && result.node ? result : part_of(&step, "output");
        PASS(writers[step.step->kind](&step, error));
        *to = step.y;
    }
    return STATUS_OK;
}
