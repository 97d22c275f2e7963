/* A text read as the sample of schema_table.h, and what is wrong with it. */
#ifndef UNDERSTUDY_TESTS_UNIT_SCHEMA_SAMPLE_H
#define UNDERSTUDY_TESTS_UNIT_SCHEMA_SAMPLE_H

#include "io/schema/schema.h"
#include "tests/unit/schema_table.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Read `yaml`; what is wrong with it, a line a mistake, in `said`. */
static void read_sample(const char *yaml, struct sample *sample, struct arena *arena,
                        struct text *said)
{
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct error error;
    char line[2048];

    CU_ASSERT_EQUAL_FATAL(yaml_parse(arena, "x.yaml", yaml, strlen(yaml), &root, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(sample_fields, root, "", sample, arena, &found, &error),
                          STATUS_OK);
    diagnostics_sort(&found);
    text_append(said, "%s", "");
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        text_append(said, "%s%s", i ? "\n" : "", line);
    }
    diagnostics_release(&found);
}

#endif
