/*
 * Asking the program. Images of one shape go to it in batches; each answer is kept by the digest of
 * the image and of all else that it depends on, so that it is asked for once, whatever is killed or
 * tried next. A batch counts whole or not at all.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/work.h"
#include "io/files/home.h"
#include "pipelines/external/exec.h"
#include "pipelines/external/own_files.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, SAMPLE = 4 };

struct asking {
    const struct exec *exec;
    struct exec_state *state;
    const struct stage_call *call;
    struct image_set *out;
    char (*keys)[HASH_TEXT]; /* [in->count] */
    uint32_t *images;        /* those to ask for, batch by batch */
    size_t count;
    struct exec_batch *batches;
    size_t batch_count;
    pthread_mutex_t lock; /* of what follows, and of answers that are kept */
    enum status status;   /* of the first batch that failed … */
    size_t failed;
    struct error *error;
    int work; /* that is told (base/work.h) */
};

/* ---- the state: what a start needs */

static enum status add_variable(struct exec_state *state, const struct exec *exec, const char *name,
                                const char *value, struct error *error)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < exec->environment.count; i++)
        if (strncmp(exec->environment.items[i], name, length) == 0 &&
            exec->environment.items[i][length] == '=')
            return STATUS_OK; /* it says so itself */
    if (value) {
        text_append(&state->environment_bytes, "%s=%s", name, value);
        text_append_bytes(&state->environment_bytes, "", 1);
    }
    return text_status(&state->environment_bytes, error);
}

static enum status make_environment(struct exec_state *state, const struct exec *exec,
                                    struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const kept[] = {"PATH", "HOME", "TMPDIR"};
    struct text *bytes = &state->environment_bytes, python = {0};
    size_t count = 0;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        TRY(add_variable(state, exec, kept[i], getenv(kept[i]), error));
    if (home_of_this(&python, NULL) == STATUS_OK) { /* else there is no such module */
        text_append(&python, "/python");
        TRY(text_status(&python, error));
        TRY(add_variable(state, exec, "PYTHONPATH", python.bytes, error));
    }
    TRY(add_variable(state, exec, "LANG", "C.UTF-8", error));
    for (size_t i = 0; i < exec->environment.count; i++) {
        text_append(bytes, "%s", exec->environment.items[i]);
        text_append_bytes(bytes, "", 1);
    }
    TRY(text_status(bytes, error));
    TRY(memory_new(&state->environment, exec->environment.count + 6, sizeof *state->environment,
                   error));
    for (size_t at = 0; at < bytes->length; at += strlen(bytes->bytes + at) + 1)
        state->environment[count++] = bytes->bytes + at;
out:
    text_release(&python);
    return status;
}

/* The command, seen from the folder in which it runs: a program without a folder is the one in
 * PATH, and what is only on the search path is named by its whole path. */
static enum status make_arguments(struct exec_state *state, const struct exec *exec,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    TRY(memory_new(&state->arguments, exec->command.count + 1, sizeof *state->arguments, error));
    for (size_t i = 0; i < exec->command.count; i++) {
        const char *name = exec->command.items[i];
        bool in_path = i == 0 && !strchr(name, '/');
        text_clear(&path);
        state->arguments[i] = name;
        if (in_path ? own_program_find(exec->folder, name, &path)
                    : own_file_path(exec->folder, name, &path))
            TRY(text_keep(&path, &state->arena, &state->arguments[i], error));
    }
out:
    text_release(&path);
    return status;
}

