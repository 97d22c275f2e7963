/*
 * The protocol `npy`: a batch is one array of float32 [image, channel, height, width] on the
 * program's stdin, and its answer is one array on its stdout: images of that form, features
 * [image, number], class scores [image, class], or the classes' numbers [image]; masks and maps
 * as images, the channel left out where it is the only one; numbers [image, number], or [image].
 */
#include "base/memory.h"
#include "io/files/npy.h"
#include "pipelines/external/exec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct npy_answer {
    const struct exec_batch *batch;
    unsigned char header[NPY_MOST_HEADER];
    size_t length; /* of the header; 0: not known yet */
    struct npy npy;
    unsigned char *values;      /* where they go: `own`, or the batch's answers */
    unsigned char *own;         /* NULL: they are of the batch's own form */
    size_t got, expected_bytes; /* of what is being read */
    bool in_values;
};

/* The shapes that an answer may have: 0 the whole one, 1 the short one; false: there is no such. */
static bool expected_shape(const struct exec_batch *batch, int form, size_t dims[4], int *rank)
{
    struct shape to = batch->to;
    size_t channels = (size_t)to.channels;
    bool pixels = content_is_spatial(batch->content);
    bool numbers = batch->content == CONTENT_NUMBERS && channels == 1;

    dims[0] = batch->count;
    dims[1] = channels;
    dims[2] = (size_t)to.height;
    dims[3] = (size_t)to.width;
    *rank = pixels ? 4 : 2;
    if (form == 1 && pixels && channels == 1) {
        dims[1] = dims[2];
        dims[2] = dims[3];
        *rank = 3;
        return true;
    }
    if (form == 1)
        *rank = 1;
    return form == 0 || batch->content == CONTENT_SCORES || numbers;
}

static bool has_shape(const struct npy *npy, const size_t *dims, int rank)
{
    return npy->rank == rank && memcmp(npy->dims, dims, (size_t)rank * sizeof *dims) == 0;
}

static enum status check_form(const struct npy_answer *answer, struct error *error)
{
    const struct npy *npy = &answer->npy;
    const struct exec_batch *batch = answer->batch;
    bool image = batch->content == CONTENT_IMAGE;
    char found[240], expected[200], other[220] = "";
    size_t dims[4];
    int rank;

    npy_describe(npy, found, sizeof found);
    for (int form = 1; form >= 0; form--) {
        if (!expected_shape(batch, form, dims, &rank))
            continue;
        npy_describe_shape(dims, rank, expected, sizeof expected);
        if (form)
            snprintf(other, sizeof other, " or %s", expected);
        if (!has_shape(npy, dims, rank))
            continue;
        if (image && npy->kind != 'f')
            return error_set(error, STATUS_DATA,
                             "it answered with an array %s; expected float32, black 0 and white 1",
                             found);
        if (form && batch->content == CONTENT_SCORES && npy->kind == 'f')
            return error_set(error, STATUS_DATA,
                             "it answered with an array %s; expected whole numbers, the classes'",
                             found);
        return STATUS_OK;
    }
    return error_set(error, STATUS_DATA, "it answered with an array %s; expected %s%s", found,
                     expected, other);
}

/* The header is there: where do the values go? */
static enum status begin_values(struct npy_answer *answer, struct error *error)
{
    const struct exec_batch *batch = answer->batch;
    struct npy *npy = &answer->npy;

    PASS(npy_parse(answer->header, answer->length, npy, error));
    PASS(check_form(answer, error));
    answer->expected_bytes = npy->count * npy->size;
    answer->in_values = true;
    answer->got = 0;
    bool same = npy->kind == 'f' && npy->size == sizeof(float) && !npy->big &&
                (!npy->fortran || npy->rank < 2) &&
                npy->count == batch->count * shape_size(batch->to);
    if (!same)
        PASS(memory_new(&answer->own, npy->count, npy->size, error));
    answer->values = same ? (unsigned char *)batch->answers : answer->own;
    return STATUS_OK;
}

