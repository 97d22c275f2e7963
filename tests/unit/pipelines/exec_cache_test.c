/* The stages `exec` and `plugin`: which answers are kept, what keys depend on; arrays in
 * files; plugins. */
#include "chain/chain.h"
#include "io/files/npy.h"
#include "pipelines/external/own_files.h"
#include "tasks/registry.h"
#include "tests/unit/exec_bench.h"
#include "tests/unit/scratch.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void exec_cache_suite(void);

static void kept_release(struct kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->values[i]);
    kept->count = 0;
}

/* ---- answers are asked for once */

static size_t lines_of(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t lines = 0;
    int byte;

    while (file && (byte = fgetc(file)) != EOF)
        lines += byte == '\n';
    if (file)
        fclose(file);
    return lines;
}

static void answers_are_kept(void)
{
    static struct kept kept;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 200];
    struct image_set first, second;

    scratch_make(folder);
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(text, sizeof text, "[exec: {command: [sh, -c, 'echo >>%s; cat'], batch: 4}]", path);
    OK(run_text(text, &first, &kept));
    size_t starts = lines_of(path);
    CU_ASSERT_EQUAL(starts, 7); /* 8 + 8 + 7 images by fours, and a sample once more */
    CU_ASSERT_EQUAL(kept.count, COUNT + 1);
    CU_ASSERT(kept.told == 1 && kept.always == 1);
    OK(run_text(text, &second, &kept));
    CU_ASSERT_EQUAL(lines_of(path), starts);
    CU_ASSERT(kept.told == 2 && kept.always == 1);
    CU_ASSERT(memcmp(first.pixels, second.pixels, first.offsets[COUNT] * sizeof(float)) == 0);
    image_set_release(&first);
    image_set_release(&second);
    kept_release(&kept);
    scratch_remove(folder);
}

/* Of a program that fails now and then, in one way or another, no whole batch is lost, and none
 * that is not whole is kept. */
static void failures_lose_nothing(void)
{
    static const char script[] =
        "echo >>%s/log; n=$(wc -l <%s/log); case $((n * 7919 %% 13)) in "
        "3) exit 5;; 5) sleep 100;; 7) echo garbage;; 9) head -c 900;; 11) kill -9 $$;; "
        "*) exec cat;; esac";
    static const char *const messages[] = {"exit status 5", "time allowed", "begins with 'garbage",
                                           "killed (signal 9)", "before its answer was whole"};
    static struct kept kept;
    static struct bench bench;
    char folder[SCRATCH_PATH], command[3 * SCRATCH_PATH + 400], text[4 * SCRATCH_PATH + 600];
    struct image_set out;
    enum status status = STATUS_DATA;
    size_t failures[5] = {0}, before = 0;
    enum { IMAGES = 1000, BATCH = 10 };

    scratch_make(folder);
    snprintf(command, sizeof command, script, folder, folder);
    snprintf(text, sizeof text,
             "[exec: {command: [sh, -c, '%s'], batch: %d, timeout: 0.4, deterministic: yes}]",
             command, BATCH);
    bench_new(&bench, text, IMAGES, false, 0, &kept);
    for (int run = 0; run < 400 && status != STATUS_OK; run++) {
        status = bench_run(&bench, &out);
        CU_ASSERT(kept.count >= before && kept.count % BATCH == 0);
        before = kept.count;
        size_t kind = 0;
        while (status != STATUS_OK && kind < 5 && !strstr(error.message, messages[kind]))
            kind++;
        CU_ASSERT_FATAL(kind < 5);
        failures[kind] += status != STATUS_OK;
    }
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    CU_ASSERT_EQUAL(kept.count, IMAGES);
    for (size_t kind = 0; kind < 5; kind++)
        CU_ASSERT(failures[kind] > 0);
    CU_ASSERT(memcmp(out.pixels, bench.inputs.pixels, out.offsets[IMAGES] * sizeof(float)) == 0);
    image_set_release(&out);
    bench_release(&bench);
    kept_release(&kept);
    scratch_remove(folder);
}

/* A program that answers differently the second time is found out; its first answers count. */
static void differences_are_told(void)
{
    static struct kept kept;
    char folder[SCRATCH_PATH], text[3 * SCRATCH_PATH + 300];
    struct bench bench;
    struct image_set out, again;

    scratch_make(folder);
    snprintf(text, sizeof text,
             "[exec: {command: [sh, -c, 'if test -e %s/second; then head -c 128; "
             "head -c 1024 /dev/zero; else touch %s/second; cat; fi']}]",
             folder, folder);
    bench_new(&bench, text, 4, false, 0, &kept);
    OK(bench_run(&bench, &out));
    CU_ASSERT(memcmp(out.pixels, bench.inputs.pixels, out.offsets[4] * sizeof(float)) == 0);
    CU_ASSERT(kept.told == 1 && kept.always == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(kept.note, "does not give the same answer every time: image 0"));
    OK(bench_run(&bench, &again));
    CU_ASSERT(memcmp(out.pixels, again.pixels, out.offsets[4] * sizeof(float)) == 0);
    CU_ASSERT(kept.told == 2 && kept.always == 0);
    image_set_release(&out);
    image_set_release(&again);
    bench_release(&bench);
    kept_release(&kept);
    scratch_remove(folder);
}

