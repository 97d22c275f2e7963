/* Machines: what is listed, what is read, what is told of mistakes. */
#include "hardware/machine.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>
#include <sys/stat.h>

static const struct yaml_mark mark = {"x.yaml", 3, 4};

static const char good[] = "machine: %s\nmodel: systolic\nrows: 8\ncolumns: 8\n"
                           "clock_hz: 1.0e+6\ndram_bytes_per_s: 1.0e+6\nbuffer_bytes: 1000\n"
                           "busy_power_w: 1\nidle_power_w: 1\nsources: {rows: a, columns: a, "
                           "clock_hz: a, dram_bytes_per_s: a, buffer_bytes: a, busy_power_w: a, "
                           "idle_power_w: a}\n";

/* A folder with the machines good, misnamed (calls itself good), broken; and what is none. */
static const char *make_folder(char path[SCRATCH_PATH])
{
    static const char *const names[] = {"good.yaml", "misnamed.yaml", "broken.yaml", "notes.txt",
                                        ".hidden.yaml"};
    char file[2 * SCRATCH_PATH];

    scratch_path(path, "machines");
    mkdir(path, 0777);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        FILE *stream = fopen(file, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
        if (strcmp(names[i], "broken.yaml") == 0)
            fputs("machine: broken\nmodel: sistolic\ncolour: red\n", stream);
        else
            fprintf(stream, good, "good");
        fclose(stream);
    }
    return path;
}

/* Load one; returns the first mistake, "" where there is none. */
static const char *load(const char *folder, const char *name, size_t *mistakes)
{
    static char line[2048];
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct machine machine;
    struct error error = {0};

    line[0] = '\0';
    CU_ASSERT_EQUAL(
        machine_load(TEXTS(folder), name, mark, "hardware[0]", &arena, &machine, &found, &error),
        STATUS_OK);
    if (found.count) {
        error_text(&found.items[0], line, sizeof line);
    } else {
        CU_ASSERT_STRING_EQUAL(machine.name, name);
        CU_ASSERT_PTR_NOT_NULL(machine.model.kind);
    }
    *mistakes = found.count;
    diagnostics_release(&found);
    arena_release(&arena);
    return line;
}