/* All that an answer depends on beside the image. */
static enum status digest_settings(struct exec_state *state, const struct exec *exec,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    const struct text_list *lists[] = {&exec->command, &exec->environment};
    struct text files = {0};
    struct hash hash = {0};

    TRY(exec_files_unchanged(exec, error));
    TRY(exec_print_files(exec, &files, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_number(&hash, VERSION, error));
    for (size_t l = 0; l < 2; l++) {
        TRY(hash_number(&hash, lists[l]->count, error));
        for (size_t i = 0; i < lists[l]->count; i++)
            TRY(hash_text(&hash, lists[l]->items[i], error));
    }
    TRY(hash_number(&hash, (uint64_t)exec->protocol, error));
    TRY(hash_number(&hash, (uint64_t)exec->format, error));
    TRY(hash_number(&hash, (uint64_t)exec->output, error));
    TRY(hash_text(&hash, files.bytes ? files.bytes : "", error));
    TRY(hash_end(&hash, state->settings, error));
out:
    hash_release(&hash);
    text_release(&files);
    return status;
}

void exec_release(void *pointer)
{
    struct exec_state *state = pointer;

    for (size_t i = 0; state->running && i < state->count; i++)
        if (state->running[i])
            child_end(&state->children[i], !interrupt_requested());
    memory_free(state->arguments);
    arena_release(&state->arena);
    memory_free(state->environment);
    memory_free(state->children);
    memory_free(state->running);
    text_release(&state->environment_bytes);
    memory_free(state);
}

enum status exec_start(const void *config, void **pointer, struct error *error)
{
    enum status status = STATUS_OK;
    const struct exec *exec = config;
    struct exec_state *state = NULL;
    struct text path = {0};

    *pointer = NULL;
    bool there = own_program_find(exec->folder, exec->command.items[0], &path);
    TRY(text_status(&path, error));
    if (!there)
        TRY(error_set(error, STATUS_UNAVAILABLE, "there is no program '%s'",
                      exec->command.items[0]));
    TRY(memory_new(&state, 1, sizeof *state, error));
    state->count = (size_t)exec->workers;
    TRY(memory_new(&state->children, state->count, sizeof *state->children, error));
    TRY(memory_new(&state->running, state->count, sizeof *state->running, error));
    TRY(make_arguments(state, exec, error));
    TRY(make_environment(state, exec, error));
    TRY(digest_settings(state, exec, error));
    if (exec->protocol == EXEC_FILES)
        exec_sweep();
    *pointer = state;
    state = NULL;
out:
    if (state)
        exec_release(state);
    text_release(&path);
    return status;
}

/* The program that answers: started, unless it already runs. */
static enum status begin(const struct exec *exec, const struct exec_state *state,
                         struct child *child, bool *running, struct error *error)
{
    struct child_program program = {state->arguments, state->environment,
                                    exec->folder && exec->folder[0] ? exec->folder : "."};
    enum status status = STATUS_OK;

    if (*running)
        return STATUS_OK;
    status = child_start(child, &program, error);
    *running = status == STATUS_OK;
    return status;
}

/* ---- one batch */

/* The images, the command, what is wrong, and what the program said last. */
static void explain(const struct asking *asking, const struct exec_batch *batch, const char *said,
                    struct error *error)
{
    struct text command = {0};
    struct error before = *error;
    char first[IMAGE_NAME], last[IMAGE_NAME];

    for (size_t i = 0; i < asking->exec->command.count; i++) {
        text_append(&command, "%s", i ? " " : "");
        text_append_escaped(&command, asking->exec->command.items[i]);
    }
    image_name(asking->call->names, batch->images[0], first);
    image_name(asking->call->names, batch->images[batch->count - 1], last);
    enum status status = error_set(error, before.code, "%.150s%s%.150s: '%.150s': %.300s%s%.300s",
                                   first, batch->count > 1 ? " to " : "",
                                   batch->count > 1 ? last : "", command.bytes ? command.bytes : "",
                                   before.message, said[0] ? "; it said: " : "", said);
    (void)status; /* as it was */
    text_release(&command);
}

/* A value of an answer that is none. */
static bool is_wrong(const struct exec_batch *batch, float value)
{
    bool unknown =
        isnan(value) && (batch->content == CONTENT_MASK || batch->content == CONTENT_MAP);

    if (unknown)
        return false;
    return batch->content == CONTENT_MASK
               ? !(value >= 0 && value < (float)batch->classes && value == floorf(value))
               : !isfinite(value);
}

/* What is not known in masks and maps becomes NaN; everything else must be a number, and the pixels
 * of masks those of classes. */
static enum status take_answers(const struct asking *asking, const struct exec_batch *batch,
                                struct error *error)
{
    size_t size = shape_size(batch->to), width = (size_t)batch->to.width;
    char name[IMAGE_NAME];
    double ignored;
    bool ignores = exec_ignored(batch->exec, &ignored);

    for (size_t k = 0; k < batch->count * size; k++) {
        float *value = &batch->answers[k];
        if (ignores && (double)*value == ignored)
            *value = (float)NAN;
        if (!is_wrong(batch, *value))
            continue;
        image_name(asking->call->names, batch->images[k / size], name);
        if (batch->content != CONTENT_MASK)
            return error_set(error, STATUS_DATA,
                             "a value of its answer for %s is not a number, or infinite", name);
        return error_set(error, STATUS_DATA,
                         "pixel (%zu, %zu) of its answer for %s is %g; expected the number of a "
                         "class, 0 to %d%s%s",
                         k % size % width, k % size / width, name, (double)*value,
                         batch->classes - 1, ignores ? ", or what is ignored, " : "",
                         ignores ? batch->exec->ignore : "");
    }
    return STATUS_OK;
}

/* Ask for a batch, by the program that is there or a new one. */
static enum status ask(const struct asking *asking, const struct exec_batch *batch,
                       struct child *child, bool *running, struct error *error)
{
    enum status status = STATUS_OK;
    struct error own = {0};
    char said[300] = "";

    if (asking->exec->protocol == EXEC_FILES) {
        TRY(exec_files(batch, child, running, &own));
    } else {
        TRY(begin(asking->exec, asking->state, child, running, &own));
        TRY(exec_npy(batch, child, &own));
    }
    TRY(take_answers(asking, batch, &own));
out:
    if (*running && (status != STATUS_OK || !asking->exec->persistent)) {
        child_end(child, false);
        *running = false;
    }
    if (status == STATUS_OK)
        return status;
    child_tail(child, said, sizeof said);
    if (status != STATUS_INTERRUPTED && status != STATUS_MEMORY)
        explain(asking, batch, said, &own);
    if (error)
        *error = own;
    return status;
}

/* The batch's answers go into place, and are kept. */
static enum status take(struct asking *asking, const struct exec_batch *batch, struct error *error)
{
    const struct stage_answers *answers = asking->call->answers;
    size_t size = shape_size(batch->to);

    PASS(exec_files_unchanged(asking->exec, error));
    for (size_t i = 0; i < batch->count; i++) {
        struct image image = image_set_at(asking->out, batch->images[i]);
        memcpy(image.pixels, batch->answers + i * size, size * sizeof(float));
        if (answers)
            PASS(answers->keep(answers->context, asking->keys[batch->images[i]], image, error));
    }
    return STATUS_OK;
}

static void run_batch(void *context, size_t index, int thread)
{
    struct asking *asking = context;
    struct exec_batch *batch = &asking->batches[index];
    struct error error = {0};
    enum status status;

    pthread_mutex_lock(&asking->lock);
    bool failed = asking->status != STATUS_OK;
    pthread_mutex_unlock(&asking->lock);
    if (failed)
        return;
    status =
        memory_new(&batch->answers, batch->count, shape_size(batch->to) * sizeof(float), &error);
    if (status == STATUS_OK)
        status = ask(asking, batch, &asking->state->children[thread],
                     &asking->state->running[thread], &error);
    pthread_mutex_lock(&asking->lock);
    if (status == STATUS_OK)
        status = take(asking, batch, &error);
    work_did(asking->work, batch->count);
    if (status != STATUS_OK && (asking->status == STATUS_OK || index < asking->failed)) {
        asking->status = status;
        asking->failed = index;
        if (asking->error)
            *asking->error = error;
    }
    pthread_mutex_unlock(&asking->lock);
    memory_free(batch->answers);
    batch->answers = NULL;
}

/* ---- all of them */

static void make_key(void *context, size_t index, int thread)
{
    struct asking *asking = context;
    struct image in = image_set_at(asking->call->in, index);
    struct shape to = image_set_at(asking->out, index).shape;
    const int sides[] = {in.shape.channels, in.shape.height, in.shape.width,
                         to.channels,       to.height,       to.width};
    struct hash hash = {0};
    enum status status = STATUS_OK;

    (void)thread;
    asking->keys[index][0] = '\0';
    TRY(hash_begin(&hash, NULL));
    TRY(hash_text(&hash, asking->state->settings, NULL));
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        TRY(hash_number(&hash, (uint64_t)sides[i], NULL));
    TRY(hash_bytes(&hash, in.pixels, shape_size(in.shape) * sizeof(float), NULL));
    TRY(hash_end(&hash, asking->keys[index], NULL));
out:
    hash_release(&hash);
}

/* Room for the answers, their keys, and those that are known. */
static enum status recall(struct asking *asking, bool *known, struct error *error)
{
    const struct stage_answers *answers = asking->call->answers;
    const struct image_set *in = asking->call->in;

    if (!answers)
        return STATUS_OK;
    parallel_for(asking->call->threads, in->count, make_key, asking);
    for (size_t i = 0; i < in->count; i++) {
        if (!asking->keys[i][0])
            return error_set(error, STATUS_MEMORY, "no memory for the images' digests");
        PASS(answers->recall(answers->context, asking->keys[i], image_set_at(asking->out, i),
                             &known[i], error));
    }
    return STATUS_OK;
}

/* Cut what is not known into batches, of one shape each. */
static enum status plan_batches(struct asking *asking, const bool *known, struct error *error)
{
    enum status status = STATUS_OK;
    const struct image_set *in = asking->call->in;
    struct shape_share *shapes = NULL;
    size_t count = 0, most = (size_t)asking->exec->batch;
    enum content content = external_content(asking->exec->output);

    TRY(image_set_shapes(in, &shapes, &count, error));
    TRY(memory_new(&asking->images, in->count, sizeof *asking->images, error));
    TRY(memory_new(&asking->batches, in->count, sizeof *asking->batches, error));
    for (size_t s = 0; s < count; s++) {
        size_t filled = most; /* of the batch at hand */
        for (size_t i = shapes[s].first; i < in->count; i++) {
            if (known[i] || !shape_equal(in->shapes[i], shapes[s].shape))
                continue;
            if (filled == most) {
                asking->batches[asking->batch_count++] = (struct exec_batch){
                    .exec = asking->exec,
                    .state = asking->state,
                    .in = in,
                    .images = asking->images + asking->count,
                    .from = in->shapes[i],
                    .to = asking->out->shapes[i],
                    .content = content == CONTENT_ANSWER ? asking->call->answer.content : content,
                    .classes = asking->call->answer.count};
                filled = 0;
            }
            asking->images[asking->count++] = (uint32_t)i;
            asking->batches[asking->batch_count - 1].count = ++filled;
        }
    }
out:
    memory_free(shapes);
    return status;
}

static enum status make_room(struct asking *asking, struct error *error)
{
    enum status status = STATUS_OK;
    const struct image_set *in = asking->call->in;
    struct shape *shapes = NULL;
    struct answer answer = asking->call->answer;

    TRY(memory_new(&shapes, in->count, sizeof *shapes, error));
    for (size_t i = 0; i < in->count; i++)
        TRY(exec_shape(asking->exec, in->shapes[i], answer, &shapes[i], error));
    TRY(image_set_new(asking->out, in->count, shapes, error));
    TRY(memory_new(&asking->keys, in->count, sizeof *asking->keys, error));
out:
    memory_free(shapes);
    return status;
}

/* ---- is it the same every time? Asked where answers are kept: new images, and what is timed, are
 * answered once. */

/* What was found out when it was last asked twice is kept, too. */
static enum status verdict_key(const struct asking *asking, char key[HASH_TEXT],
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, asking->state->settings, error));
    TRY(hash_text(&hash, "asked twice", error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    return status;
}

/* `image`: the first that got another answer; "": that is not known any more. */
static enum status tell_verdict(const struct asking *asking, bool same, const char *image,
                                struct error *error)
{
    const struct stage_answers *answers = asking->call->answers;
    char note[400];

    snprintf(note, sizeof note,
             "'%.100s' does not give the same answer every time%s%.200s; its first answers are "
             "kept",
             asking->exec->command.items[asking->exec->command.count > 1], image[0] ? ": " : "",
             image);
    return answers->repeats(answers->context, same, same ? "" : note, error);
}

/* Ask again for the first few images, by another start of the program. */
static enum status ask_again(struct asking *asking, bool *same, struct error *error)
{
    enum status status = STATUS_OK;
    struct exec_batch sample = asking->batches[0];
    size_t size = shape_size(sample.to);
    struct child child = {0};
    bool running = false;
    char name[IMAGE_NAME] = "";

    sample.count = sample.count < SAMPLE ? sample.count : SAMPLE;
    TRY(memory_new(&sample.answers, sample.count, size * sizeof(float), error));
    TRY(ask(asking, &sample, &child, &running, error));
    size_t first = 0; /* that is different */
    while (first < sample.count && memcmp(image_set_at(asking->out, sample.images[first]).pixels,
                                          sample.answers + first * size, size * sizeof(float)) == 0)
        first++;
    *same = first == sample.count;
    if (!*same)
        image_name(asking->call->names, sample.images[first], name);
    TRY(tell_verdict(asking, *same, name, error));
out:
    if (running)
        child_end(&child, status == STATUS_OK);
    memory_free(sample.answers);
    return status;
}

static enum status check_again(struct asking *asking, struct error *error)
{
    const struct stage_answers *answers = asking->call->answers;
    float verdict = 1;
    struct image kept = {{1, 1, 1}, &verdict};
    bool known = false, same = false;
    char key[HASH_TEXT];

    PASS(verdict_key(asking, key, error));
    PASS(answers->recall(answers->context, key, kept, &known, error));
    if (known)
        PASS(tell_verdict(asking, verdict > 0, "", error));
    if (known || !asking->batch_count)
        return STATUS_OK;
    PASS(ask_again(asking, &same, error));
    verdict = same;
    return answers->keep(answers->context, key, kept, error);
}

static size_t count_known(const bool *known, size_t images)
{
    size_t count = 0;

    for (size_t i = 0; i < images; i++)
        count += known[i];
    return count;
}

enum status exec_run(const void *config, void *state, const struct stage_call *call,
                     struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct asking asking = {.exec = config,
                            .state = state,
                            .call = call,
                            .out = out,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .error = error};
    bool *known = NULL;

    memset(out, 0, sizeof *out);
    TRY(memory_new(&known, call->in->count, sizeof *known, error));
    TRY(make_room(&asking, error));
    TRY(recall(&asking, known, error));
    TRY(plan_batches(&asking, known, error));
    asking.work = work_begin(call->in->count, "images");
    work_skip(asking.work, count_known(known, call->in->count));
    parallel_for((int)asking.exec->workers, asking.batch_count, run_batch, &asking);
    work_end(asking.work);
    TRY(asking.status);
    TRY(interrupt_check(error));
    if (call->answers && asking.exec->deterministic == EXEC_CHECK)
        TRY(check_again(&asking, error));
    else if (call->answers)
        TRY(call->answers->repeats(call->answers->context, asking.exec->deterministic == EXEC_YES,
                                   "", error));
out:
    memory_free(known);
    memory_free(asking.keys);
    memory_free(asking.images);
    memory_free(asking.batches);
    pthread_mutex_destroy(&asking.lock);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}
