#include "networks/engines/im2col.h"

#include <string.h>

static int group_channels(const struct conv_geometry *g)
{
    return g->in.channels / g->groups;
}

static int group_filters(const struct conv_geometry *g)
{
    return g->out.channels / g->groups;
}

struct im2col im2col_plan(const struct conv_geometry *g)
{
    int channels = group_channels(g), kernel = g->kernel_height * g->kernel_width;
    size_t width = (size_t)g->out.width, pixels = (size_t)g->out.height * width;
    size_t padded = ((size_t)g->in.height + 2 * (size_t)g->padding) * width;

    if (g->stride != 1)
        return (struct im2col){.products = 1,
                               .depth = channels * kernel,
                               .pixels = (int)pixels,
                               .stride = pixels,
                               .size = (size_t)(channels * kernel) * pixels};
    if (kernel == 1 && g->padding == 0)
        return (struct im2col){
            .products = 1, .depth = channels, .pixels = (int)pixels, .stride = pixels};
    return (struct im2col){.products = g->kernel_height,
                           .depth = channels * g->kernel_width,
                           .pixels = (int)pixels,
                           .step = (size_t)g->dilation * width,
                           .stride = padded,
                           .size = (size_t)(channels * g->kernel_width) * padded,
                           .rows = true};
}

/* Fill columns [from, to) of `rows` rows with zeros. */
static void clear_columns(float *plane, size_t rows, size_t width, size_t from, size_t to)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = from; c < to; c++)
            plane[r * width + c] = 0;
}

/* A plane moved to the left by `shift` pixels (to the right where negative), zeros coming in: one
 * copy of all rows, after which the pixels that crossed a row's end are cleared. */
static void shift_plane(const float *x, size_t rows, size_t width, int shift, float *out)
{
    size_t count = rows * width, by = (size_t)(shift < 0 ? -shift : shift);

    if (by >= width) {
        memset(out, 0, count * sizeof *out);
    } else if (shift >= 0) {
        memcpy(out, x + by, (count - by) * sizeof *out);
        clear_columns(out, rows, width, width - by, width);
    } else {
        memcpy(out + by, x, (count - by) * sizeof *out);
        clear_columns(out, rows, width, 0, by);
    }
}

/* The same where rows come out narrower or wider than they go in. */
static void shift_rows(const float *x, size_t rows, int width, int shift, int out_width, float *out)
{
    int from = shift < 0 ? -shift : 0;
    int to = width - shift < out_width ? width - shift : out_width;

    from = from < out_width ? from : out_width;
    to = to > from ? to : from;
    for (size_t r = 0; r < rows; r++, x += width, out += out_width) {
        for (int c = 0; c < from; c++)
            out[c] = 0;
        if (to > from)
            memcpy(out + from, x + from + shift, (size_t)(to - from) * sizeof *out);
        for (int c = to; c < out_width; c++)
            out[c] = 0;
    }
}

static void lay_rows(const struct conv_geometry *g, const float *x, float *buffer)
{
    size_t rows = (size_t)g->in.height, width = (size_t)g->out.width;
    size_t margin = (size_t)g->padding * width;

    for (int c = 0; c < group_channels(g); c++, x += rows * (size_t)g->in.width)
        for (int j = 0; j < g->kernel_width; j++) {
            int shift = j * g->dilation - g->padding;
            memset(buffer, 0, margin * sizeof *buffer);
            buffer += margin;
            if (g->in.width == g->out.width)
                shift_plane(x, rows, width, shift, buffer);
            else
                shift_rows(x, rows, g->in.width, shift, g->out.width, buffer);
            buffer += rows * width;
            memset(buffer, 0, margin * sizeof *buffer);
            buffer += margin;
        }
}

/* The output columns [from, to) that see pixels of the image, not padding, through kernel column j.
 */
static void inside(const struct conv_geometry *g, int j, int *from, int *to)
{
    int first = g->padding - j * g->dilation; /* column u sees input u * stride - first */

    *from = first > 0 ? (first + g->stride - 1) / g->stride : 0;
    *to = first + g->in.width > 0 ? (first + g->in.width - 1) / g->stride + 1 : 0;
    *to = *to < g->out.width ? *to : g->out.width;
    *from = *from < *to ? *from : *to;
}

