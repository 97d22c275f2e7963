/* Steps of stages (interfaces/stage_graph.h) as ONNX operators. Private to framework/export/. */
#ifndef UNDERSTUDY_EXPORT_ONNX_STEPS_H
#define UNDERSTUDY_EXPORT_ONNX_STEPS_H

#include "export/onnx_graph.h"

/* What the steps make of a value; the last one's result is called `result`, or, where that is
 * {NULL}, as they like. `side` is "before" or "after": operators are called pipeline_before1 … */
MUST_CHECK enum status onnx_steps(struct onnx_graph *graph, const struct stage_graph *steps,
                                  const char *side, struct onnx_name from, struct onnx_name result,
                                  struct onnx_name *to, struct error *error);

#endif
