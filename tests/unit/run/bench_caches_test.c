/* cli/bench/bench_caches: the sizes that Linux tells, and how many of them some threads have. */
#include "cli/bench/bench_host.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <sys/stat.h>

static void write_index(const char *folder, int index, const char *name, const char *text)
{
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/index%d", folder, index);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/index%d/%s", folder, index, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

static void test_caches(void)
{
    static const char *const indices[][4] = {{"3", "Unified", "32M", "0-3,8-11"},
                                             {"1", "Data", "48K", "0,8"},
                                             {"1", "Instruction", "32K", "0,8"},
                                             {"2", "Unified", "2048K", "0"}};
    static const char *const names[] = {"level", "type", "size", "shared_cpu_list"};
    struct bench_cache caches[BENCH_MOST_CACHES];
    char folder[SCRATCH_PATH];

    mkdir(scratch_path(folder, "caches"), 0777);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            write_index(folder, i, names[k], indices[i][k]);
    CU_ASSERT_EQUAL_FATAL(bench_caches(folder, 1, caches), 3);
    CU_ASSERT(caches[0].level == 1 && caches[1].level == 2 && caches[2].level == 3);
    CU_ASSERT_EQUAL(caches[0].bytes, 48 * 1024);
    CU_ASSERT_EQUAL(caches[1].bytes, 2048 * 1024);
    CU_ASSERT_EQUAL(caches[2].bytes, 32 * 1024 * 1024);
    /* Nine threads: five pairs share the first level, and two groups of eight the third. */
    CU_ASSERT_EQUAL_FATAL(bench_caches(folder, 9, caches), 3);
    CU_ASSERT_EQUAL(caches[0].bytes, 5 * 48 * 1024);
    CU_ASSERT_EQUAL(caches[1].bytes, 9 * 2048 * 1024);
    CU_ASSERT_EQUAL(caches[2].bytes, 2 * 32 * 1024 * 1024);
    CU_ASSERT_EQUAL(bench_caches("no such folder", 1, caches), 0);
    write_index(folder, 1, "size", "big");
    CU_ASSERT_EQUAL(bench_caches(folder, 1, caches), 2);
}

void bench_caches_suite(void);
void bench_caches_suite(void)
{
    CU_pSuite suite = CU_add_suite("bench_caches", NULL, NULL);
    CU_add_test(suite, "levels, sizes, sharers", test_caches);
}
