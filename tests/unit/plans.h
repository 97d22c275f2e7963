/* Plans from text, for tests. */
#ifndef UNDERSTUDY_TESTS_PLANS_H
#define UNDERSTUDY_TESTS_PLANS_H

#include "plan/plan.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static const char plans_base[] = "experiment: test\n"
                                 "task: denoise\n"
                                 "dataset:\n"
                                 "  name: digits\n"
                                 "  manual: 10\n"
                                 "  unlabelled: 20\n"
                                 "  validation: 5\n"
                                 "  test: 5\n"
                                 "  degrade:\n"
                                 "    - gaussian_noise: {sigma: 30}\n"
                                 "pipeline:\n"
                                 "  stages:\n"
                                 "    - median\n"
                                 "    - gaussian: {sigma: {tune: [0.4, 0.8]}}\n"
                                 "network: {family: dncnn, width: 4}\n"
                                 "hardware: [tpu_v1]\n";

static inline void plans_families(void)
{
    struct diagnostics found = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    diagnostics_release(&found);
}

/* Load `yaml` with overrides; returns the number of mistakes, which are printed if `loud`. */
static inline size_t plans_try(struct plan *plan, const char *yaml, const char *const *overrides,
                               size_t count, bool loud)
{
    struct plan_options options = {.overrides = overrides, .override_count = count, .home = "."};
    struct diagnostics found = {0};
    struct error error = {0};
    char line[2048];

    CU_ASSERT_EQUAL(plan_load_text(plan, "test.yaml", yaml, strlen(yaml), &options, &found, &error),
                    STATUS_OK);
    for (size_t i = 0; loud && i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        printf("%s\n", line);
    }
    size_t mistakes = found.count;
    diagnostics_release(&found);
    return mistakes;
}

/* The base with more sections behind it; must be sound. */
static inline void plans_load(struct plan *plan, const char *more)
{
    char yaml[8192];

    CU_ASSERT_FATAL(strlen(plans_base) + strlen(more) < sizeof yaml);
    snprintf(yaml, sizeof yaml, "%s%s", plans_base, more);
    CU_ASSERT_EQUAL_FATAL(plans_try(plan, yaml, NULL, 0, true), 0);
}

/* Keys of one trial. */
static inline void plans_keys(struct plan *plan, size_t index, char key[HASH_TEXT],
                              char data_key[HASH_TEXT])
{
    struct arena arena = {0};
    struct trial trial;
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(plan_trial(plan, index, &arena, &trial, &error), STATUS_OK);
    memcpy(key, trial.keys[TRIAL_EVALUATE], HASH_TEXT);
    memcpy(data_key, trial.keys[TRIAL_LABEL], HASH_TEXT);
    arena_release(&arena);
}

#endif
