/* The keys of a plan. */
#ifndef UNDERSTUDY_TESTS_UNIT_PLAN_KEYS_OF_H
#define UNDERSTUDY_TESTS_UNIT_PLAN_KEYS_OF_H

#include "tests/unit/plans.h"

#include <CUnit/CUnit.h>

struct keys {
    char trial[HASH_TEXT], data[HASH_TEXT];
};

static struct keys keys_of(const char *yaml)
{
    struct keys keys = {"", ""};
    struct plan plan;

    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    plans_keys(&plan, plan.trial_count - 1, keys.trial, keys.data);
    plan_release(&plan);
    return keys;
}

#endif
