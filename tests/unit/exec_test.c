/* The stages `exec` and `plugin`: the user's own software, what it answers, and how it fails. */
#include "base/interrupt.h"
#include "chain/chain.h"
#include "io/files/npy.h"
#include "pipelines/external/own_files.h"
#include "tasks/registry.h"
#include "tests/unit/pattern.h"
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

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { COUNT = 23, MOST_KEPT = 2000 };

static struct error error;

/* ---- answers that are kept, in memory */

struct kept {
    char keys[MOST_KEPT][HASH_TEXT];
    float *values[MOST_KEPT];
    size_t count;
    int told, always; /* what was said of whether answers repeat */
    char note[400];
};

static enum status recall(void *context, const char *key, struct image answer, bool *known,
                          struct error *fault)
{
    struct kept *kept = context;

    (void)fault;
    *known = false;
    for (size_t i = 0; i < kept->count; i++)
        if (strcmp(kept->keys[i], key) == 0) {
            memcpy(answer.pixels, kept->values[i], shape_size(answer.shape) * sizeof(float));
            *known = true;
        }
    return STATUS_OK;
}

static enum status keep(void *context, const char *key, struct image answer, struct error *fault)
{
    struct kept *kept = context;
    size_t bytes = shape_size(answer.shape) * sizeof(float);

    (void)fault;
    CU_ASSERT_FATAL(kept->count < MOST_KEPT);
    memcpy(kept->keys[kept->count], key, HASH_TEXT);
    kept->values[kept->count] = malloc(bytes);
    memcpy(kept->values[kept->count++], answer.pixels, bytes);
    return STATUS_OK;
}

static enum status repeats(void *context, bool always, const char *note, struct error *fault)
{
    struct kept *kept = context;

    (void)fault;
    kept->told++;
    kept->always = always;
    snprintf(kept->note, sizeof kept->note, "%s", note);
    return STATUS_OK;
}

static void kept_release(struct kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->values[i]);
    kept->count = 0;
}

/* ---- a folder of a test's own */

static void scratch_remove(const char *folder)
{
    char command[SCRATCH_PATH + 20];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    CU_ASSERT_FATAL(system(command) == 0);
}

static void scratch_make(char folder[SCRATCH_PATH])
{
    scratch_path(folder, "exec");
    scratch_remove(folder);
    CU_ASSERT_FATAL(mkdir(folder, 0777) == 0);
}

/* ---- a chain of `text` on some images */

struct bench {
    struct stages_text stages;
    struct image_set inputs;
    struct chain chain;
    struct stage_answers answers;
};

static void bench_new(struct bench *bench, const char *text, size_t count, bool mixed, int classes,
                      struct kept *kept)
{
    static const struct shape shapes[] = {{1, 20, 31}, {1, 31, 20}, {1, 8, 8}};
    struct shape each[MOST_KEPT];

    memset(bench, 0, sizeof *bench);
    stages_text_read(&bench->stages, text);
    for (size_t i = 0; i < count; i++)
        each[i] = shapes[mixed ? i % 3 : 2];
    OK(image_set_new(&bench->inputs, count, each, NULL));
    for (size_t i = 0; i < count; i++) {
        pattern_noisy(image_set_at(&bench->inputs, i), (int)i);
        image_set_at(&bench->inputs, i).pixels[0] = (float)i; /* no two are alike */
    }
    bench->answers = (struct stage_answers){recall, keep, repeats, kept};
    struct chain_examples examples = {
        .inputs = &bench->inputs,
        .class_count = classes,
        .means = {.answers = kept ? &bench->answers : NULL},
    };
    OK(chain_make(&bench->chain, &bench->stages.stages, 0, false, &examples,
                  (struct random_key){1, 0}, 2, NULL, &error));
}

static void bench_release(struct bench *bench)
{
    chain_release(&bench->chain);
    image_set_release(&bench->inputs);
    stages_text_release(&bench->stages);
}

static enum status bench_run(struct bench *bench, struct image_set *out)
{
    memset(&error, 0, sizeof error);
    enum status status =
        chain_run(&bench->chain, 0, bench->chain.count, &bench->inputs, NULL, 2, out, &error);
    chain_rest(&bench->chain);
    return status;
}

/* The chain of `text` run once on COUNT images of three sizes, answers kept where they are asked
 * for. */
static enum status run_text(const char *text, struct image_set *out, struct kept *kept)
{
    struct bench bench;

    bench_new(&bench, text, COUNT, true, 0, kept);
    enum status status = bench_run(&bench, out);
    bench_release(&bench);
    return status;
}

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

/* A shell script that answers with an array of this header and these bytes. */
static void write_answer(const char *path, const char *header, const void *values, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    size_t length = strlen(header) + 1, padded = (length + 10 + 63) / 64 * 64 - 10;

    CU_ASSERT_FATAL(file != NULL);
    fwrite("\x93NUMPY\x01", 1, 7, file);
    fputc(0, file);
    fputc((int)(padded & 0xff), file);
    fputc((int)(padded >> 8), file);
    fprintf(file, "%s%*s\n", header, (int)(padded - length), "");
    fwrite(values, 1, bytes, file);
    fclose(file);
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

/* ---- what goes wrong */

static void expect_failure(const char *text, enum status expected, const char *message)
{
    struct image_set out;
    enum status status = run_text(text, &out, NULL);

    CU_ASSERT_EQUAL(status, expected);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, message));
    if (status != expected || !strstr(error.message, message))
        fprintf(stderr, "%s\n  gave: %s\n", text, error.message);
    CU_ASSERT_PTR_NULL(out.pixels);
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
    CU_add_test(suite, "answers are asked for once", answers_are_kept);
    CU_add_test(suite, "failures lose nothing", failures_lose_nothing);
    CU_add_test(suite, "answers that differ are told", differences_are_told);
    CU_add_test(suite, "scripts are in keys", scripts_are_in_keys);
    CU_add_test(suite, "arrays are read", arrays_are_read);
    CU_add_test(suite, "headers are written", headers_are_written);
    CU_add_test(suite, "plugins answer", plugins_answer);
    CU_add_test(suite, "plugins refuse", plugins_refuse);
}
