#include "interfaces/engine.h"

#include <stdlib.h>

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

/* Taken all at once, given back, and taken by the library: none of it is touched. */
enum status engine_take_room(const struct engine *engine, int threads, struct error *error)
{
    void *taken[256];
    int most = (int)(sizeof taken / sizeof *taken), wanted = threads < most ? threads : most;
    int count = 0;

    while (engine->thread_room && count < wanted &&
           (taken[count] = malloc(engine->thread_room)) != NULL)
        count++;
    for (int i = 0; i < count; i++)
        free(taken[i]);
    if (count == wanted && engine->take_room)
        engine->take_room(wanted);
    if (!engine->thread_room || count == wanted)
        return STATUS_OK;
    return error_set(
        error, STATUS_MEMORY,
        "engine '%s' takes %zu MiB of address space for each thread; there is room for %d of "
        "%d: use fewer --threads or a larger `ulimit -v`",
        engine->descriptor.name, engine->thread_room >> 20, count, wanted);
}

double precision_bytes(enum precision precision)
{
    return precision == PRECISION_BFLOAT16 ? 2 : 4;
}

const char *precision_slower(enum precision precision, bool tiles)
{
    if (precision != PRECISION_BFLOAT16 || tiles)
        return NULL;
    return "bfloat16 is slower than float32 on this processor, which has no AMX: 0.3 to 0.4 of the "
           "speed where we measured it";
}

enum status engine_print(const struct engine *engine, enum precision precision, struct text *text,
                         struct error *error)
{
    PASS(engine->start(error));
    PASS(engine_check(engine, precision, error));
    text_append(text, "engine_version: ");
    text_append(text, "%s\nengine_isa: %s\n", engine->version(), engine->isa(precision));
    if (precision != PRECISION_FLOAT32) /* before, layers with few channels were left to float32 */
        text_append(text, "engine_precision: %s of all parameters\n", precision_names[precision]);
    return STATUS_OK;
}
