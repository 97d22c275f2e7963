/*
 * Every fault of data sets in files, told before anything runs: of tests/bad/datasets/NAME.yaml and
 * the files that it names below tests/bad/datasets/data, `check --data` says what NAME.message
 * holds.
 */
#include "forecast/survey.h"
#include "graph/family.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/bad/datasets"

void bad_datasets_suite(void);

static void read_text(const char *path, struct text *text)
{
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    text_append(text, "%s", "");
    while (file && (got = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append_bytes(text, bytes, got);
    if (file)
        fclose(file);
}

static bool no_set_is_published(const void *context, const char *set)
{
    (void)context, (void)set;
    return false;
}

static void tell(const struct diagnostics *found, struct text *told)
{
    char line[2048];

    text_append(told, "%s", "");
    for (size_t i = 0; i < found->count; i++) {
        error_text(&found->items[i], line, sizeof line);
        text_append(told, "%s\n", line);
    }
}

/* What `check --data` says of a case. */
static void survey_case(const char *name, struct text *told)
{
    char path[512];
    struct plan_options options = {.home = "."};
    struct survey_options wanted = {
        .data = FOLDER "/data", .threads = 2, .read = true, .published = no_set_is_published};
    struct survey survey = {0};
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan plan;

    snprintf(path, sizeof path, "%s/%s.yaml", FOLDER, name);
    CU_ASSERT_EQUAL_FATAL(plan_load(&plan, path, &options, &found, &error), STATUS_OK);
    tell(&found, told);
    if (!found.count) {
        CU_ASSERT_EQUAL(survey_plan(&survey, &plan, &wanted, &error), STATUS_OK);
        diagnostics_sort(&survey.faults);
        tell(&survey.faults, told);
    }
    survey_release(&survey);
    diagnostics_release(&found);
    plan_release(&plan);
}

static void compare(const char *name)
{
    char path[512];
    struct text told = {0}, expected = {0};

    snprintf(path, sizeof path, "%s/%s.message", FOLDER, name);
    read_text(path, &expected);
    survey_case(name, &told);
    CU_ASSERT(told.length > 0);
    bool same = strcmp(told.bytes, expected.bytes) == 0;
    CU_ASSERT(same);
    if (!same)
        printf("%s: expected\n%sfound\n%s", path, expected.bytes, told.bytes);
    text_release(&told);
    text_release(&expected);
}

static void every_fault(void)
{
    DIR *directory = opendir(FOLDER);
    struct diagnostics found = {0};
    struct error error;
    int count = 0;

    CU_ASSERT_FATAL(directory != NULL);
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &found, &error), STATUS_OK);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char name[256];
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)length - 5, entry->d_name);
        compare(name);
        count++;
    }
    closedir(directory);
    families_release();
    CU_ASSERT(count >= 90);
}

void bad_datasets_suite(void)
{
    CU_pSuite suite = CU_add_suite("bad_datasets", NULL, NULL);

    CU_add_test(suite, "every fault of data sets in files is told", every_fault);
}
