/* The network of a family, layer by layer, as `understudy describe family` shows it. */
#ifndef UNDERSTUDY_CLI_VERBS_DESCRIBE_FAMILY_H
#define UNDERSTUDY_CLI_VERBS_DESCRIBE_FAMILY_H

#include "base/text.h"
#include "io/schema/schema.h"

struct family_request {
    const char *input;   /* "3x32x32"; NULL: 1x28x28 */
    const char *outputs; /* "10"; NULL: 10 classes, or the input's channels */
    bool csv;
    char **parameters; /* [count], "width=8" */
    int count;
};

/* Append the layers of the family's network, with totals. Mistakes are told on stderr. Returns the
 * exit status. */
int describe_family(const struct descriptor *family, const struct family_request *request,
                    struct text *text);

#endif
