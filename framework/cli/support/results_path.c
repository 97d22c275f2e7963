#include "cli/support/results_path.h"

#include <string.h>

enum status results_path(const char *folder, const char *operand, struct text *path,
                         struct error *error)
{
    size_t length = strlen(operand);
    bool named = length > 3 && strcmp(operand + length - 3, ".h5") == 0;

    if (named || !text_is_file_name(operand))
        return text_print(path, error, "%s", operand);
    return text_print(path, error, "%s/%s.h5", folder, operand);
}
