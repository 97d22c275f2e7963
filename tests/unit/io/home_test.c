/* io/home: found from where a program lies; checked where it is named. */
#include "io/files/home.h"

#include "base/folder.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>

void home_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void make(const char *root, const char *folder)
{
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/%s", root, folder);
    OK(folder_make(path, &error));
}

static void make_home(const char *root, const char *folder)
{
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/networks/families", folder);
    make(root, path);
    snprintf(path, sizeof path, "%s/experiments/hardware", folder);
    make(root, path);
}

static void write_file(const char *root, const char *name, const char *text)
{
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_FATAL(file != NULL && fputs(text, file) >= 0);
    CU_ASSERT_FATAL(file != NULL && fclose(file) == 0);
}

/* Is ROOT/folder the home of the program ROOT/program? */
static bool lives_in(const char *root, const char *program, const char *folder)
{
    char path[2 * SCRATCH_PATH], expected[2 * SCRATCH_PATH];
    struct text home = {0};

    snprintf(path, sizeof path, "%s/%s", root, program);
    snprintf(expected, sizeof expected, "%s/%s", root, folder);
    OK(home_above(path, &home, &error));
    bool same = strcmp(home.bytes, expected) == 0;
    text_release(&home);
    return same;
}

/* The nearest home above counts, whatever else is there and however it is called. */
static void test_above(void)
{
    char root[SCRATCH_PATH];

    scratch_path(root, "above");
    make_home(root, "one");
    make_home(root, "one/it's \"a\" b\\c");
    make(root, "one/build/networks"); /* not all of it */
    CU_ASSERT(lives_in(root, "one/build/understudy", "one"));
    CU_ASSERT(lives_in(root, "one/build/tests/fuzz/plan_fuzz", "one"));
    CU_ASSERT(lives_in(root, "one/it's \"a\" b\\c/build/understudy", "one/it's \"a\" b\\c"));
}

/* A build folder outside of the checkout says where that lies. */
static void test_elsewhere(void)
{
    char root[SCRATCH_PATH], text[SCRATCH_PATH + 16];
    struct text home = {0};

    scratch_path(root, "elsewhere");
    make_home(root, "checkout");
    make(root, "build");
    snprintf(text, sizeof text, "%s/checkout\n", root);
    write_file(root, "build/" HOME_FILE, text);
    CU_ASSERT(lives_in(root, "build/understudy", "checkout"));
    CU_ASSERT(lives_in(root, "build/tests/all", "checkout"));

    write_file(root, "build/" HOME_FILE, "/no/such/checkout\n");
    snprintf(text, sizeof text, "%s/build/all", root);
    CU_ASSERT_EQUAL(home_above(text, &home, &error), STATUS_CONFIG);
    CU_ASSERT(strstr(error.message, "/build/" HOME_FILE ": /no/such/checkout/networks/families: "
                                    "No such file or directory") != NULL);
    text_release(&home);
}

static void test_named(void)
{
    char root[SCRATCH_PATH], path[SCRATCH_PATH + 16], lengthy[9000];

    scratch_path(root, "named");
    make_home(root, "good");
    make(root, "half/networks/families");
    make(root, "half/experiments");
    write_file(root, "half/experiments/hardware", "no folder");
    snprintf(path, sizeof path, "%s/good", root);
    OK(home_check("--home", path, &error));
    snprintf(path, sizeof path, "%s/half", root);
    CU_ASSERT_EQUAL(home_check("--home", path, &error), STATUS_CONFIG);
    CU_ASSERT(strstr(error.message, "half/experiments/hardware: Not a directory; expected a "
                                    "folder that contains networks/families") != NULL);
    CU_ASSERT_EQUAL(home_check("UNDERSTUDY_HOME", "nowhere", &error), STATUS_CONFIG);
    CU_ASSERT(strncmp(error.message, "UNDERSTUDY_HOME: nowhere/networks/families: No such", 51) ==
              0);
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = '\0';
    CU_ASSERT_EQUAL(home_check("--home", lengthy, &error), STATUS_CONFIG);
}

/* A program outside of every checkout; paths that end nowhere; and the one that runs. */
static void test_none(void)
{
    struct text home = {0};
    char lengthy[9000];

    memset(lengthy, '/', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = '\0';
    CU_ASSERT_EQUAL(home_above("/proc/understudy", &home, &error), STATUS_CONFIG);
    CU_ASSERT(strstr(error.message, "no folder above /proc/understudy contains") != NULL);
    CU_ASSERT_EQUAL(home_above("understudy", &home, &error), STATUS_CONFIG);
    CU_ASSERT_EQUAL(home_above(lengthy, &home, &error), STATUS_IO);
    CU_ASSERT_EQUAL(home.length, 0);
    OK(home_of_this(&home, &error));
    OK(home_check("this", home.bytes, &error));
    text_release(&home);
}

void home_suite(void)
{
    CU_pSuite suite = CU_add_suite("home", NULL, NULL);

    CU_add_test(suite, "above", test_above);
    CU_add_test(suite, "elsewhere", test_elsewhere);
    CU_add_test(suite, "named", test_named);
    CU_add_test(suite, "none", test_none);
}