/* ---- keys */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_FATAL(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void key_of(const struct bench *bench, struct text *key)
{
    text_clear(key);
    OK(bench->chain.stages[0]->key(bench->chain.configs[0], task_find("denoise"), NULL, key,
                                   &error));
}

/* An edited script has another key; edited while a run is under way, it ends the run. */
static void scripts_are_in_keys(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 80];
    struct text before = {0}, after = {0};
    struct bench bench;
    struct image_set out;

    scratch_make(folder);
    snprintf(path, sizeof path, "%s/clean.sh", folder);
    write_text(path, "cat\n");
    snprintf(text, sizeof text, "[exec: {command: [sh, %s]}]", path);
    bench_new(&bench, text, 4, false, 0, NULL);
    key_of(&bench, &before);
    CU_ASSERT_PTR_NOT_NULL(strstr(before.bytes, "clean.sh]: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(before.bytes, "pipeline.exec[sh]: "));
    write_text(path, "exec cat\n");
    key_of(&bench, &after);
    CU_ASSERT_STRING_EQUAL(before.bytes, after.bytes); /* of this run */
    CU_ASSERT_EQUAL(bench_run(&bench, &out), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "clean.sh was changed since this run began"));
    own_files_forget();
    key_of(&bench, &after);
    CU_ASSERT_STRING_NOT_EQUAL(before.bytes, after.bytes);
    OK(bench_run(&bench, &out));
    image_set_release(&out);
    bench_release(&bench);
    text_release(&before);
    text_release(&after);
    scratch_remove(folder);
}

/* ---- the format */

static void arrays_are_read(void)
{
    static const struct {
        const char *header;
        unsigned char bytes[16];
        float values[4];
    } cases[] = {
        {"{'descr': '>i2', 'fortran_order': False, 'shape': (2, 2)}",
         {0, 1, 0xff, 0xfe, 1, 0, 0x80, 0},
         {1, -2, 256, -32768}},
        {"{'shape': (2, 2), 'fortran_order': True, 'descr': '|u1'}", {1, 2, 3, 4}, {1, 3, 2, 4}},
        {"{\"descr\": \"<u2\", \"fortran_order\": False, \"shape\": (4L,), }",
         {1, 0, 0, 1, 255, 255, 2, 0},
         {1, 256, 65535, 2}},
        {"{'descr': '|b1', 'fortran_order': False, 'shape': (4,), }", {1, 0, 1, 0}, {1, 0, 1, 0}},
    };
    unsigned char file[256] = "\x93NUMPY\x01";
    struct npy npy;
    float values[4];
    size_t length;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file[8] = (unsigned char)strlen(cases[i].header);
        memcpy(file + 10, cases[i].header, file[8]);
        OK(npy_header_length(file, NPY_PRELUDE, &length, &error));
        CU_ASSERT_EQUAL(length, 10 + strlen(cases[i].header));
        OK(npy_parse(file, length, &npy, &error));
        CU_ASSERT_EQUAL_FATAL(npy.count, 4);
        npy_floats(&npy, cases[i].bytes, values);
        CU_ASSERT(memcmp(values, cases[i].values, sizeof values) == 0);
    }
}

static void headers_are_written(void)
{
    static const size_t dims[] = {3, 1, 481, 321};
    char header[NPY_MOST_HEADER], shown[100];
    struct npy npy;
    size_t length = npy_header(dims, 4, header), told;

    CU_ASSERT(length % 64 == 0 && header[length - 1] == '\n');
    OK(npy_header_length((const unsigned char *)header, length, &told, &error));
    CU_ASSERT_EQUAL(told, length);
    OK(npy_parse((const unsigned char *)header, length, &npy, &error));
    CU_ASSERT(npy.rank == 4 && memcmp(npy.dims, dims, sizeof dims) == 0);
    npy_describe(&npy, shown, sizeof shown);
    CU_ASSERT_STRING_EQUAL(shown, "float32 [3, 1, 481, 321]");
}

/* ---- plugin */

static void plugins_answer(void)
{
    struct bench own, built_in;
    struct image_set mine, theirs;

    bench_new(&own, "[plugin: {library: " BUILD_FOLDER "/examples/rank.so, symbol: rank_stage}]",
              COUNT, true, 0, NULL);
    bench_new(&built_in, "[median: {radius: 1}]", COUNT, true, 0, NULL);
    OK(bench_run(&own, &mine));
    OK(bench_run(&built_in, &theirs));
    CU_ASSERT(memcmp(mine.pixels, theirs.pixels, mine.offsets[COUNT] * sizeof(float)) == 0);
    image_set_release(&mine);
    image_set_release(&theirs);
    bench_release(&own);
    bench_release(&built_in);
}

static void plugins_refuse(void)
{
    expect_failure("[plugin: {library: " BUILD_FOLDER "/examples/rank.so, symbol: nothing}]",
                   STATUS_CONFIG, "has no symbol 'nothing'");
    expect_failure("[plugin: {library: " BUILD_FOLDER "/examples/rank.so, symbol: rank_stage, "
                   "settings: radius=99}]",
                   STATUS_CONFIG, "it refuses its settings: expected 'radius=1' to 'radius=7'");
    expect_failure("[plugin: {library: Makefile, symbol: rank_stage}]", STATUS_CONFIG,
                   "cannot be loaded");
    expect_failure("[plugin: {library: no/such.so, symbol: rank_stage}]", STATUS_IO,
                   "No such file or directory");
}

void exec_cache_suite(void)
{
    CU_pSuite suite = CU_add_suite("exec_cache", NULL, NULL);
    CU_add_test(suite, "answers are asked for once", answers_are_kept);
    CU_add_test(suite, "failures lose nothing", failures_lose_nothing);
    CU_add_test(suite, "answers that differ are told", differences_are_told);
    CU_add_test(suite, "scripts are in keys", scripts_are_in_keys);
    CU_add_test(suite, "arrays are read", arrays_are_read);
    CU_add_test(suite, "headers are written", headers_are_written);
    CU_add_test(suite, "plugins answer", plugins_answer);
    CU_add_test(suite, "plugins refuse", plugins_refuse);
}
