/* A family chosen as in an experiment's network section, "dncnn, depth: 3, width: 8". */
#ifndef UNDERSTUDY_TESTS_CHOOSE_FAMILY_H
#define UNDERSTUDY_TESTS_CHOOSE_FAMILY_H

#include "graph/family.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

/* Read the families of a folder; what is wrong with them is printed. */
static inline void load_families(const char *directory)
{
    struct diagnostics found = {0};
    struct error error = {0};
    char line[2048];

    CU_ASSERT_EQUAL(families_load(TEXTS(directory), &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        puts(line);
    }
    diagnostics_release(&found);
}

/* Its configuration lives in `arena`. */
static inline struct component choose_family(const char *choice, struct arena *arena)
{
    static const struct field fields[] = {
        {"family", FIELD_SELECT, 0, .registry = families_registry, .help = "the network"},
        {0},
    };
    struct component family = {0};
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    char yaml[256];

    snprintf(yaml, sizeof yaml, "{family: %s}", choice);
    CU_ASSERT_EQUAL_FATAL(yaml_parse(arena, "test", yaml, strlen(yaml), &root, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(fields, root, "network", &family, arena, &found, NULL),
                          STATUS_OK);
    for (size_t i = 0; i < found.count; i++)
        printf("%s: %s\n", choice, found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
    return family;
}

#endif
