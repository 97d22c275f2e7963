/* The launcher slurm without a Slurm: its scripts, its file of jobs, and what it reads from Slurm's
 * programs. tests/slurm/run runs it with one. */
#include "launch/slurm.h"

#include "base/command.h"
#include "launch/launch.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void read_file(const char *path, struct text *text)
{
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    text_append(text, "%s", "");
    if (!file)
        return;
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append_bytes(text, bytes, got);
    fclose(file);
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(content, file);
    fclose(file);
}

/* The script is that of tests/golden/slurm, and bash finds no fault in it. UNDERSTUDY_GOLDEN=write
 * writes it there. */
static void compare(const char *name, const struct text *script)
{
    struct text expected = {0};
    const char *write = getenv("UNDERSTUDY_GOLDEN");
    char path[SCRATCH_PATH], command[SCRATCH_PATH + 16];

    snprintf(path, sizeof path, "tests/golden/slurm/%s", name);
    if (write && strcmp(write, "write") == 0)
        write_file(path, script->bytes);
    read_file(path, &expected);
    CU_ASSERT_STRING_EQUAL(script->bytes, expected.bytes);
    if (strcmp(script->bytes, expected.bytes) != 0)
        printf("%s: expected\n%sfound\n%s", path, expected.bytes, script->bytes);
    snprintf(command, sizeof command, "bash -n '%s'", path);
    CU_ASSERT_EQUAL(system(command), 0);
    text_release(&expected);
}

/* The settings of a description, given as text. */
static const struct slurm *settings(struct arena *arena, const char *name, const char *text)
{
    char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];
    struct diagnostics found = {0};
    struct error error = {0};
    struct launch_site *site;

    CU_ASSERT_EQUAL_FATAL(arena_new(arena, &site, 1, sizeof *site, &error), STATUS_OK);
    mkdir(scratch_path(folder, "launchers"), 0777);
    snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    write_file(path, text);
    CU_ASSERT_EQUAL_FATAL(
        launch_load(TEXTS(folder), name, (struct yaml_mark){"", 0, 0}, arena, site, &found, &error),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
    return site->system.config;
}

static void test_plain_scripts(void)
{
    static const char *options[] = {"--home", "/opt/understudy", "--results", "/data/results"};
    static const char *merge[] = {"--plots", "/data/plots"};
    const struct launch launch = {.name = "denoise",
                                  .folder = "/data/results/runs/denoise/slurm",
                                  .directory = "/data",
                                  .program = "/opt/understudy/build/understudy",
                                  .file = "/data/denoise.yaml",
                                  .options = {options, 4},
                                  .merge = {merge, 2}};
    const struct batch_array array = {1000, 24, 1024};
    struct arena arena = {0};
    struct text tasks = {0}, merging = {0};
    const struct slurm *slurm = settings(&arena, "plain", "launcher: plain\nsystem: slurm\n");

    batch_script(&slurm->batch, &slurm_system, &launch, &array, &tasks);
    batch_script(&slurm->batch, &slurm_system, &launch, NULL, &merging);
    compare("plain_tasks.sh", &tasks);
    compare("plain_merge.sh", &merging);
    text_release(&tasks);
    text_release(&merging);
    arena_release(&arena);
}

static void test_odd_scripts(void)
{
    static const char *options[] = {"--set", "about=it's \"odd\" $HOME `x`\n#", "--isa", "avx2"};
    const struct launch launch = {.name = "odd",
                                  .folder = "/d %A 'q' \"w\" #1/runs/odd/slurm",
                                  .directory = "/d %A 'q' \"w\" #1",
                                  .program = "/opt/a b/understudy",
                                  .file = "/d %A 'q' \"w\" #1/-odd.yaml",
                                  .options = {options, 4}};
    const struct batch_array array = {0, 3, 3};
    struct arena arena = {0};
    struct text tasks = {0}, merging = {0};
    const struct slurm *slurm = settings(
        &arena, "odd",
        "launcher: odd\nsystem: slurm\npartition: short\naccount: my project\nqos: high\n"
        "time_limit: 7\ncpus: 8\nmemory: 1234\nmost_running: 2\nwarning: 90\nrestarts: 3\n"
        "options: ['--constraint=avx512&ib', '--exclusive']\n"
        "setup: ['module load apptainer', 'ulimit -n 4096']\n"
        "environment: {A: \"it's $x\", B: 2, C: ''}\n"
        "prefix: [apptainer, exec, --bind, '/a b', image.sif]\nprogram: /usr/bin/understudy\n");

    batch_script(&slurm->batch, &slurm_system, &launch, &array, &tasks);
    batch_script(&slurm->batch, &slurm_system, &launch, NULL, &merging);
    compare("odd_tasks.sh", &tasks);
    compare("odd_merge.sh", &merging);
    text_release(&tasks);
    text_release(&merging);
    arena_release(&arena);
}

