/* Engines that this program was built with, for tests that loop over all. */
#ifndef UNDERSTUDY_TESTS_ENGINES_H
#define UNDERSTUDY_TESTS_ENGINES_H

#include "interfaces/engine.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Start it; false where it was left out of the build, which is all that may keep it from running.
 */
static inline bool engine_there(const struct engine *engine)
{
    struct error error = {0};

    if (engine->start(&error) == STATUS_OK)
        return true;
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "this program was built without"));
    CU_ASSERT_STRING_EQUAL(engine->version(), "not built in");
    CU_ASSERT_PTR_NULL(engine->kernels);
    return false;
}

#endif
