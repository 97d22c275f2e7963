#include "export/c_pieces.h"

#include "export/c_text.h"

#define NEED(piece) (1UL << PIECE_##piece)

static const struct {
    const char *name, *text;
    unsigned long needs;
    size_t bytes;
} pieces_table[PIECES] = {
    [PIECE_SUMS] = {"sums", c_text_sums, 0, 0},
    [PIECE_SHAPE] = {"shape", c_text_shape, 0, 0},
    [PIECE_WINDOW] = {"window", c_text_window, 0, 0},
    [PIECE_SPAN] = {"span", c_text_span, 0, 0},
    [PIECE_EXPONENTIAL] = {"exponential", c_text_exponential, 0, 160},
    [PIECE_LOGISTIC] = {"logistic", c_text_logistic, NEED(EXPONENTIAL), 0},
    [PIECE_ADD] = {"add", c_text_add, 0, 40},
    [PIECE_AVGPOOL] = {"avgpool", c_text_avgpool, NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN), 400},
    [PIECE_BATCHNORM] = {"batchnorm", c_text_batchnorm, NEED(SHAPE), 120},
    [PIECE_CONCAT] = {"concat", c_text_concat, 0, 40},
    [PIECE_CONV] = {"conv", c_text_conv, NEED(SUMS) | NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN),
                    1000},
    [PIECE_COPY] = {"copy", c_text_copy, 0, 20},
    [PIECE_DENSE] = {"dense", c_text_dense, NEED(SUMS), 150},
    [PIECE_GELU] = {"gelu", c_text_gelu, NEED(EXPONENTIAL), 260},
    [PIECE_GLOBAL_AVGPOOL] = {"global_avgpool", c_text_global_avgpool, NEED(SUMS) | NEED(SHAPE),
                              230},
    [PIECE_LEAKY_RELU] = {"leaky_relu", c_text_leaky_relu, 0, 60},
    [PIECE_MAXPOOL] = {"maxpool", c_text_maxpool, NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN), 400},
    [PIECE_RELU] = {"relu", c_text_relu, 0, 40},
    [PIECE_RESCALE] = {"rescale", c_text_rescale, NEED(SHAPE), 120},
    [PIECE_SCALE] = {"scale", c_text_scale, 0, 40},
    [PIECE_SIGMOID] = {"sigmoid", c_text_sigmoid, NEED(LOGISTIC), 50},
    [PIECE_SILU] = {"silu", c_text_silu, NEED(LOGISTIC), 60},
    [PIECE_SOFTMAX] = {"softmax", c_text_softmax, NEED(SHAPE) | NEED(EXPONENTIAL), 260},
    [PIECE_TRANSPOSED_CONV] = {"transposed_conv", c_text_transposed_conv,
                               NEED(SUMS) | NEED(SHAPE) | NEED(WINDOW), 540},
    [PIECE_UPSAMPLE] = {"upsample", c_text_upsample, NEED(SHAPE), 150},
};

const char *c_piece_name(enum c_piece piece)
{
    return pieces_table[piece].name;
}

unsigned long c_pieces_with_needs(unsigned long pieces)
{
    for (int p = PIECES - 1; p >= 0; p--)
        if (pieces >> p & 1)
            pieces |= pieces_table[p].needs;
    return pieces;
}

void c_pieces_print(unsigned long pieces, struct text *text)
{
    for (int p = 0; p < PIECES; p++)
        if (pieces >> p & 1)
            text_append(text, "\n%s", pieces_table[p].text);
}

size_t c_pieces_bytes(unsigned long pieces)
{
    size_t bytes = 0;

    for (int p = 0; p < PIECES; p++)
        if (pieces >> p & 1)
            bytes += pieces_table[p].bytes;
    return bytes;
}