/* The trials of a search's later rounds are not there yet: a task cannot have a part of them. */
static void test_rounds(void)
{
    const struct launch launch = {.name = "search",
                                  .folder = "/r/runs/search/slurm",
                                  .directory = "/r",
                                  .program = "/understudy",
                                  .file = "/r/search.yaml",
                                  .rounds = true};
    const struct batch_array array = {0, 3, 3};
    struct arena arena = {0};
    struct text tasks = {0};

    const struct slurm *slurm = settings(&arena, "rounds", "launcher: rounds\nsystem: slurm\n");

    batch_script(&slurm->batch, &slurm_system, &launch, &array, &tasks);
    CU_ASSERT_PTR_NOT_NULL(strstr(tasks.bytes, "plan.yaml\" -- /r/search.yaml &"));
    CU_ASSERT_PTR_NULL(strstr(tasks.bytes, "--chunk"));
    text_release(&tasks);
    arena_release(&arena);
}

static void test_quoting(void)
{
    static const char *const texts[] = {
        "plain-1.2/x", "",  "a b", "it's", "$HOME `id` \\ \"", "=x", "two\nlines", "*?[a]",
        "~",           "#", "'",   "grün"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct text script = {0}, said = {0}, messages = {0};
        struct error error = {0};
        int code;
        text_append(&script, "printf %%s ");
        command_quote(&script, texts[i]);
        const char *const arguments[] = {"bash", "-c", script.bytes, NULL};
        CU_ASSERT_EQUAL(command_run(arguments, &said, &messages, &code, &error), STATUS_OK);
        CU_ASSERT_EQUAL(code, 0);
        CU_ASSERT_STRING_EQUAL(said.bytes ? said.bytes : "", texts[i]);
        text_release(&script);
        text_release(&said);
        text_release(&messages);
    }
}

static void test_commands(void)
{
    static const char *const both[] = {"bash", "-c", "cat; echo out; echo err >&2; exit 3", NULL};
    static const char *const killed[] = {"bash", "-c", "kill -9 $$", NULL};
    static const char *const none[] = {"no-such-program-here", NULL};
    struct text out = {0}, err = {0};
    struct error error = {0};
    int code;

    CU_ASSERT_EQUAL(command_run(both, &out, &err, &code, &error), STATUS_OK);
    CU_ASSERT_EQUAL(code, 3);
    CU_ASSERT_STRING_EQUAL(out.bytes, "out\n");
    CU_ASSERT_STRING_EQUAL(err.bytes, "err\n");
    CU_ASSERT_EQUAL(command_run(killed, &out, &err, &code, &error), STATUS_OK);
    CU_ASSERT_EQUAL(code, 128 + 9);
    CU_ASSERT_EQUAL(command_run(none, &out, &err, &code, &error), STATUS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.message, "program 'no-such-program-here' is not installed");
    text_release(&out);
    text_release(&err);
}

static void test_numbers(void)
{
    static const char *const none[] = {"", "0\n", "Submitted batch job 12\n", "12 is it\n", "-3\n"};
    char id[BATCH_ID];
    int64_t number;

    CU_ASSERT(batch_parse_submitted(&slurm_system, "123\n", id) && strcmp(id, "123") == 0);
    CU_ASSERT(batch_parse_submitted(&slurm_system, "123;cluster\n", id) && strcmp(id, "123") == 0);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CU_ASSERT(!batch_parse_submitted(&slurm_system, none[i], id));
    CU_ASSERT(slurm_parse_array_size("Configuration data as of …\nMailProg = /bin/mail\n"
                                     "MaxArraySize            = 1001\nMaxJobCount = 10000\n",
                                     &number) &&
              number == 1001);
    CU_ASSERT(!slurm_parse_array_size("", &number));
    CU_ASSERT(!slurm_parse_array_size("XMaxArraySize = 3\nMaxArraySize = (null)\n", &number));
}

static void test_lines(void)
{
    static const char printed[] = "100_0|RUNNING|None\n"
                                  "200|PENDING|Dependency\n"
                                  "slurm_load_jobs: something else\n"
                                  "101_3|CANCELLED by 0|x|y\n"
                                  "101_4|COMPLETED|\n"   /* not of the array */
                                  "101_[0-3]|PENDING|\n" /* not expanded: of no task */
                                  "999_0|RUNNING|None\n"
                                  "101_0|OUT_OF_MEMORY|";
    struct batch_job arrays[] = {{"100", 0, 8}, {"101", 8, 4}};
    const struct batch_jobs jobs = {.arrays = arrays, .count = 2, .tasks = 12, .merge = "200"};
    static const struct {
        size_t task;
        const char *state, *reason;
    } expected[] = {{0, "RUNNING", "None"},
                    {SIZE_MAX, "PENDING", "Dependency"},
                    {11, "CANCELLED", "x|y"},
                    {8, "OUT_OF_MEMORY", ""}};
    const char *at = printed;
    struct batch_line line;
    char word[64];

    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        CU_ASSERT_FATAL(batch_parse_line(&at, &slurm_system, &jobs, &line));
        CU_ASSERT_EQUAL(line.task, expected[i].task);
        snprintf(word, sizeof word, "%.*s", (int)line.state_length, line.state);
        CU_ASSERT_STRING_EQUAL(word, expected[i].state);
        snprintf(word, sizeof word, "%.*s", (int)line.reason_length, line.reason);
        CU_ASSERT_STRING_EQUAL(word, expected[i].reason);
    }
    CU_ASSERT(!batch_parse_line(&at, &slurm_system, &jobs, &line));
    at = "100_99999999999999999999|RUNNING|\n-100_0|RUNNING|\n100_-1|RUNNING|\n";
    CU_ASSERT(!batch_parse_line(&at, &slurm_system, &jobs, &line));
}

