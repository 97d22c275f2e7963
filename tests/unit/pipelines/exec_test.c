/* The stage `exec`: the user's own software, what it answers, and how it fails. */
#include "base/interrupt.h"
#include "chain/chain.h"
#include "pipelines/external/own_files.h"
#include "tests/unit/exec_bench.h"
#include "tests/unit/scratch.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void exec_suite(void);

/* ---- what goes well */

/* Arrays come back as they went, in batches of any size, by any number of programs. */
static void images_come_back(void)
{
    static const char *const texts[] = {
        "[exec: {command: [cat]}]",
        "[exec: {command: [cat], persistent: true}]",
        "[exec: {command: [cat], batch: 1, workers: 3, persistent: true}]",
        "[exec: {command: [cat], batch: 5, workers: 2}]",
        "[exec: {command: [sh, -c, 'exec cat'], batch: 1000}]",
    };
    struct bench bench;
    struct image_set out;

    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        bench_new(&bench, texts[t], COUNT, true, 0, NULL);
        OK(bench_run(&bench, &out));
        for (size_t i = 0; i < COUNT; i++)
            CU_ASSERT(shape_equal(out.shapes[i], bench.inputs.shapes[i]));
        CU_ASSERT(memcmp(out.pixels, bench.inputs.pixels,
                         bench.inputs.offsets[COUNT] * sizeof(float)) == 0);
        image_set_release(&out);
        bench_release(&bench);
    }
}

/* Through files: floats as they are, or the nearest of 65536 levels. */
static void images_go_through_files(void)
{
    static const char *const formats[] = {"tiff", "png16", "png"};
    static const double within[] = {0, 0.5 / 65535 + 1e-7, 0.5 / 255 + 1e-7};
    char text[300];
    struct bench bench;
    struct image_set out;

    for (size_t f = 0; f < 3; f++) {
        snprintf(text, sizeof text,
                 "[exec: {command: [sh, -c, 'cp \"$0\"/* \"$1\"', '{in}', '{out}'], "
                 "protocol: files, format: %s, batch: 5, workers: 2}]",
                 formats[f]);
        bench_new(&bench, text, COUNT, true, 0, NULL);
        for (size_t k = 0; k < bench.inputs.offsets[COUNT]; k++) /* PNG holds no others */
            bench.inputs.pixels[k] = fminf(fmaxf(bench.inputs.pixels[k], 0), 1);
        OK(bench_run(&bench, &out));
        for (size_t k = 0; k < out.offsets[COUNT]; k++)
            CU_ASSERT_FATAL(fabs((double)out.pixels[k] - (double)bench.inputs.pixels[k]) <=
                            within[f]);
        image_set_release(&out);
        bench_release(&bench);
    }
}

static void classes_go_through_files(void)
{
    struct bench bench;
    struct image_set out;

    bench_new(&bench,
              "[exec: {command: [sh, -c, 'printf \"image,class\\n0001.png,2\\n0000,1\\n\" "
              ">{out}/classes.csv'], protocol: files}]",
              2, false, 3, NULL);
    OK(bench_run(&bench, &out));
    CU_ASSERT(image_set_at(&out, 0).pixels[1] == 1.0F && image_set_at(&out, 1).pixels[2] == 1.0F);
    image_set_release(&out);
    bench_release(&bench);
}

/* Classes as numbers become scores; class scores stay as they are. */
static void classes_are_answered(void)
{
    static const int64_t classes[] = {2, 0, 1, 2};
    static const float scores[4][3] = {{0, .5F, 1}, {3, 2, 1}, {0, 0, 0}, {-1, -2, -3}};
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 80];
    struct bench bench;
    struct image_set out;

    scratch_make(folder);
    snprintf(path, sizeof path, "%s/answer", folder);
    snprintf(text, sizeof text, "[exec: {command: [cat, %s]}]", path);
    write_answer(path, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }", classes,
                 sizeof classes);
    bench_new(&bench, text, 4, false, 3, NULL);
    OK(bench_run(&bench, &out));
    for (size_t i = 0; i < 4; i++)
        for (int c = 0; c < 3; c++)
            CU_ASSERT(image_set_at(&out, i).pixels[c] == (c == classes[i] ? 1.0F : 0.0F));
    image_set_release(&out);
    bench_release(&bench);
    write_answer(path, "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }", scores,
                 sizeof scores);
    own_files_forget(); /* the answer is an argument, and has changed */
    bench_new(&bench, text, 4, false, 3, NULL);
    OK(bench_run(&bench, &out));
    CU_ASSERT(memcmp(out.pixels, scores, sizeof scores) == 0);
    image_set_release(&out);
    bench_release(&bench);
    scratch_remove(folder);
}

