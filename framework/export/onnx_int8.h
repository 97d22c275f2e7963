/*
 * Integers in ONNX: values, weights and biases are quantised where the network in integers has
 * them, by pairs of QuantizeLinear and DequantizeLinear around the operators of float32 ("QDQ").
 * Runtimes fuse them into integer kernels. Private to framework/export/.
 */
#ifndef UNDERSTUDY_EXPORT_ONNX_INT8_H
#define UNDERSTUDY_EXPORT_ONNX_INT8_H

#include "export/onnx_graph.h"

/* The image in integers and back: what layers read in its place from here on. */
void onnx_int8_image(struct onnx_graph *graph);
/* Is the node's value one of integers, after its own operators? Not where a relu that belongs to it
 * follows, where it only hands values on, or stays in float32. */
bool onnx_int8_has_levels(const struct onnx_graph *graph, size_t node);
/* The node's value in integers and back. Its own operators have been written with
 * graph->has_levels. */
void onnx_int8_value(struct onnx_graph *graph, size_t node);
/* Parameter k of the node, of as many axes: as integers and an operator that makes them real, or,
 * for layers in float32, as onnx_parameter() does. */
void onnx_int8_parameter(struct onnx_graph *graph, const struct network_node *node, int k,
                         int rank);

#endif
