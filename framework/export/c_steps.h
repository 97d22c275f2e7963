/* How each kind of step of a stage (interfaces/stage_graph.h) is written as C. */
#ifndef UNDERSTUDY_EXPORT_C_STEPS_H
#define UNDERSTUDY_EXPORT_C_STEPS_H

#include "base/text.h"
#include "export/c_pieces.h"
#include "interfaces/stage_graph.h"

/* A step on its way into the text. */
struct c_step {
    const struct stage_step *step;
    const char *side;         /* "before", "after": its arrays are called before1_…, after1_… */
    size_t number;            /* from 1 */
    const char *x, *y, *line; /* expressions: where it reads and writes, and room for a row */
};

/* May its values replace those that it reads? */
bool c_step_in_place(const struct stage_step *step);
/* Floats that it needs beside. */
size_t c_step_line(const struct stage_step *step);
uint64_t c_step_pieces(const struct stage_step *step);
/* Its arrays of constants; returns their bytes. */
size_t c_step_constants(const struct c_step *step, struct text *text);
/* The statement that computes it, in a function's body, after a comment. */
void c_step_call(const struct c_step *step, struct text *text);

#endif
