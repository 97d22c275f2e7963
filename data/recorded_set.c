/* What is asked and told of a recorded set while it is read. */
#include "data/recorded.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct imagefile *recorded_image(const struct recorded_set *set, size_t index)
{
    return index < set->inputs.count ? &set->inputs.items[index]
                                     : &set->tests.items[index - set->inputs.count];
}

const char *recorded_name(const struct imagefile *file)
{
    return strrchr(file->path, '/') + 1;
}

bool recorded_has_answer(const struct recorded_answers *answers, size_t number_count, size_t image)
{
    if (answers->classes)
        return answers->classes[image] != DATASET_NO_CLASS;
    if (answers->numbers)
        return !isnan(answers->numbers[image * number_count]);
    return answers->of[image] != UINT32_MAX;
}

enum status recorded_fault(struct recorded_set *set, const char *field, struct error *error,
                           const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return diagnostics_add(set->faults, (struct yaml_mark){NULL, 0, 0}, field, error, "%s",
                           message);
}

enum status recorded_tell(struct recorded_set *set, const char *field, const struct error *fault,
                          struct error *error)
{
    if (fault->code == STATUS_MEMORY || fault->code == STATUS_INTERRUPTED) {
        if (error)
            *error = *fault;
        return fault->code;
    }
    return recorded_fault(set, field, error, "%s", fault->message);
}

/* Of one size, where both could be looked at. */
static enum status check_size(struct recorded_set *set, const struct imagefile *image,
                              const struct imagefile *other, struct error *error)
{
    struct shape a = image->shape, b = other->shape;

    if (!shape_plane(a) || !shape_plane(b) || (a.height == b.height && a.width == b.width))
        return STATUS_OK;
    return recorded_fault(set, "dataset.inputs", error,
                          "%s is %d x %d pixels; %s, which belongs to it, is %d x %d", other->name,
                          b.width, b.height, image->name, a.width, a.height);
}

enum status recorded_stack(struct recorded_set *set, struct error *error)
{
    for (size_t i = 0; i < set->count && set->more_count; i++) {
        struct imagefile *image = i < set->inputs.count ? &set->inputs.items[i]
                                                        : &set->tests.items[i - set->inputs.count];
        struct imagefile *others;
        int channels = image->shape.channels;
        PASS(arena_new(&set->arena, &others, set->more_count, sizeof *others, error));
        for (size_t k = 0; k < set->more_count; k++) {
            const struct recorded_answers *more = &set->more[k];
            others[k] = more->files.items[more->of[i]];
            PASS(arena_copy(&set->arena, others[k].path, strlen(others[k].path), &others[k].path,
                            error));
            PASS(arena_copy(&set->arena, others[k].name, strlen(others[k].name), &others[k].name,
                            error));
            PASS(check_size(set, image, &others[k], error));
            channels += others[k].shape.channels;
        }
        image->others = others;
        image->shape.channels = channels;
    }
    return STATUS_OK;
}
