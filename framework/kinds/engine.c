#include "kinds/engine.h"

enum status engine_check(const struct engine *engine, enum precision precision, struct error *error)
{
    if (engine->kernels)
        return engine->kernels->check(precision, error);
    if (precision != PRECISION_FLOAT32)
        return error_set(error, STATUS_UNAVAILABLE,
                         "'%s' computes in float32 only; bfloat16 needs the engine 'onednn'",
                         engine->descriptor.name);
    return STATUS_OK;
}

enum status engine_print(const struct engine *engine, enum precision precision, struct text *text,
                         struct error *error)
{
    enum status status = STATUS_OK;

    TRY(engine->start(error));
    TRY(engine_check(engine, precision, error));
    text_append(text, "engine_version: ");
    text_append(text, "%s\nengine_isa: %s\n", engine->version(), engine->isa(precision));
out:
    return status;
}