static enum status answer_room(void *context, void **at, size_t *most, struct error *error)
{
    struct npy_answer *answer = context;
    size_t wanted = answer->in_values ? answer->expected_bytes
                    : answer->length  ? answer->length
                                      : NPY_PRELUDE;

    (void)error;
    *at = (answer->in_values ? answer->values : answer->header) + answer->got;
    *most = wanted - answer->got;
    return STATUS_OK;
}

static enum status answer_got(void *context, size_t count, bool *whole, struct error *error)
{
    struct npy_answer *answer = context;

    answer->got += count;
    if (!answer->in_values && !answer->length && answer->got == NPY_PRELUDE)
        PASS(npy_header_length(answer->header, answer->got, &answer->length, error));
    if (!answer->in_values && answer->length && answer->got == answer->length)
        PASS(begin_values(answer, error));
    *whole = answer->in_values && answer->got == answer->expected_bytes;
    return STATUS_OK;
}

/* Numbers of classes become scores: 1 for the class, 0 for the others. */
static enum status take_classes(const struct npy_answer *answer, const float *numbers,
                                struct error *error)
{
    const struct exec_batch *batch = answer->batch;
    int classes = batch->to.channels;

    for (size_t i = 0; i < batch->count; i++) {
        float *scores = batch->answers + i * (size_t)classes;
        if (!(numbers[i] >= 0 && numbers[i] < (float)classes))
            return error_set(error, STATUS_DATA,
                             "answer %zu of the batch is class %g; expected 0 to %d", i,
                             (double)numbers[i], classes - 1);
        for (int c = 0; c < classes; c++)
            scores[c] = c == (int)numbers[i] ? 1 : 0;
    }
    return STATUS_OK;
}

static enum status take_values(const struct npy_answer *answer, struct error *error)
{
    enum status status = STATUS_OK;
    const struct exec_batch *batch = answer->batch;
    float *numbers = NULL;

    if (answer->npy.rank == 1 && batch->content == CONTENT_SCORES) {
        TRY(memory_new(&numbers, batch->count, sizeof *numbers, error));
        npy_floats(&answer->npy, answer->own, numbers);
        TRY(take_classes(answer, numbers, error));
    } else if (answer->own) {
        npy_floats(&answer->npy, answer->own, batch->answers);
    }
out:
    memory_free(numbers);
    return status;
}

/* What it wrote was no array at all, and short. */
static enum status say_what(const struct npy_answer *answer, struct error *error)
{
    struct error before = error ? *error : (struct error){0};
    size_t length;

    if (answer->in_values || answer->length || answer->got == 0 || before.code != STATUS_DATA)
        return before.code;
    enum status status = npy_header_length(answer->header, answer->got, &length, error);
    return status == STATUS_OK ? before.code : status;
}

enum status exec_npy(const struct exec_batch *batch, struct child *child, struct error *error)
{
    enum status status = STATUS_OK;
    size_t dims[4] = {batch->count, (size_t)batch->from.channels, (size_t)batch->from.height,
                      (size_t)batch->from.width};
    char header[NPY_MOST_HEADER];
    struct iovec *pieces = NULL;
    struct npy_answer *answer = NULL;
    struct child_sink sink = {answer_room, answer_got, NULL};

    TRY(memory_new(&answer, 1, sizeof *answer, error));
    TRY(memory_new(&pieces, batch->count + 1, sizeof *pieces, error));
    answer->batch = batch;
    sink.context = answer;
    pieces[0] = (struct iovec){header, npy_header(dims, 4, header)};
    for (size_t i = 0; i < batch->count; i++)
        pieces[i + 1] = (struct iovec){image_set_at(batch->in, batch->images[i]).pixels,
                                       shape_size(batch->from) * sizeof(float)};
    status = child_talk(child, pieces, batch->count + 1, &sink, !batch->exec->persistent,
                        batch->exec->timeout, error);
    if (status == STATUS_DATA && error)
        status = say_what(answer, error);
    if (status == STATUS_OK)
        status = take_values(answer, error);
out:
    if (answer)
        memory_free(answer->own);
    memory_free(answer);
    memory_free(pieces);
    return status;
}
