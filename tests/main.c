/*
 * Runs the unit and property suites: all of them, or those named on the command line. Each has an
 * empty folder of its own, below $UNDERSTUDY_TEST_DIR, which names it while the suite runs. Ends
 * with a line "N passed, N failed" and fails if a test failed.
 */
#define _XOPEN_SOURCE 700 /* nftw */

#include "base/folder.h"
#include "cli/support/startup.h"
#include "graph/family.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const char *scratch; /* the folder of all suites */

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    (void)facts, (void)type, (void)walk;
    return remove(path);
}

static void before_suite(const CU_pSuite suite)
{
    char path[4096];
    struct error error;

    snprintf(path, sizeof path, "%s/%s", scratch, suite->pName);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (folder_make(path, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(2);
    }
    setenv("UNDERSTUDY_TEST_DIR", path, 1);
}

static bool known(const char *name)
{
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (strcmp(suites[i].name, name) == 0)
            return true;
    return false;
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
    const char *folder = getenv("UNDERSTUDY_TEST_DIR");
    char base[2048];

    /* With the libraries' kernels that the program itself has them use. */
    if (startup_settle(1, names, true) != 0)
        return 2;
    snprintf(base, sizeof base, "%s", folder && folder[0] ? folder : "build/tests/tmp");
    scratch = base;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    for (int i = 1; i < count; i++)
        if (!known(names[i])) {
            fprintf(stderr, "there is no suite '%s'; tests/suites.def lists them\n", names[i]);
            return 2;
        }
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (wanted(suites[i].name, count, names))
            suites[i].add();
    CU_set_suite_start_handler(before_suite);
    CU_set_test_complete_handler(after_test);
    CU_run_all_tests();
    CU_cleanup_registry();
    families_release();
    printf("%u passed, %u failed\n", passed, failed);
    return failed || passed == 0;
}
