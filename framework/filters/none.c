/* No filter: every label is trained on. */
#include "interfaces/filter.h"

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    (void)config;
    (void)input;
    (void)result;
    (void)error;
    return STATUS_OK;
}

const struct filter filter_none = {
    .descriptor = {.name = "none", .summary = "keeps every label", .version = 1},
    .serves = SERVES_ALL,
    .apply = apply,
};
