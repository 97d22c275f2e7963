/* A chain of one stage that is the user's own software, and images for it. */
#ifndef UNDERSTUDY_TESTS_UNIT_EXEC_BENCH_H
#define UNDERSTUDY_TESTS_UNIT_EXEC_BENCH_H

#include "chain/chain.h"
#include "pipelines/external/own_files.h"
#include "tests/unit/pattern.h"
#include "tests/unit/scratch.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* ---- a folder of a test's own */

static void scratch_remove(const char *folder)
{
    char command[SCRATCH_PATH + 20];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    CU_ASSERT_FATAL(system(command) == 0);
}

static inline void scratch_make(char folder[SCRATCH_PATH])
{
    scratch_path(folder, "exec");
    scratch_remove(folder);
    CU_ASSERT_FATAL(mkdir(folder, 0777) == 0);
}

/* A file for `cat`: an array of this header and these bytes. */
static inline void write_answer(const char *path, const char *header, const void *values,
                                size_t bytes)
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

/* ---- a chain of `text` on some images */

struct bench {
    struct stages_text stages;
    struct image_set inputs;
    struct chain chain;
    struct stage_answers answers;
};

static void bench_asks(struct bench *bench, const char *text, size_t count, bool mixed,
                       struct answer answer, struct kept *kept)
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
        .answer = answer,
        .means = {.answers = kept ? &bench->answers : NULL},
    };
    OK(chain_make(&bench->chain, &bench->stages.stages, 0, false, &examples,
                  (struct random_key){1, 0}, 2, NULL, &error));
}

static inline void bench_new(struct bench *bench, const char *text, size_t count, bool mixed,
                             int classes, struct kept *kept)
{
    struct answer answer = {classes ? CONTENT_SCORES : CONTENT_IMAGE, classes};

    bench_asks(bench, text, count, mixed, answer, kept);
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
static inline enum status run_text(const char *text, struct image_set *out, struct kept *kept)
{
    struct bench bench;

    bench_new(&bench, text, COUNT, true, 0, kept);
    enum status status = bench_run(&bench, out);
    bench_release(&bench);
    return status;
}

/* ---- what goes wrong */

static inline void expect_failure(const char *text, enum status expected, const char *message)
{
    struct image_set out;
    enum status status = run_text(text, &out, NULL);

    CU_ASSERT_EQUAL(status, expected);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, message));
    if (status != expected || !strstr(error.message, message))
        fprintf(stderr, "%s\n  gave: %s\n", text, error.message);
    CU_ASSERT_PTR_NULL(out.pixels);
}

#endif
