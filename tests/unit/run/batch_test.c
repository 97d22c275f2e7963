/* Templates of what batch systems are told, patterns of what they print, and the scripts of tasks
 * that watch their time themselves. */
#include "launch/batch.h"

#include <CUnit/CUnit.h>
#include <string.h>

static void expect_expanded(const char *template, const char *expected)
{
    static const char *ids[] = {"12", "it's", "14"}, *options[] = {"-q long", "-P x"};
    const struct text_list jobs = {ids, 3}, none = {ids, 0}, words = {options, 2};
    const struct template_value values[] = {{.name = "script", .text = "/a b/t.sh"},
                                            {.name = "jobs", .list = &jobs},
                                            {.name = "none", .list = &none},
                                            {.name = "options", .list = &words, .raw = true},
                                            {.name = "empty", .text = "", .raw = true}};
    struct text text = {0};

    template_expand(template, values, sizeof values / sizeof *values, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes ? text.bytes : "", expected);
    text_release(&text);
}

static void test_expand(void)
{
    expect_expanded("", "");
    expect_expanded("qsub {script}", "qsub '/a b/t.sh'");
    expect_expanded("qdel {jobs}", "qdel 12 'it'\\''s' 14");
    expect_expanded("-hold_jid {jobs:,}", "-hold_jid 12,'it'\\''s',14");
    expect_expanded("depend=afterany:{jobs::}", "depend=afterany:12:'it'\\''s':14");
    expect_expanded("ended({jobs:) && ended(})", "ended(12) && ended('it'\\''s') && ended(14)");
    expect_expanded("{none}|{empty}|{options}", "||-q long -P x");
    expect_expanded("-o '{{id}} {{state}}' ${USER} $(id)", "-o '{id} {state}' ${USER} $(id)");
    expect_expanded("{script}{script}", "'/a b/t.sh''/a b/t.sh'");
}