static void test_jobs_file(void)
{
    struct batch_jobs jobs = {.poll = 2.5, .merge = "7"}, read;
    struct error error = {0};
    struct text list = {0};
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 8];
    bool there;

    mkdir(scratch_path(folder, "jobs"), 0777);
    CU_ASSERT_EQUAL(batch_jobs_read(folder, &read, &there, &error), STATUS_OK);
    CU_ASSERT(!there);
    memset(jobs.plan, 'a', HASH_TEXT - 1);
    CU_ASSERT_EQUAL(batch_jobs_add(&jobs, "5", 8, &error), STATUS_OK);
    CU_ASSERT_EQUAL(batch_jobs_add(&jobs, "6", 3, &error), STATUS_OK);
    CU_ASSERT_EQUAL(batch_jobs_write(folder, &jobs, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(batch_jobs_read(folder, &read, &there, &error), STATUS_OK);
    CU_ASSERT(there);
    CU_ASSERT_STRING_EQUAL(read.plan, jobs.plan);
    CU_ASSERT_EQUAL(read.tasks, 11);
    CU_ASSERT_EQUAL(read.count, 2);
    CU_ASSERT(strcmp(read.arrays[1].id, "6") == 0 && read.arrays[1].first == 8 &&
              read.arrays[1].count == 3);
    CU_ASSERT(strcmp(read.merge, "7") == 0 && read.poll == 2.5);
    batch_jobs_print(&read, &list);
    CU_ASSERT_STRING_EQUAL(list.bytes, "5,6,7");
    batch_jobs_release(&jobs);
    batch_jobs_release(&read);
    text_release(&list);
    snprintf(path, sizeof path, "%s/jobs", folder);
    write_file(path, "array 5 0 8\narray 6 9 3\n");
    CU_ASSERT_EQUAL(batch_jobs_read(folder, &read, &there, &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "'array 6 9 3' is not a line of this file"));
    batch_jobs_release(&read);
}

/* Numbers that are none, too large, or more tasks than there can be. */
static void test_wrong_jobs(void)
{
    static const char *const lines[] = {
        "array -5 0 8",  "array 5 0 18446744073709551615",
        "array 5 0 -1",  "array 5 0 1000000\narray 6 1000000 1",
        "array 5 0 8 x", "array 5  0 8",
        "merge -3",      "merge 0",
        "merge 7 8",     "poll nan",
        "poll inf",      "poll 0",
        "poll 2x",       "plan 12",
        "plan",          "nothing",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct span file = {(const unsigned char *)lines[i], strlen(lines[i]), "jobs"};
        struct batch_jobs jobs;
        struct error error = {0};
        CU_ASSERT_EQUAL(batch_jobs_parse(file, &jobs, &error), STATUS_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "is not a line of this file"));
        batch_jobs_release(&jobs);
    }
}

static void test_ended(void)
{
    int code;

    CU_ASSERT(batch_parse_ended("0 0 node1\n", &code) && code == 0);
    CU_ASSERT(batch_parse_ended("137", &code) && code == 137);
    CU_ASSERT(!batch_parse_ended("", &code));
    CU_ASSERT(!batch_parse_ended("-1 0 ?\n", &code));
    CU_ASSERT(!batch_parse_ended("1x", &code));
    CU_ASSERT(!batch_parse_ended("99999999999 0 ?\n", &code));
}

void slurm_suite(void);
void slurm_suite(void)
{
    CU_pSuite suite = CU_add_suite("slurm", NULL, NULL);
    CU_add_test(suite, "the scripts of plain settings", test_plain_scripts);
    CU_add_test(suite, "the scripts of odd paths and every setting", test_odd_scripts);
    CU_add_test(suite, "the trials of a search's rounds are shared", test_rounds);
    CU_add_test(suite, "bash reads back what was quoted", test_quoting);
    CU_add_test(suite, "programs say what they say", test_commands);
    CU_add_test(suite, "numbers that Slurm prints", test_numbers);
    CU_add_test(suite, "lines of squeue and sacct", test_lines);
    CU_add_test(suite, "the file of jobs", test_jobs_file);
    CU_add_test(suite, "what is wrong in the file of jobs", test_wrong_jobs);
    CU_add_test(suite, "how a task ended", test_ended);
}