/* The program sees what it is given, and nothing of this process's environment beside. */
static void environment_is_clean(void)
{
    struct image_set out;

    setenv("UNDERSTUDY_TEST_SECRET", "1", 1);
    OK(run_text("[exec: {command: [sh, -c, 'test -z \"$UNDERSTUDY_TEST_SECRET\" && "
                "test \"$NAME\" = \"a b\" && test \"$LANG\" = C.UTF-8 && cat'], "
                "environment: ['NAME=a b']}]",
                &out, NULL));
    image_set_release(&out);
    unsetenv("UNDERSTUDY_TEST_SECRET");
}

static void failures_are_told(void)
{
    static const struct {
        const char *script, *message;
    } cases[] = {
        {"exit 3", "it ended before its answer was whole, with exit status 3"},
        {"cat; exit 4", "it failed with exit status 4"},
        {"kill -9 $$", "killed (signal 9)"},
        {"kill -SEGV $$", "segmentation fault (signal 11)"},
        {"echo oh dear >&2; exit 1", "it said: oh dear"},
        {"echo hello; cat", "it begins with 'hello"},
        {"echo hi", "it begins with 'hi"},
        {"cat; echo more", "it wrote more than its answer"},
        {"head -c 300", "it ended before its answer was whole"},
        {"exec >&-; sleep 100", "it closed its output before its answer was whole"},
        {"cat >/dev/null", "it ended before its answer was whole, with exit status 0"},
        {"sleep 100", "it did not answer within the time allowed"},
        {"cat; sleep 100", "it did not end within the time allowed"},
    };
    char text[400];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *timeout = strstr(cases[i].message, "time allowed") ? "0.3" : "30";
        snprintf(text, sizeof text, "[exec: {command: [sh, -c, '%s'], timeout: %s}]",
                 cases[i].script, timeout);
        expect_failure(text, STATUS_DATA, cases[i].message);
    }
    expect_failure("[exec: {command: [sh, -c, 'exit 3']}]", STATUS_DATA, "image 2 to image 20");
    expect_failure("[exec: {command: [sh, -c, 'exit 3']}]", STATUS_DATA, "stage 1 'exec'");
    expect_failure("[exec: {command: [/nowhere/at/all]}]", STATUS_UNAVAILABLE,
                   "there is no program '/nowhere/at/all'");
    expect_failure("[exec: {command: [/etc/passwd]}]", STATUS_UNAVAILABLE, "there is no program");
}

static void files_are_checked(void)
{
    static const struct {
        const char *script, *message;
    } cases[] = {
        {"true", "it wrote 0 of 1 images to {out}; the first that is missing is 0000"},
        {"exit 7", "it failed with exit status 7"},
        {"cp {in}/0000.png {out}/other.png", "it wrote 'other.png' to {out}"},
        {"cp {in}/0000.png {out}/0001.png", "it wrote '0001.png' to {out}"},
        {"cp {in}/0000.png {out}; cp {in}/0000.png {out}/0000.b",
         "it wrote two files for one image"},
        {"echo P2 1 1 1 1 >{out}/0000.pgm", "an image of 1 x 1 pixels and 1 channel"},
        {"echo hello >{out}/0000.png", "0000.png"},
        {"rm -r {out}", "cannot read {out}"},
        {"sleep 100", "it did not answer within the time allowed"},
    };
    char text[400];
    struct bench bench;
    struct image_set out;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text,
                 "[exec: {command: [sh, -c, '%s'], protocol: files, timeout: %s}]", cases[i].script,
                 strstr(cases[i].script, "sleep") ? "0.3" : "30");
        bench_new(&bench, text, 1, false, 0, NULL);
        CU_ASSERT_NOT_EQUAL(bench_run(&bench, &out), STATUS_OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, cases[i].message));
        if (!strstr(error.message, cases[i].message))
            fprintf(stderr, "%s\n  gave: %s\n", text, error.message);
        bench_release(&bench);
    }
}

