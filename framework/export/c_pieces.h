/*
 * Pieces of C that exported networks are made of: a function for each kind of layer and of step
 * (interfaces/stage_graph.h), and what these need. They compute what the layers in networks/layers
 * do with the engine `reference`, in the same order and types, and those of integers what
 * quantize/quantized.h specifies: the bits are the same.
 */
#ifndef UNDERSTUDY_EXPORT_C_PIECES_H
#define UNDERSTUDY_EXPORT_C_PIECES_H

#include "base/text.h"

#include <stdint.h>

/* In the order in which they are written: what a piece needs comes before it. Those of integers
 * are called …_INT8; those from MIX to BLUR are of stages, those from MIRROR to OTHER_NUMBERS of
 * guards. */
enum c_piece {
    PIECE_SUMS,
    PIECE_SHAPE,
    PIECE_WINDOW,
    PIECE_SPAN,
    PIECE_VECTORS,
    PIECE_BANDS,
    PIECE_SUMS_OF_PIXELS,
    PIECE_FILTERS,
    PIECE_EXPONENTIAL,
    PIECE_LOGISTIC,
    PIECE_ADD,
    PIECE_AVGPOOL,
    PIECE_BATCHNORM,
    PIECE_CONCAT,
    PIECE_CONV,
    PIECE_COPY,
    PIECE_DENSE,
    PIECE_GELU,
    PIECE_GLOBAL_AVGPOOL,
    PIECE_LEAKY_RELU,
    PIECE_MAXPOOL,
    PIECE_RELU,
    PIECE_RESCALE,
    PIECE_SCALE,
    PIECE_SIGMOID,
    PIECE_SILU,
    PIECE_SOFTMAX,
    PIECE_TRANSPOSED_CONV,
    PIECE_UPSAMPLE,
    PIECE_MIX,
    PIECE_POWER,
    PIECE_SELECT_ABOVE,
    PIECE_STANDARDISE,
    PIECE_RANGE,
    PIECE_MOMENTS,
    PIECE_RESAMPLE,
    PIECE_BLUR,
    PIECE_MIRROR,
    PIECE_SHARES,
    PIECE_CONFIDENCE,
    PIECE_DIFFERENCE,
    PIECE_FLATNESS,
    PIECE_OTHER_SHARES,
    PIECE_OTHER_CLASSES,
    PIECE_OTHER_NUMBERS,
    PIECE_FIXED,
    PIECE_LEVEL,
    PIECE_CHANNELS,
    PIECE_QUANTIZE,
    PIECE_DEQUANTIZE,
    PIECE_ADD_INT8,
    PIECE_AVGPOOL_INT8,
    PIECE_CONCAT_INT8,
    PIECE_CONV_INT8,
    PIECE_COPY_INT8,
    PIECE_DENSE_INT8,
    PIECE_GLOBAL_AVGPOOL_INT8,
    PIECE_MAXPOOL_INT8,
    PIECE_TABLE_INT8,
    PIECE_TRANSPOSED_CONV_INT8,
    PIECE_UPSAMPLE_INT8,
    PIECES
};
_Static_assert(PIECES <= 64, "sets of pieces are bits of 64");

/* What its function is called; of those that calls are made of. */
const char *c_piece_name(enum c_piece piece);
/* A set of pieces, bit by bit, with all that they need. */
uint64_t c_pieces_with_needs(uint64_t pieces);
/* Their text. */
void c_pieces_print(uint64_t pieces, struct text *text);
/* Bytes of machine code, about: as measured for a Cortex-M7 with -O2. */
size_t c_pieces_bytes(uint64_t pieces);

#endif
