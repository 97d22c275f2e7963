#include "pipelines/stage_shapes.h"

enum status shape_as_input(const void *config, struct shape in, struct answer answer,
                           struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

enum status shape_of_plane(const void *config, struct shape in, struct answer answer,
                           struct shape *out, struct error *error)
{
    (void)config, (void)answer;
    if (in.channels != 1)
        return error_set(error, STATUS_CONFIG,
                         "takes one channel, but there are %d; 'grey' makes one of three",
                         in.channels);
    *out = in;
    return STATUS_OK;
}

enum content content_as_input(const void *config, enum content in)
{
    (void)config;
    return content_is_spatial(in) ? in : CONTENT_IMAGE;
}

enum content content_unless_mask(const void *config, enum content in)
{
    (void)config;
    return in == CONTENT_MAP ? in : CONTENT_IMAGE;
}
