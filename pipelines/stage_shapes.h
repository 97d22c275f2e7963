/* What many stages say of their output: its shape, and what it is. */
#ifndef UNDERSTUDY_PIPELINES_STAGE_SHAPES_H
#define UNDERSTUDY_PIPELINES_STAGE_SHAPES_H

#include "interfaces/stage.h"

/* `shape` of stages that give what they take: the same shape, of any number of channels. */
enum status shape_as_input(const void *config, struct shape in, struct answer answer,
                           struct shape *out, struct error *error);
/* The same of stages that take one channel only: a mask, a map of one number, a grey image. */
enum status shape_of_plane(const void *config, struct shape in, struct answer answer,
                           struct shape *out, struct error *error);

/* `gives` of stages that pick among values or move them: masks stay masks, maps stay maps. */
enum content content_as_input(const void *config, enum content in);
/* … and of stages that compute new values: maps stay maps, masks become images. */
enum content content_unless_mask(const void *config, enum content in);

#endif
