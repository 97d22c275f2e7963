#include "kinds/engine.h"

const char *const precision_names[] = {
    [PRECISION_FLOAT32] = "float32", [PRECISION_BFLOAT16] = "bfloat16", NULL};

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

const char *precision_slower(enum precision precision, bool tiles)
{
    if (precision != PRECISION_BFLOAT16 || tiles)
        return NULL;
    return "bfloat16 is slower than float32 on this processor, which has no AMX: 0.3 to 0.4 of its "
           "speed where it was measured";
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