static void test_names(void)
{
    char folder[SCRATCH_PATH];
    struct arena arena = {0};
    struct text_list names;
    struct error error = {0};

    CU_ASSERT_EQUAL(machine_names(TEXTS(make_folder(folder)), &arena, &names, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(names.count, 3);
    CU_ASSERT_STRING_EQUAL(names.items[0], "broken");
    CU_ASSERT_STRING_EQUAL(names.items[1], "good");
    CU_ASSERT_STRING_EQUAL(names.items[2], "misnamed");
    CU_ASSERT_EQUAL(machine_names(TEXTS("no such folder"), &arena, &names, &error), STATUS_IO);
    CU_ASSERT_EQUAL(names.count, 0);
    arena_release(&arena);
}

static void test_mistakes(void)
{
    char folder[SCRATCH_PATH];
    size_t count;

    make_folder(folder);
    CU_ASSERT_STRING_EQUAL(load(folder, "good", &count), "");
    CU_ASSERT_STRING_EQUAL(load(folder, "goood", &count),
                           "x.yaml:3:4: hardware[0]: unknown machine 'goood'; did you mean "
                           "'good'?");
    CU_ASSERT_STRING_EQUAL(load(folder, "../machines/good", &count),
                           "x.yaml:3:4: hardware[0]: unknown machine '../machines/good'");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(load(folder, "misnamed", &count),
               "misnamed.yaml:1:10: machine: the machine in 'misnamed.yaml' must be named "
               "'misnamed'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(load(folder, "broken", &count), "'sistolic'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(load("no such folder", "good", &count),
                                  "x.yaml:3:4: hardware[0]: cannot list the machines"));
    CU_ASSERT_EQUAL(count, 1);
}

/* Of a file, what is told; the machine is `mine`. */
static const char *load_text(const char *text, size_t *count)
{
    char path[SCRATCH_PATH], file[2 * SCRATCH_PATH];

    scratch_path(path, "mine");
    mkdir(path, 0777);
    snprintf(file, sizeof file, "%s/mine.yaml", path);
    FILE *stream = fopen(file, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    fputs("machine: mine\n", stream);
    fputs(text, stream);
    fclose(stream);
    const char *told = load(path, "mine", count), *place = strstr(told, "mine.yaml:");
    return place ? place : told;
}

#define ROOFLINE                                                                                   \
    "model: roofline\n"                                                                            \
    "clock_hz: 1.0e+9\nfloat32_per_s: 8.0e+9\ndivisions_per_s: 1.0e+9\nlookups_per_s: 1.0e+9\n"    \
    "dram_bytes_per_s: 1.0e+9\n"
#define SOURCES                                                                                    \
    "sources: {clock_hz: a, float32_per_s: a, divisions_per_s: a, lookups_per_s: a, "              \
    "dram_bytes_per_s: a"

/* A number has a source, and a source its number; numbers go together. */
static void test_numbers(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {ROOFLINE SOURCES "}\n", ""},
        {ROOFLINE "format: float32\n" SOURCES "}\n", ""}, /* a word */
        {ROOFLINE "lanes: 8\n" SOURCES "}\n",
         "mine.yaml:8:8: lanes: a number without a source; expected 'sources: {lanes: table, data "
         "sheet or measurement}'"},
        {ROOFLINE "lanes: 8\n" SOURCES ", lanes: ''}\n", "mine.yaml:8:8: lanes: a number without"},
        {ROOFLINE "lanes: 8\n" SOURCES ", lanes: [a]}\n", "mine.yaml:8:8: lanes: a number without"},
        {ROOFLINE, "mine.yaml:3:11: clock_hz: a number without a source"},
        {ROOFLINE "sources: a data sheet\n", "mine.yaml:3:11: clock_hz: a number without a source"},
        {ROOFLINE SOURCES ", clok_hz: a}\n", "mine.yaml:8:101: sources.clok_hz: not a number of "
                                             "this machine; did you mean 'clock_hz'?"},
        {ROOFLINE SOURCES ", lanes: a}\n", "mine.yaml:8:101: sources.lanes: not a number of this"},
        {ROOFLINE SOURCES ", format: a}\nformat: float32\n",
         "mine.yaml:8:101: sources.format: not a number of this machine"},
        {ROOFLINE "format: int8\n" SOURCES "}\n",
         "mine.yaml:8:9: format: int8 needs int8_per_s; expected a rate above 0"},
        {ROOFLINE "cache_bytes: [10, 20]\ncache_bytes_per_s: [3]\n" SOURCES
                  ", cache_bytes: a, cache_bytes_per_s: a}\n",
         "mine.yaml:9:20: cache_bytes_per_s: 1 numbers; expected one for each of the 2 of "
         "cache_bytes"},
        {ROOFLINE "cache_bytes: [20, 20]\ncache_bytes_per_s: [3, 3]\n" SOURCES
                  ", cache_bytes: a, cache_bytes_per_s: a}\n",
         "mine.yaml:8:14: cache_bytes: 20 follows 20; expected the smallest level first"},
        {ROOFLINE "cache_j_per_byte: [1.0e-9]\n" SOURCES ", cache_j_per_byte: a}\n",
         "mine.yaml:8:19: cache_j_per_byte: 1 numbers; expected none, or one for each of the 0 of "
         "cache_bytes"},
        {ROOFLINE "busy_power_w: 2\nidle_power_w: 3\n" SOURCES
                  ", busy_power_w: a, idle_power_w: a}\n",
         "mine.yaml:9:15: idle_power_w: 3 W; expected at most busy_power_w, 2 W"},
    };
    size_t count;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *told = load_text(cases[i].text, &count);
        bool as_expected = cases[i].message[0]
                               ? strncmp(told, cases[i].message, strlen(cases[i].message)) == 0
                               : !told[0];
        CU_ASSERT(as_expected);
        if (!as_expected)
            printf("\n%s\nexpected %s\n", told, cases[i].message);
    }
}

static void test_delivered(void)
{
    struct arena arena = {0};
    struct text_list names;
    struct error error = {0};
    size_t count;

    CU_ASSERT_EQUAL(machine_names(TEXTS("experiments/hardware"), &arena, &names, &error),
                    STATUS_OK);
    CU_ASSERT(names.count >= 6);
    for (size_t i = 0; i < names.count; i++)
        CU_ASSERT_STRING_EQUAL(load("experiments/hardware", names.items[i], &count), "");
    arena_release(&arena);
}

static void test_no_memory(void)
{
    char folder[SCRATCH_PATH];
    size_t n = 1;

    make_folder(folder);
    for (;; n++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct machine machine;
        struct error error = {0};
        size_t before = memory_count();
        memory_fail_at(n);
        enum status status = machine_load(TEXTS(folder), "good", mark, "hardware[0]", &arena,
                                          &machine, &found, &error);
        bool reached = memory_count() - before >= n;
        memory_fail_at(0);
        diagnostics_release(&found);
        arena_release(&arena);
        CU_ASSERT_EQUAL_FATAL(status, reached ? STATUS_MEMORY : STATUS_OK);
        if (!reached)
            break;
    }
    CU_ASSERT(n > 3);
}

void machine_suite(void);
void machine_suite(void)
{
    CU_pSuite suite = CU_add_suite("machine", NULL, NULL);
    CU_add_test(suite, "the machines of a folder, sorted", test_names);
    CU_add_test(suite, "mistakes name file and place", test_mistakes);
    CU_add_test(suite, "numbers have sources, and go together", test_numbers);
    CU_add_test(suite, "the machines that come with the program are sound", test_delivered);
    CU_add_test(suite, "every allocation may fail", test_no_memory);
}
