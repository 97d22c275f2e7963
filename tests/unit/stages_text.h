/* A chain's stages from YAML text, as an experiment file has them. */
#ifndef UNDERSTUDY_TESTS_STAGES_TEXT_H
#define UNDERSTUDY_TESTS_STAGES_TEXT_H

#include "chain/chain.h"
#include "io/schema/schema.h"
#include "tasks/registry.h"
#include "train/stages/registry.h"

#include <CUnit/CUnit.h>

#include <string.h>

struct stages_text {
    struct component_list stages;
    struct arena arena;
};

/* `text` is a flow sequence: "[median, gaussian: {sigma: 2}]". */
static inline void stages_text_read(struct stages_text *stages, const char *text)
{
    static const struct field fields[] = {
        {"stages", FIELD_COMPONENTS, offsetof(struct stages_text, stages), .default_value = "[]",
         .registry = registry_stages, .tunable = true},
        {0},
    };
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    char document[8192] = "stages: ";

    memset(stages, 0, sizeof *stages);
    strncat(document, text, sizeof document - strlen(document) - 1);
    CU_ASSERT_FATAL(yaml_parse(&stages->arena, "test.yaml", document, strlen(document), &root,
                               &found, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(schema_read(fields, root, "", stages, &stages->arena, &found, NULL) ==
                    STATUS_OK);
    CU_ASSERT_FATAL(found.count == 0);
    diagnostics_release(&found);
}

static inline void stages_text_release(struct stages_text *stages)
{
    arena_release(&stages->arena);
}

/* Tune the chain on the examples, and make it of the best values. */
static inline enum status chain_tuned(struct chain *chain, const struct component_list *stages,
                                      enum metric metric, const struct chain_examples *examples,
                                      struct random_key key, int threads, struct text *chosen,
                                      struct error *error)
{
    struct chain_tuning tuning;
    enum status status = chain_tune(stages, metric, examples, key, threads, &tuning, error);

    memset(chain, 0, sizeof *chain);
    if (status == STATUS_OK)
        status =
            chain_make(chain, stages, tuning.best, true, examples, key, threads, chosen, error);
    return status;
}

/* Run stages given as text on one image, whose shape the output may not share. */
static inline void stages_text_run(const char *text, const struct image_set *in,
                                   struct image_set *out)
{
    struct stages_text stages;
    struct chain_examples examples = {.inputs = in, .task = task_find("denoise")};
    struct chain chain = {0};

    stages_text_read(&stages, text);
    CU_ASSERT_FATAL(chain_tuned(&chain, &stages.stages, METRIC_SSIM, &examples,
                                (struct random_key){2019, 0}, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, chain.count, in, NULL, 1, out, NULL) == STATUS_OK);
    chain_release(&chain);
    stages_text_release(&stages);
}

/* Every kind of operation as often as it was counted by hand. */
static inline void check_operations(struct operations counted, struct operations expected)
{
    CU_ASSERT_EQUAL(counted.multiply_adds, expected.multiply_adds);
    CU_ASSERT_EQUAL(counted.additions, expected.additions);
    CU_ASSERT_EQUAL(counted.multiplications, expected.multiplications);
    CU_ASSERT_EQUAL(counted.comparisons, expected.comparisons);
    CU_ASSERT_EQUAL(counted.divisions, expected.divisions);
    CU_ASSERT_EQUAL(counted.exponentials, expected.exponentials);
    CU_ASSERT_EQUAL(counted.lookups, expected.lookups);
}

#endif
