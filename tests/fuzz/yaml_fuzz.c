/* Bytes to a tree, to structs, to text, which must read as the same text again. */
#include "tests/unit/schema_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read the text; false where there are mistakes in it. */
static bool read_sample(const char *bytes, size_t length, struct arena *arena,
                        struct sample *sample)
{
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct error error;

    if (yaml_parse(arena, "fuzz", bytes, length, &root, &found, &error) != STATUS_OK ||
        (!root && !found.count) ||
        schema_read(sample_fields, root, "", sample, arena, &found, &error) != STATUS_OK)
        abort();
    bool good = !found.count;
    diagnostics_sort(&found);
    diagnostics_release(&found);
    return good;
}

/* The tree's own line of text must give the same line, whatever the schema thinks of it. */
static void check_tree(const char *bytes, size_t length)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root, *again;
    struct text once = {0}, twice = {0};

    if (yaml_parse(&arena, "fuzz", bytes, length, &root, &found, NULL) != STATUS_OK)
        abort();
    if (root && !found.count) {
        yaml_print(root, &once);
        if (once.length <= YAML_MAX_BYTES) {
            if (yaml_parse(&arena, "again", once.bytes, once.length, &again, &found, NULL) !=
                    STATUS_OK ||
                !again || found.count)
                abort();
            yaml_print(again, &twice);
            if (strcmp(once.bytes, twice.bytes) != 0)
                abort();
        }
    }
    text_release(&once);
    text_release(&twice);
    diagnostics_release(&found);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct sample sample, again;
    struct text once = {0}, twice = {0};

    check_tree((const char *)data, size);
    if (read_sample((const char *)data, size, &arena, &sample)) {
        schema_print(sample_fields, &sample, 0, &once);
        /* Printed with all its defaults, the text may have become too large to read. */
        if (once.length <= YAML_MAX_BYTES) {
            if (!read_sample(once.bytes, once.length, &arena, &again))
                abort();
            schema_print(sample_fields, &again, 0, &twice);
            if (strcmp(once.bytes, twice.bytes) != 0)
                abort();
        }
    }
    text_release(&once);
    text_release(&twice);
    arena_release(&arena);
    return 0;
}
