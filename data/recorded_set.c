/* What is asked and told of a recorded set while it is read. */
#include "data/recorded.h"

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
