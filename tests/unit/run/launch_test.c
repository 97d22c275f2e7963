/* Launchers' descriptions, and how many tasks trials make. */
#include "base/folder.h"
#include "io/schema/catalog.h"
#include "launch/launch.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

static const struct yaml_mark mark = {"--launcher", 0, 0};

/* What is told of a description's mistakes, one a line. */
static void load(const char *folder, const char *name, struct text *told)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct launch_site site;
    struct error error = {0};
    char line[2048];

    text_append(told, "%s", "");
    CU_ASSERT_EQUAL(launch_load(TEXTS(folder), name, mark, &arena, &site, &found, &error),
                    STATUS_OK);
    diagnostics_sort(&found);
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        text_append(told, "%s\n", line);
    }
    if (!found.count)
        CU_ASSERT_STRING_EQUAL(site.name, name);
    diagnostics_release(&found);
    arena_release(&arena);
}

static void test_mistakes(void)
{
    static const char folder[] = "tests/bad/launchers";
    struct arena arena = {0};
    struct catalog catalog;
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(catalog_list(TEXTS(folder), "launchers", &arena, &catalog, &error),
                          STATUS_OK);
    CU_ASSERT(catalog.names.count >= 8);
    for (size_t i = 0; i < catalog.names.count; i++) {
        struct text told = {0};
        char path[256], expected[4096] = "";
        load(folder, catalog.names.items[i], &told);
        snprintf(path, sizeof path, "%s/%s.message", folder, catalog.names.items[i]);
        FILE *file = fopen(path, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        size_t length = fread(expected, 1, sizeof expected - 1, file);
        expected[length] = '\0';
        fclose(file);
        CU_ASSERT(told.length > 0);
        CU_ASSERT_STRING_EQUAL(told.bytes, expected);
        if (strcmp(told.bytes, expected) != 0)
            printf("%s: expected\n%sfound\n%s", path, expected, told.bytes);
        text_release(&told);
    }
    arena_release(&arena);
}

static void test_unknown(void)
{
    struct text told = {0};

    load("experiments/launchers", "slrum", &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "--launcher: unknown launcher 'slrum'; did you mean "
                                       "'slurm'?\n");
    text_release(&told);
    load("no such folder", "slurm", &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "--launcher: cannot list the launchers in 'no such folder': "
                                       "No such file or directory\n");
    text_release(&told);
}

static void test_delivered(void)
{
    struct arena arena = {0};
    struct catalog catalog;
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(
        catalog_list(TEXTS("experiments/launchers"), "launchers", &arena, &catalog, &error),
        STATUS_OK);
    CU_ASSERT(catalog.names.count >= 3);
    for (size_t i = 0; i < catalog.names.count; i++) {
        struct text told = {0};
        load("experiments/launchers", catalog.names.items[i], &told);
        CU_ASSERT_STRING_EQUAL(told.bytes, "");
        text_release(&told);
    }
    arena_release(&arena);
}

static void test_tasks(void)
{
    CU_ASSERT_EQUAL(launch_tasks(100, 6000, 10), 10);
    CU_ASSERT_EQUAL(launch_tasks(100, 6001, 10), 11);
    CU_ASSERT_EQUAL(launch_tasks(100, 1e9, 10), 100); /* never more than trials */
    CU_ASSERT_EQUAL(launch_tasks(100, 0.5, 10), 1);
    CU_ASSERT_EQUAL(launch_tasks(100, 0, 10), 1);
    CU_ASSERT_EQUAL(launch_tasks(1, 1e9, 10), 1);
    CU_ASSERT_EQUAL(launch_tasks(5, INFINITY, 10), 5);
}

static void test_no_memory(void)
{
    size_t n = 1;

    for (;; n++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct launch_site site;
        struct error error = {0};
        size_t before = memory_count();
        memory_fail_at(n);
        enum status status = launch_load(TEXTS("experiments/launchers"), "slurm_container", mark,
                                         &arena, &site, &found, &error);
        bool reached = memory_count() - before >= n;
        memory_fail_at(0);
        diagnostics_release(&found);
        arena_release(&arena);
        CU_ASSERT_EQUAL_FATAL(status, reached ? STATUS_MEMORY : STATUS_OK);
        if (!reached)
            break;
    }
    CU_ASSERT(n > 5);
}

static void test_status_of_none(void)
{
    struct text told = {0};
    struct error error = {0};
    char folder[SCRATCH_PATH];

    CU_ASSERT_EQUAL(launch_status(scratch_path(folder, "none"), "tiny", &told, &error), STATUS_OK);
    CU_ASSERT_EQUAL(told.length, 0);
    text_release(&told);
}

static void test_seconds(void)
{
    char results[SCRATCH_PATH], path[SCRATCH_PATH + 64];
    struct error error = {0};

    scratch_path(results, "timed");
    CU_ASSERT(isnan(launch_trial_seconds(results, "tiny")));
    snprintf(path, sizeof path, "%s/runs/tiny/computed", results);
    CU_ASSERT_EQUAL_FATAL(folder_make(path, &error), STATUS_OK);
    CU_ASSERT(isnan(launch_trial_seconds(results, "tiny")));
    for (int host = 1; host <= 2; host++) {
        snprintf(path, sizeof path, "%s/runs/tiny/computed/host%d.log", results, host);
        FILE *file = fopen(path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        fprintf(file,
                "begin 0123abcd 9 0.000 16107\ndone 0123abcd 9 %d.000 16107\n"
                "failed 0123abcd 9 100.000 16107\nstopped 0123abcd 9 3.000 16107\n",
                2 * host);
        fclose(file);
    }
    CU_ASSERT_EQUAL(launch_trial_seconds(results, "tiny"), 3);
}

void launch_suite(void);
void launch_suite(void)
{
    CU_pSuite suite = CU_add_suite("launch", NULL, NULL);
    CU_add_test(suite, "mistakes in descriptions", test_mistakes);
    CU_add_test(suite, "a description that is not there", test_unknown);
    CU_add_test(suite, "those that come with the program are sound", test_delivered);
    CU_add_test(suite, "a task lasts as long as it should", test_tasks);
    CU_add_test(suite, "what trials took is on record", test_seconds);
    CU_add_test(suite, "nothing is told where nothing was launched", test_status_of_none);
    CU_add_test(suite, "every allocation may fail", test_no_memory);
}
