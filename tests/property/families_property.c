/* What holds for every family that comes with the program. */
#include "base/memory.h"
#include "kinds/registry.h"
#include "network/network.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <stdio.h>

void families_property_suite(void);

enum { CLASSES = 7, PARAMETERS = 64 };

/* Build the family's network for images of shape `input`; what is wrong is printed. */
static void check_network(const struct descriptor *family, void *config, enum task task,
                          struct shape input, const char *at)
{
    struct component choice = {.kind = family, .config = config};
    struct shape target = task == TASK_CLASSIFY ? (struct shape){CLASSES, 1, 1} : input;
    struct network network = {0};
    struct error error = {0};
    enum status status = network_new(&network, &choice, input, target, &error);

    CU_ASSERT_EQUAL(status, STATUS_OK);
    if (status != STATUS_OK) {
        printf("%s (%s, %s): %s\n", family->name, task_names[task], at, error.message);
        return;
    }
    CU_ASSERT(shape_equal(network.output, target));
    CU_ASSERT(network.parameters > 0);
    network_release(&network);
}

/* With its defaults, and with each parameter by itself at its minimum. */
static void check_family(const struct descriptor *family, enum task task, struct shape input)
{
    int64_t config[PARAMETERS] = {0};

    CU_ASSERT_FATAL(family->config_size <= sizeof config);
    defaults_fill(family, config);
    check_network(family, config, task, input, "defaults");
    for (const struct field *field = family->fields; field && field->name; field++) {
        int64_t minimum = (int64_t)field->minimum;
        memcpy((char *)config + field->offset, &minimum, sizeof minimum);
        check_network(family, config, task, input, field->name);
        defaults_set(field, (char *)config + field->offset);
    }
}

static void every_family(void)
{
    static const struct shape inputs[] = {{1, 28, 28}, {3, 32, 32}};
    struct diagnostics found = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL(families_load("networks/families", &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        char line[2048];
        error_text(&found.items[i], line, sizeof line);
        puts(line);
    }
    diagnostics_release(&found);
    const struct registry *registry = families_registry();
    CU_ASSERT(registry->count > 0);
    for (size_t r = 0; r < registry->count; r++) {
        const struct descriptor *family = registry->rows[r];
        CU_ASSERT(family_serves(family, TASK_DENOISE) || family_serves(family, TASK_CLASSIFY));
        for (int task = TASK_DENOISE; task <= TASK_CLASSIFY; task++)
            for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++)
                if (family_serves(family, (enum task)task))
                    check_family(family, (enum task)task, inputs[k]);
    }
    families_release();
}

void families_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("families_property", NULL, NULL);
    CU_add_test(suite, "every family builds, and gives its target's shape", every_family);
}
