/*
 * Networks as ONNX models (Open Neural Network Exchange, https://onnx.ai): IR version 8, operator
 * set 17.
 *
 * Input: "image", float32 [batch, channels, height, width], in [0, 1]. Output: named after what the
 * network answers with, and as the network gives it: of classes and masks the scores, of
 * [batch, count] or [batch, count, height, width]. The batch may have any size; so may the image,
 * unless a dense layer reads its pixels. Parameters are called LAYER.PARAMETER, as "conv1.weights".
 *
 * A network in integers has the same input and output. Weights (int8, a scale for each channel),
 * biases (int32) and values (int8) are integers between QuantizeLinear and DequantizeLinear. What
 * runtimes compute differs from quantized_run() by their rounding: they scale sums in float32, and
 * halves go to the even integer.
 */
#ifndef UNDERSTUDY_EXPORT_ONNX_H
#define UNDERSTUDY_EXPORT_ONNX_H

#include "base/text.h"
#include "export/exported.h"

#include <stdbool.h>

/*
 * The file's bytes, appended to `model`, which is {0} before and the caller's to release. The same
 * network gives the same bytes. STATUS_UNAVAILABLE for a layer that is not in the table of
 * framework/export/onnx_layers.c, or where the parameters take more than the 2 GiB of such a file.
 */
MUST_CHECK enum status export_onnx(const struct exported_network *exported, struct text *model,
                                   struct error *error);
/* Is there a form for the layer of this name? */
bool onnx_has_layer(const char *name);
/* The output's name. */
const char *onnx_output_name(enum content content);

#endif
