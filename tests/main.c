/*
 * Runs the unit and property suites: all of them, or those named on the command line. Ends with a
 * line "N passed, N failed" and fails if a test failed.
 */
#include "base/error.h"
#include "network/family.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUITE(name) void name##_suite(void);
#include "tests/suites.def"
#undef SUITE

static const struct {
    const char *name;
    void (*add)(void);
} suites[] = {
#define SUITE(name) {#name, name##_suite},
#include "tests/suites.def"
#undef SUITE
};

static unsigned passed, failed;

static void after_test(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    if (!failure) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED %s: %s\n", suite->pName, test->pName);
    for (CU_pFailureRecord at = failure; at; at = at->pNext)
        printf("  %s:%u: %s\n", at->strFileName, at->uiLineNumber, at->strCondition);
}

static bool wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count < 2;
}

int main(int count, char **names)
{
    setenv("UNDERSTUDY_TEST_DIR", "build/tests/tmp", 0);
    const char *folder = getenv("UNDERSTUDY_TEST_DIR");
    if ((mkdir("build", 0777) != 0 && errno != EEXIST) ||
        (mkdir("build/tests", 0777) != 0 && errno != EEXIST) ||
        (mkdir(folder, 0777) != 0 && errno != EEXIST)) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (wanted(suites[i].name, count, names))
            suites[i].add();
    CU_set_test_complete_handler(after_test);
    CU_run_all_tests();
    CU_cleanup_registry();
    families_release();
    printf("%u passed, %u failed\n", passed, failed);
    return failed || passed == 0;
}
