/*
 * Every malformed experiment file, and every wrong override, gives exactly the messages that stand
 * beside it: tests/bad/experiments/NAME.yaml with NAME.message; tests/bad/overrides/NAME.set, one
 * override a line for good.yaml, with NAME.message.
 */
#include "plan/plan.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CASES = 400, NAME_ROOM = 128 };

struct cases {
    char names[MOST_CASES][NAME_ROOM]; /* without ending, sorted */
    size_t count;
};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list_cases(const char *folder, const char *ending, struct cases *cases)
{
    DIR *directory = opendir(folder);

    cases->count = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        size_t length = strlen(entry->d_name);
        if (!ends_with(entry->d_name, ending))
            continue;
        CU_ASSERT_FATAL(cases->count < MOST_CASES && length < NAME_ROOM);
        char *name = cases->names[cases->count++];
        memcpy(name, entry->d_name, length - strlen(ending));
        name[length - strlen(ending)] = '\0';
    }
    closedir(directory);
    qsort(cases->names, cases->count, NAME_ROOM, name_order);
}

static void read_file(const char *path, struct text *text)
{
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    text_append(text, "%s", "");
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append_bytes(text, bytes, got);
    fclose(file);
}

/* What check prints for the file, as text, but for the number of mistakes. */
static void load(const char *path, const char *const *overrides, size_t count, struct text *told)
{
    struct plan_options options = {.overrides = overrides, .override_count = count, .home = "."};
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan plan;
    char line[2048];

    CU_ASSERT_EQUAL(plan_load(&plan, path, &options, &found, &error), STATUS_OK);
    plan_release(&plan);
    text_append(told, "%s", "");
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        text_append(told, "%s\n", line);
    }
    diagnostics_release(&found);
}

/* Is it what is expected? Lines that end in "…" tell how a line begins: lists of all
 * implementations grow. */
static bool is_told(const char *told, const char *expected)
{
    static const char more[] = "…";

    while (*told && *expected) {
        size_t length = strcspn(told, "\n"), wanted = strcspn(expected, "\n");
        size_t tail = sizeof more - 1;
        bool open = wanted >= tail && memcmp(expected + wanted - tail, more, tail) == 0;
        size_t same = open ? wanted - tail : wanted;
        if (length < same || (!open && length != wanted) || memcmp(told, expected, same) != 0)
            return false;
        told += length + (told[length] == '\n');
        expected += wanted + (expected[wanted] == '\n');
    }
    return *told == *expected;
}

static void compare(const char *folder, const char *name, const struct text *told)
{
    struct text expected = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/%s.message", folder, name);
    read_file(path, &expected);
    CU_ASSERT(told->length > 0);
    bool same = is_told(told->bytes, expected.bytes);
    CU_ASSERT(same);
    if (!same)
        printf("%s/%s: expected\n%sfound\n%s", folder, name, expected.bytes, told->bytes);
    text_release(&expected);
}

static void load_families(void)
{
    struct diagnostics found = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    diagnostics_release(&found);
}

static void test_experiments(void)
{
    static const char folder[] = "tests/bad/experiments";
    struct cases cases, messages;
    char path[512];

    load_families();
    list_cases(folder, ".yaml", &cases);
    list_cases(folder, ".message", &messages);
    CU_ASSERT(cases.count >= 45);
    CU_ASSERT_EQUAL(cases.count, messages.count);
    for (size_t i = 0; i < cases.count; i++) {
        struct text told = {0};
        snprintf(path, sizeof path, "%s/%s.yaml", folder, cases.names[i]);
        load(path, NULL, 0, &told);
        compare(folder, cases.names[i], &told);
        text_release(&told);
    }
}

static void test_overrides(void)
{
    static const char folder[] = "tests/bad/overrides";
    struct cases cases;
    char path[512];

    load_families();
    list_cases(folder, ".set", &cases);
    CU_ASSERT(cases.count >= 15);
    for (size_t i = 0; i < cases.count; i++) {
        struct text lines = {0}, told = {0};
        const char *overrides[16];
        size_t count = 0;
        snprintf(path, sizeof path, "%s/%s.set", folder, cases.names[i]);
        read_file(path, &lines);
        char *rest = NULL;
        for (char *line = strtok_r(lines.bytes, "\n", &rest); line && count < 16;
             line = strtok_r(NULL, "\n", &rest))
            overrides[count++] = line;
        load("tests/bad/overrides/good.yaml", overrides, count, &told);
        compare(folder, cases.names[i], &told);
        text_release(&lines);
        text_release(&told);
    }
}

static void test_missing_file(void)
{
    struct text told = {0};

    load("tests/bad/experiments/no such file.yaml", NULL, 0, &told);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.bytes, "no such file.yaml"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told.bytes, "No such file or directory"));
    text_release(&told);
    load("tests/bad/experiments", NULL, 0, &told);
    CU_ASSERT(told.length > 0);
    text_release(&told);
}

void bad_experiments_suite(void);
void bad_experiments_suite(void)
{
    CU_pSuite suite = CU_add_suite("bad_experiments", NULL, NULL);
    CU_add_test(suite, "each malformed file gives its messages", test_experiments);
    CU_add_test(suite, "each wrong override gives its messages", test_overrides);
    CU_add_test(suite, "a file that is not there is a mistake", test_missing_file);
}