static void lay_all(const struct conv_geometry *g, const float *x, float *buffer)
{
    int from, to;
    size_t width = (size_t)g->in.width;

    for (int c = 0; c < group_channels(g); c++, x += (size_t)g->in.height * width)
        for (int i = 0; i < g->kernel_height; i++)
            for (int j = 0; j < g->kernel_width; j++) {
                inside(g, j, &from, &to);
                for (int v = 0; v < g->out.height; v++, buffer += g->out.width) {
                    int y = v * g->stride + i * g->dilation - g->padding;
                    int base = j * g->dilation - g->padding;
                    memset(buffer, 0, (size_t)g->out.width * sizeof *buffer);
                    if (y < 0 || y >= g->in.height)
                        continue;
                    for (int u = from; u < to; u++)
                        buffer[u] = x[(size_t)y * width + (size_t)(u * g->stride + base)];
                }
            }
}

const float *im2col_input(const struct conv_geometry *g, const struct im2col *im2col,
                          const float *x, float *buffer)
{
    if (im2col->size == 0)
        return x;
    if (im2col->rows)
        lay_rows(g, x, buffer);
    else
        lay_all(g, x, buffer);
    return buffer;
}

void im2col_input_add(const struct conv_geometry *g, const float *columns, float *dx)
{
    int from, to;
    size_t width = (size_t)g->in.width;

    for (int c = 0; c < group_channels(g); c++, dx += (size_t)g->in.height * width)
        for (int i = 0; i < g->kernel_height; i++)
            for (int j = 0; j < g->kernel_width; j++) {
                inside(g, j, &from, &to);
                for (int v = 0; v < g->out.height; v++, columns += g->out.width) {
                    int y = v * g->stride + i * g->dilation - g->padding;
                    int base = j * g->dilation - g->padding;
                    if (y < 0 || y >= g->in.height)
                        continue;
                    for (int u = from; u < to; u++)
                        dx[(size_t)y * width + (size_t)(u * g->stride + base)] += columns[u];
                }
            }
}

/* Where weight (f, c, i, j) of a group, f and c within it, stands among the group's packed ones. */
static size_t packed_index(const struct im2col *l, int filters, int kernel_height, int kernel_width,
                           int f, int c, int i, int j)
{
    int product = l->rows ? i : 0;
    int row = l->rows ? c * kernel_width + j : (c * kernel_height + i) * kernel_width + j;
    return ((size_t)product * (size_t)l->depth + (size_t)row) * (size_t)filters + (size_t)f;
}

/* Go through all weights in their order; either packed = w or w += packed. */
static void repack(const struct conv_geometry *g, const struct im2col *l, const float *w,
                   float *packed, const float *from, float *into)
{
    int filters = group_filters(g), channels = group_channels(g);
    size_t group_size = (size_t)filters * (size_t)(channels * g->kernel_height * g->kernel_width),
           n = 0;

    for (int f = 0; f < g->out.channels; f++) {
        size_t base = (size_t)(f / filters) * group_size;
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < g->kernel_height; i++)
                for (int j = 0; j < g->kernel_width; j++, n++) {
                    size_t at = base + packed_index(l, filters, g->kernel_height, g->kernel_width,
                                                    f % filters, c, i, j);
                    if (packed)
                        packed[at] = w[n];
                    else
                        into[n] += from[at];
                }
    }
}

void im2col_weights(const struct conv_geometry *g, const struct im2col *l, const float *w,
                    float *packed)
{
    repack(g, l, w, packed, NULL, NULL);
}

void im2col_weights_add(const struct conv_geometry *g, const struct im2col *l, const float *packed,
                        float *w)
{
    repack(g, l, NULL, NULL, packed, w);
}

bool im2col_mirror(const struct conv_geometry *g, struct conv_geometry *mirror)
{
    int reach = g->dilation * (g->kernel_height - 1);

    if (g->stride != 1 || g->kernel_height != g->kernel_width || g->padding > reach)
        return false;
    *mirror = *g;
    mirror->in = g->out;
    mirror->out = g->in;
    mirror->padding = reach - g->padding;
    return true;
}

void im2col_mirrored_weights(const struct conv_geometry *g, const struct im2col *l, const float *w,
                             float *packed)
{
    int filters = group_filters(g), channels = group_channels(g);
    int height = g->kernel_height, width = g->kernel_width;
    size_t group_size = (size_t)filters * (size_t)(channels * height * width);

    for (int f = 0; f < g->out.channels; f++)
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < height; i++)
                for (int j = 0; j < width; j++)
                    packed[(size_t)(f / filters) * group_size +
                           packed_index(l, channels, height, width, c, f % filters, height - 1 - i,
                                        width - 1 - j)] = *w++;
}
