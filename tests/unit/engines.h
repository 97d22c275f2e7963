/* Engines that this program was built with, for tests that loop over all. */
#ifndef UNDERSTUDY_TESTS_ENGINES_H
#define UNDERSTUDY_TESTS_ENGINES_H

#include "kinds/engine.h"

#include <CUnit/CUnit.h>

/* Start it; false where it was left out of the build, which is all that may keep it from running.
 */
static inline bool engine_there(const struct engine *engine)
{
    if (engine->start(NULL) == STATUS_OK)
        return true;
    CU_ASSERT_STRING_EQUAL(engine->version(), "not built in");
    CU_ASSERT_PTR_NULL(engine->kernels);
    return false;
}

#endif
