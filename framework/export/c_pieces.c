#include "export/c_pieces.h"

#include "export/c_text.h"

#define NEED(piece) (UINT64_C(1) << PIECE_##piece)

static const struct {
    const char *name, *text;
    uint64_t needs;
    size_t bytes;
} pieces_table[PIECES] = {
    [PIECE_SUMS] = {"sums", c_text_sums, 0, 0},
    [PIECE_SHAPE] = {"shape", c_text_shape, 0, 0},
    [PIECE_WINDOW] = {"window", c_text_window, 0, 0},
    [PIECE_SPAN] = {"span", c_text_span, 0, 0},
    [PIECE_VECTORS] = {"lanes", c_text_vectors, NEED(SUMS), 0},
    [PIECE_BANDS] = {"band_fill", c_text_bands, NEED(VECTORS) | NEED(SHAPE) | NEED(WINDOW), 0},
    [PIECE_SUMS_OF_PIXELS] = {"weigh_filters", c_text_sums_of_pixels, NEED(BANDS), 0},
    [PIECE_FILTERS] = {"filter_image", c_text_filters, NEED(SUMS_OF_PIXELS), 0},
    [PIECE_EXPONENTIAL] = {"exponential", c_text_exponential, 0, 160},
    [PIECE_LOGISTIC] = {"logistic", c_text_logistic, NEED(EXPONENTIAL), 0},
    [PIECE_ADD] = {"add", c_text_add, 0, 40},
    [PIECE_AVGPOOL] = {"avgpool", c_text_avgpool, NEED(SHAPE) | NEED(WINDOW), 400},
    [PIECE_BATCHNORM] = {"batchnorm", c_text_batchnorm, NEED(SHAPE), 120},
    [PIECE_CONCAT] = {"concat", c_text_concat, 0, 40},
    [PIECE_CONV] = {"conv", c_text_conv, NEED(FILTERS), 1000},
    [PIECE_COPY] = {"copy", c_text_copy, 0, 20},
    [PIECE_DENSE] = {"dense", c_text_dense, NEED(SUMS), 150},
    [PIECE_GELU] = {"gelu", c_text_gelu, NEED(EXPONENTIAL), 260},
    [PIECE_GLOBAL_AVGPOOL] = {"global_avgpool", c_text_global_avgpool, NEED(SUMS) | NEED(SHAPE),
                              230},
    [PIECE_LEAKY_RELU] = {"leaky_relu", c_text_leaky_relu, 0, 60},
    [PIECE_MAXPOOL] = {"maxpool", c_text_maxpool, NEED(SHAPE) | NEED(WINDOW), 400},
    [PIECE_RELU] = {"relu", c_text_relu, 0, 40},
    [PIECE_RESCALE] = {"rescale", c_text_rescale, NEED(SHAPE), 120},
    [PIECE_SCALE] = {"scale", c_text_scale, 0, 40},
    [PIECE_SIGMOID] = {"sigmoid", c_text_sigmoid, NEED(LOGISTIC), 50},
    [PIECE_SILU] = {"silu", c_text_silu, NEED(LOGISTIC), 60},
    [PIECE_SOFTMAX] = {"softmax", c_text_softmax, NEED(SHAPE) | NEED(EXPONENTIAL), 260},
    [PIECE_TRANSPOSED_CONV] = {"transposed_conv", c_text_transposed_conv, NEED(FILTERS), 540},
    [PIECE_UPSAMPLE] = {"upsample", c_text_upsample, NEED(SHAPE), 150},
    [PIECE_MIX] = {"mix", c_text_mix, NEED(SHAPE), 120},
    [PIECE_POWER] = {"power", c_text_power, 0, 80},
    [PIECE_SELECT_ABOVE] = {"select_above", c_text_select_above, 0, 80},
    [PIECE_STANDARDISE] = {"standardise", c_text_standardise, 0, 120},
    [PIECE_RANGE] = {"range", c_text_range, NEED(STANDARDISE), 90},
    [PIECE_MOMENTS] = {"moments", c_text_moments, NEED(STANDARDISE), 110},
    [PIECE_RESAMPLE] = {"resample", c_text_resample, NEED(SHAPE), 330},
    [PIECE_BLUR] = {"blur", c_text_blur, NEED(SHAPE), 420},
    [PIECE_MIRROR] = {"mirror", c_text_mirror, 0, 70},
    [PIECE_SHARES] = {"shares", c_text_shares, NEED(EXPONENTIAL), 0},
    [PIECE_CONFIDENCE] = {"confidence", c_text_confidence, NEED(SHARES), 280},
    [PIECE_DIFFERENCE] = {"difference", c_text_difference, 0, 90},
    [PIECE_OTHER_SHARES] = {"other_shares", c_text_other_shares, NEED(SHARES), 420},
    [PIECE_OTHER_CLASSES] = {"other_classes", c_text_other_classes, 0, 180},
    [PIECE_FLATNESS] = {"flatness", c_text_flatness, 0, 190},
    [PIECE_OTHER_NUMBERS] = {"other_numbers", c_text_other_numbers, 0, 150},
    [PIECE_FIXED] = {"fixed_multiply", c_text_fixed, 0, 300},
    [PIECE_LEVEL] = {"level", c_text_level, 0, 0},
    [PIECE_CHANNELS] = {"channel_level", c_text_channels, NEED(FIXED) | NEED(LEVEL), 0},
    [PIECE_QUANTIZE] = {"quantize", c_text_quantize, 0, 160},
    [PIECE_DEQUANTIZE] = {"dequantize", c_text_dequantize, 0, 60},
    [PIECE_ADD_INT8] = {"add_int8", c_text_add_int8, NEED(FIXED) | NEED(LEVEL), 140},
    [PIECE_AVGPOOL_INT8] = {"avgpool_int8", c_text_avgpool_int8,
                            NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN), 380},
    [PIECE_CONCAT_INT8] = {"concat_int8", c_text_concat_int8, NEED(FIXED) | NEED(LEVEL), 150},
    [PIECE_CONV_INT8] = {"conv_int8", c_text_conv_int8,
                         NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN) | NEED(CHANNELS), 980},
    [PIECE_COPY_INT8] = {"copy_int8", c_text_copy_int8, 0, 20},
    [PIECE_DENSE_INT8] = {"dense_int8", c_text_dense_int8, NEED(CHANNELS), 130},
    [PIECE_GLOBAL_AVGPOOL_INT8] = {"global_avgpool_int8", c_text_global_avgpool_int8,
                                   NEED(SHAPE) | NEED(FIXED) | NEED(LEVEL), 130},
    [PIECE_MAXPOOL_INT8] = {"maxpool_int8", c_text_maxpool_int8,
                            NEED(SHAPE) | NEED(WINDOW) | NEED(SPAN), 390},
    [PIECE_TABLE_INT8] = {"table_int8", c_text_table_int8, 0, 40},
    [PIECE_TRANSPOSED_CONV_INT8] = {"transposed_conv_int8", c_text_transposed_conv_int8,
                                    NEED(SHAPE) | NEED(WINDOW) | NEED(CHANNELS), 610},
    [PIECE_UPSAMPLE_INT8] = {"upsample_int8", c_text_upsample_int8, NEED(SHAPE), 150},
};

const char *c_piece_name(enum c_piece piece)
{
    return pieces_table[piece].name;
}

uint64_t c_pieces_with_needs(uint64_t pieces)
{
    for (int p = PIECES - 1; p >= 0; p--)
        if (pieces >> p & 1)
            pieces |= pieces_table[p].needs;
    return pieces;
}

void c_pieces_print(uint64_t pieces, struct text *text)
{
    for (int p = 0; p < PIECES; p++)
        if (pieces >> p & 1)
            text_append(text, "\n%s", pieces_table[p].text);
}

size_t c_pieces_bytes(uint64_t pieces)
{
    size_t bytes = 0;

    for (int p = 0; p < PIECES; p++)
        if (pieces >> p & 1)
            bytes += pieces_table[p].bytes;
    return bytes;
}