static void expect_checked(const char *template, const char *expected)
{
    struct diagnostics found = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL(template_check(template, TEXTS("script", "jobs", "options"),
                                   (struct yaml_mark){"x.yaml", 3, 9}, "submit", &found, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(found.count, expected ? 1 : 0);
    if (expected && found.count) {
        char line[1024];
        error_text(&found.items[0], line, sizeof line);
        CU_ASSERT_STRING_EQUAL(line, expected);
    }
    diagnostics_release(&found);
}

static void test_check(void)
{
    expect_checked("qsub {script} {jobs:,} {{x}} ${x}", NULL);
    expect_checked("qsub {scrpt}", "x.yaml:3:9: submit: unknown placeholder {scrpt}; did you mean "
                                   "{script}?");
    expect_checked("qsub {queue}", "x.yaml:3:9: submit: unknown placeholder {queue}; expected one "
                                   "of: {script}, {jobs}, {options}; {{ is a brace");
    expect_checked("qsub {script", "x.yaml:3:9: submit: a brace stands alone in 'qsub {script'; a "
                                   "placeholder is {name}, and {{ or }} is a brace");
    CU_ASSERT(template_has("a {jobs:,} b", "jobs"));
    CU_ASSERT(!template_has("a {{jobs}} ${jobs} b", "jobs"));
}

/* What the first pattern that fits finds: "JOB INDEX STATE REASON", '-' for none; "" where none
 * fits. */
static void expect_match(const struct text_list *patterns, const char *line, const char *expected)
{
    struct pattern_match match;
    struct text found = {0};

    text_append(&found, "%s", "");
    if (pattern_match(patterns, line, strlen(line), &match))
        for (int i = 0; i < PATTERN_PARTS; i++) {
            int part = i == PATTERN_NUMBER && !match.parts[i].start ? PATTERN_JOB : i;
            if (i == PATTERN_JOB)
                continue;
            text_append(&found, "%s%.*s", i ? " " : "",
                        match.parts[part].start ? (int)match.parts[part].length : 1,
                        match.parts[part].start ? match.parts[part].start : "-");
        }
    CU_ASSERT_STRING_EQUAL(found.bytes, expected);
    text_release(&found);
}

static void test_patterns(void)
{
    const struct text_list *grid = TEXTS("{number} * * * {state} ... {index}");
    const struct text_list *pbs =
        TEXTS("{job}[{index}].* * * * {state} *", "{job}.* * * * {state} *");
    const struct text_list *condor = TEXTS("{number} {index} {state} {reason}");

    expect_match(grid, "      7 0.555 u.x root hqw 12/01/2026 00:09:23           1 12  ",
                 "7 12 hqw -");
    expect_match(grid, "  7 0.555 u.x\troot r 12/01/2026 00:09:23 all.q@n1 \t 1 3\r", "7 3 r -");
    expect_match(grid, "job-ID  prior   name       user  state submit/start at", "");
    expect_match(grid, "-----------------------", "");
    expect_match(pbs, "1234[7].server   x  me  00:00:01 R workq", "1234 7 R -");
    expect_match(pbs, "1234[].server    x  me  0 B workq", "1234[] - B -");
    expect_match(pbs, "1235.srv.domain  x  me  0 Q workq", "1235 - Q -");
    expect_match(condor, "12 0 5 Error from slot1: x", "12 0 5 Error from slot1: x");
    expect_match(condor, "12 0 5 ", "");
    expect_match(TEXTS("Job <{number}> is submitted ..."),
                 "Job <930> is submitted to default queue <normal>.", "930 - - -");
    expect_match(TEXTS("{{{job}}}"), "{f2}", "f2 - - -");
    expect_match(TEXTS("{number}"), "", "");
    expect_match(TEXTS(""), "", "- - - -");
}

/* A pattern of which one would try ever more ways. */
static void test_many_stars(void)
{
    char pattern[64], line[1200];
    struct pattern_match match;

    memset(pattern, '*', sizeof pattern);
    pattern[sizeof pattern - 2] = 'b';
    pattern[sizeof pattern - 1] = '\0';
    memset(line, 'a', sizeof line);
    CU_ASSERT(!pattern_match(TEXTS(pattern), line, 1000, &match));
    CU_ASSERT(pattern_match(TEXTS("*"), line, 1000, &match));
    CU_ASSERT(!pattern_match(TEXTS("*"), line, 1001, &match));
}

static void test_submitted(void)
{
    const struct batch_system grid = {.submitted = *TEXTS("{number}.*", "{number}")};
    const struct batch_system pbs = {.submitted = *TEXTS("{job}.*")};
    const struct batch_system flux = {.submitted = *TEXTS("{job}")};
    char id[BATCH_ID];

    CU_ASSERT(batch_parse_submitted(&grid, "warning: no\n12.1-10:1\n", id));
    CU_ASSERT_STRING_EQUAL(id, "12");
    CU_ASSERT(batch_parse_submitted(&pbs, "1234[].server.site\n", id));
    CU_ASSERT_STRING_EQUAL(id, "1234[]");
    CU_ASSERT(batch_parse_submitted(&flux, "ƒ2oAb\n", id));
    CU_ASSERT_STRING_EQUAL(id, "ƒ2oAb");
    CU_ASSERT(!batch_parse_submitted(&flux, "\n", id));
    CU_ASSERT(!batch_parse_submitted(&flux, "-rf\n", id)); /* would be an option */
    CU_ASSERT(!batch_parse_submitted(&flux, "a\033[2J\n", id));
}

/* A lone task is no array: whatever stands where others have their index. */
static void test_tasks_of_lines(void)
{
    const struct batch_system system = {
        .lines = *TEXTS("{job}[{index}].* {state}", "{job} {state} {index}"), .first_index = 1};
    struct batch_job arrays[] = {{"5[]", 0, 3}, {"6", 3, 1}};
    const struct batch_jobs jobs = {.arrays = arrays, .count = 2, .tasks = 4, .merge = "7"};
    static const struct {
        const char *line;
        size_t task; /* 99: of none */
    } cases[] = {{"5[1].s R", 0}, {"5[3].s R", 2},     {"5[0].s R", 99},  {"5[4].s R", 99},
                 {"6 R 8", 3},    {"7 Q 1", SIZE_MAX}, {"55[1].s R", 99}, {"5[].s B", 99}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = cases[i].line;
        struct batch_line line = {.task = 99};
        if (!batch_parse_line(&at, &system, &jobs, &line))
            line.task = 99;
        CU_ASSERT_EQUAL(line.task, cases[i].task);
    }
}

static void test_scripts(void)
{
    const struct launch launch = {.name = "x",
                                  .folder = "/r/runs/x/generic",
                                  .directory = "/r",
                                  .program = "/understudy",
                                  .file = "/r/x.yaml"};
    const struct batch_settings batch = {
        .program = "", .time_limit = 10, .warning = 60, .cpus = 4, .threads = 2, .restarts = 5};
    struct batch_settings untimed = batch;
    const struct batch_system system = {
        .title = "Some System", .index = "SOME_INDEX", .first_index = 1, .requeue = "exit 99"};
    struct batch_array array = {8, 4, 12};
    struct text script = {0};

    batch_script(&batch, &system, &launch, &array, &script);
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, "\nself=$((7 + SOME_INDEX))\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, "\ntimeout --foreground 540 /understudy work "
                                                "--workers 2 --threads 2 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, " --chunk \"$((self + 1))/12\" -- /r/x.yaml &"));
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, "[ \"$restarts\" -lt 5 ]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, "\n  exit 99\n"));
    text_clear(&script);
    array = (struct batch_array){11, 1, 12};
    untimed.time_limit = 0;
    batch_script(&untimed, &system, &launch, &array, &script);
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, "\nself=11\n"));
    CU_ASSERT_PTR_NULL(strstr(script.bytes, "timeout --foreground"));
    text_clear(&script);
    batch_script(&batch, &system, &launch, NULL, &script);
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, " run --workers 2 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(script.bytes, ">\"$folder/merged\" &"));
    text_release(&script);
}

void batch_suite(void);
void batch_suite(void)
{
    CU_pSuite suite = CU_add_suite("batch", NULL, NULL);
    CU_add_test(suite, "templates are filled and quoted", test_expand);
    CU_add_test(suite, "mistakes in templates", test_check);
    CU_add_test(suite, "patterns of lines", test_patterns);
    CU_add_test(suite, "a pattern cannot take for ever", test_many_stars);
    CU_add_test(suite, "numbers of jobs", test_submitted);
    CU_add_test(suite, "which task a line is of", test_tasks_of_lines);
    CU_add_test(suite, "scripts of tasks that watch their time", test_scripts);
}