/* Arrays that are no answers. */
static void answers_are_checked(void)
{
    static const float nan_values[64] = {[5] = NAN};
    static const double reals[64] = {[5] = 1e300};
    static const struct {
        const char *header, *message;
        const void *values;
        size_t bytes;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 8), }",
         "is not a number, or infinite", nan_values, sizeof nan_values},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 8, 8), }",
         "is not a number, or infinite", reals, sizeof reals},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 7), }",
         "float32 [1, 1, 8, 7]; expected [1, 1, 8, 8] or [1, 8, 8]", nan_values, 224},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 4, 8), }",
         "float32 [2, 1, 4, 8]; expected", nan_values, 256},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 8, 8), }",
         "uint8 [1, 1, 8, 8]; expected float32, black 0 and white 1", nan_values, 64},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1, 8, 8), }",
         "dtype '<c8'; expected float32", nan_values, 256},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 8, }", "a damaged header",
         nan_values, 256},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1, 8, 8), }",
         "a damaged header", nan_values, 256},
    };
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 80];
    struct bench bench;
    struct image_set out;

    scratch_make(folder);
    snprintf(path, sizeof path, "%s/answer", folder);
    snprintf(text, sizeof text, "[exec: {command: [cat, %s]}]", path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_answer(path, cases[i].header, cases[i].values, cases[i].bytes);
        own_files_forget(); /* the answer is an argument, and has changed */
        bench_new(&bench, text, 1, false, 0, NULL);
        CU_ASSERT_EQUAL(bench_run(&bench, &out), STATUS_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, cases[i].message));
        if (!strstr(error.message, cases[i].message))
            fprintf(stderr, "%s\n", error.message);
        bench_release(&bench);
    }
    scratch_remove(folder);
}

static long read_number(const char *path)
{
    long number = 0;
    FILE *file = fopen(path, "r");

    if (file && fscanf(file, "%ld", &number) != 1)
        number = 0;
    if (file)
        fclose(file);
    return number;
}

/* Is the process gone, or about to be reaped by whoever inherited it? */
static bool is_gone(long pid)
{
    char path[64], state = 'X';
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    file = fopen(path, "r");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    if (file)
        fclose(file);
    return state == 'X' || state == 'Z';
}

/* Nothing that the program started outlives it. */
static void no_child_is_left(void)
{
    char folder[SCRATCH_PATH], text[3 * SCRATCH_PATH + 200], path[SCRATCH_PATH + 20];

    scratch_make(folder);
    snprintf(text, sizeof text,
             "[exec: {command: [sh, -c, 'sleep 1000 & echo $! >%s/grandchild; wait'], "
             "timeout: 0.5}]",
             folder);
    expect_failure(text, STATUS_DATA, "it did not answer within the time allowed");
    snprintf(path, sizeof path, "%s/grandchild", folder);
    long pid = read_number(path);
    CU_ASSERT(pid > 0);
    while (!is_gone(pid)) { /* it is killed; the system takes its time */
    }
    scratch_remove(folder);
}

static void *ask_to_stop(void *context)
{
    struct timespec time = {0, 200000000};

    (void)context;
    nanosleep(&time, NULL);
    interrupt_request();
    return NULL;
}

static void interruption(void)
{
    struct image_set out;
    pthread_t thread;

    CU_ASSERT_FATAL(pthread_create(&thread, NULL, ask_to_stop, NULL) == 0);
    CU_ASSERT_EQUAL(
        run_text("[exec: {command: [sleep, '1000'], timeout: 900, workers: 2}]", &out, NULL),
        STATUS_INTERRUPTED);
    pthread_join(thread, NULL);
    interrupt_clear();
}

void exec_suite(void)
{
    CU_pSuite suite = CU_add_suite("exec", NULL, NULL);
    CU_add_test(suite, "images come back as they went", images_come_back);
    CU_add_test(suite, "classes are answered by number or score", classes_are_answered);
    CU_add_test(suite, "images go through files", images_go_through_files);
    CU_add_test(suite, "classes go through files", classes_go_through_files);
    CU_add_test(suite, "the environment is clean", environment_is_clean);
    CU_add_test(suite, "each failure is told", failures_are_told);
    CU_add_test(suite, "answers are checked", answers_are_checked);
    CU_add_test(suite, "files are checked", files_are_checked);
    CU_add_test(suite, "no child is left", no_child_is_left);
    CU_add_test(suite, "interruption", interruption);
}
