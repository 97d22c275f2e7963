#include "deploy/apply_private.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/text.h"
#include "base/work.h"
#include "deploy/guarded.h"

#include <string.h>
#include <unistd.h>

enum {
    BATCH_FILES = 4096,
    BATCH_FLOATS = 1 << 23, /* of inputs, where more than one image is in it */
    LOOK_FILES = 64,        /* that are looked at before it is known whether they fit */
    KEPT_BYTES = 1 << 16,   /* of a file that is not read twice, once to look and once to decode */
};

/* One image on its way. */
struct apply_item {
    struct shape shape; /* of all its channels */
    enum imagefile_format format;
    struct imagefile_found found;
    struct error failure;
    enum status status;
    size_t place; /* among those that were read */
};

struct applying {
    const struct model *model;
    const struct apply_request *request;
    struct apply_summary *summary;
    struct apply_output output;
    struct imagefiles *inputs; /* [request->input_count] */
    struct apply_item *items;  /* [BATCH_FILES] */
    bool *handed;              /* [BATCH_FILES] by place: a guard handed it on */
    struct bytes *kept;        /* [BATCH_FILES][input_count], of small files */
    size_t first, count;       /* the batch */
    size_t looked;             /* of its files, so far */
    struct image_set in, out;
};

/* A folder's files, or one file. */
static enum status list(struct imagefiles *files, const char *path, struct error *error)
{
    if (folder_is(path))
        return imagefiles_list(files, path, error);
    if (access(path, F_OK) != 0)
        return error_system(error, "%s", path);
    PASS(memory_reserve(&files->items, &files->capacity, 1, sizeof *files->items, error));
    const char *base = strrchr(path, '/');
    files->items[0] = (struct imagefile){.path = path, .name = base ? base + 1 : path};
    files->count = 1;
    return STATUS_OK;
}

static enum status list_all(struct applying *a, struct error *error)
{
    const struct apply_request *request = a->request;

    PASS(memory_new(&a->inputs, request->input_count, sizeof *a->inputs, error));
    for (size_t k = 0; k < request->input_count; k++) {
        PASS(list(&a->inputs[k], request->inputs[k], error));
        if (a->inputs[k].count != a->inputs[0].count)
            return error_set(
                error, STATUS_CONFIG, "%s has %zu images and %s %zu; expected one for each",
                request->inputs[0], a->inputs[0].count, request->inputs[k], a->inputs[k].count);
    }
    return STATUS_OK;
}

/* The name below its folder. */
static const char *base_name(const struct imagefile *file)
{
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

/* Channels of each file to decode to. */
static int channels_of(const struct applying *a)
{
    int each = a->model->channels / (int)a->request->input_count;
    return each == 1 || each == 3 ? each : 0;
}

/* The bytes of input `k` of image `i`, of the batch. */
static struct bytes *kept_of(const struct applying *a, size_t i, size_t k)
{
    return &a->kept[(i - a->first) * a->request->input_count + k];
}

/* How large the image is that the files of item `i` make. */
static enum status look(const struct applying *a, size_t i, struct apply_item *item,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    int channels = 0;

    for (size_t k = 0; k < a->request->input_count; k++) {
        const struct imagefile *file = &a->inputs[k].items[i];
        struct shape shape;
        TRY(bytes_read(&bytes, file->path, IMAGEFILE_LENGTH, error));
        struct span span = bytes_span(&bytes, file->path);
        TRY(imagefile_shape(span, channels_of(a), &shape, error));
        item->format = imagefile_format(span);
        if (k && (shape.height != item->shape.height || shape.width != item->shape.width))
            TRY(error_set(error, STATUS_DATA, "%s is %d x %d pixels and %s %d x %d", file->path,
                          shape.width, shape.height, a->inputs[0].items[i].path, item->shape.width,
                          item->shape.height));
        channels += shape.channels;
        item->shape = (struct shape){channels, shape.height, shape.width};
        if (bytes.length <= KEPT_BYTES) {
            *kept_of(a, i, k) = bytes;
            bytes = (struct bytes){0};
        }
        bytes_release(&bytes);
    }
    if (a->model->channels && channels != a->model->channels)
        TRY(error_set(error, STATUS_DATA, "%s has %d channels; the pipeline takes %d",
                      a->inputs[0].items[i].path, channels, a->model->channels));
out:
    bytes_release(&bytes);
    return status;
}

static void look_one(void *context, size_t index, int thread)
{
    struct applying *a = context;
    struct apply_item *item = &a->items[a->looked + index];

    (void)thread;
    *item = (struct apply_item){0};
    item->status = look(a, a->first + a->looked + index, item, &item->failure);
}

static enum status decode(const struct applying *a, size_t i, struct apply_item *item,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct image whole = image_set_at(&a->in, item->place);
    size_t plane = shape_plane(whole.shape), done = 0;

    for (size_t k = 0; k < a->request->input_count; k++) {
        const struct imagefile *file = &a->inputs[k].items[i];
        struct image part = whole;
        bytes = *kept_of(a, i, k);
        *kept_of(a, i, k) = (struct bytes){0};
        bool kept = bytes.length > 0;
        if (!kept)
            TRY(bytes_read(&bytes, file->path, IMAGEFILE_LENGTH, error));
        struct span span = bytes_span(&bytes, file->path);
        if (!kept || a->request->input_count > 1)
            TRY(imagefile_shape(span, channels_of(a), &part.shape, error));
        if (part.shape.height != whole.shape.height || part.shape.width != whole.shape.width ||
            done + (size_t)part.shape.channels > (size_t)whole.shape.channels)
            TRY(error_set(error, STATUS_DATA, "%s: changed while it was read", file->path));
        part.pixels = whole.pixels + done * plane;
        TRY(imagefile_decode_scaled(span, a->model->scale, part, &item->found, error));
        done += (size_t)part.shape.channels;
        bytes_release(&bytes);
    }
out:
    bytes_release(&bytes);
    return status;
}

static void decode_one(void *context, size_t index, int thread)
{
    struct applying *a = context;
    struct apply_item *item = &a->items[index];

    (void)thread;
    if (item->status == STATUS_OK && !interrupt_requested())
        item->status = decode(a, a->first + index, item, &item->failure);
}

/* As many of the images that were looked at as fit into the batch: their shapes. False at the first
 * that does not. */
static bool take_looked(struct applying *a, struct shape *shapes, size_t *kept, size_t *floats)
{
    for (; a->count < a->looked; a->count++) {
        struct apply_item *item = &a->items[a->count];
        if (item->status != STATUS_OK)
            continue;
        if (*kept && *floats + shape_size(item->shape) > BATCH_FLOATS)
            return false;
        *floats += shape_size(item->shape);
        item->place = *kept;
        shapes[(*kept)++] = item->shape;
    }
    return true;
}

/* As many of the next images as fit into a batch. */
static enum status begin_batch(struct applying *a, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;
    size_t left = a->inputs[0].count - a->first, floats = 0, kept = 0;
    bool fits = true;

    left = left < BATCH_FILES ? left : BATCH_FILES;
    a->count = a->looked = 0;
    TRY(memory_new(&shapes, left, sizeof *shapes, error));
    while (fits && a->looked < left) {
        size_t next = left - a->looked < LOOK_FILES ? left - a->looked : LOOK_FILES;
        parallel_for(a->request->threads, next, look_one, a);
        TRY(interrupt_check(error));
        a->looked += next;
        fits = take_looked(a, shapes, &kept, &floats);
    }
    TRY(image_set_new(&a->in, kept, shapes, error));
out:
    memory_free(shapes);
    return status;
}

/* Is it a fault of an image, so that the others can go on? */
static bool of_image(enum status status)
{
    return status == STATUS_CONFIG || status == STATUS_DATA || status == STATUS_DIVERGED ||
           status == STATUS_IO;
}

/* Image by image, after one of the batch was refused. */
static enum status run_singly(struct applying *a, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;
    struct image_set one = {0}, *answers = NULL;
    size_t count = a->in.count;

    TRY(memory_new(&answers, count, sizeof *answers, error));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < a->count; i++) {
        struct apply_item *item = &a->items[i];
        uint32_t place = (uint32_t)item->place;
        if (item->status != STATUS_OK)
            continue;
        TRY(image_set_select(&one, &a->in, &place, 1, error));
        item->status = guarded_run(a->model, &one, a->request->threads, &a->handed[place],
                                   &answers[place], &item->failure);
        image_set_release(&one);
        if (item->status != STATUS_OK && !of_image(item->status)) {
            *error = item->failure;
            status = item->status;
            goto out;
        }
        shapes[place] = item->status == STATUS_OK ? answers[place].shapes[0] : (struct shape){0};
    }
    TRY(image_set_new(&a->out, count, shapes, error));
    for (size_t k = 0; k < count; k++)
        if (answers[k].count)
            memcpy(image_set_at(&a->out, k).pixels, answers[k].pixels,
                   shape_size(shapes[k]) * sizeof(float));
out:
    for (size_t k = 0; answers && k < count; k++)
        image_set_release(&answers[k]);
    image_set_release(&one);
    memory_free(answers);
    memory_free(shapes);
    return status;
}

/* Only what could be decoded is asked about. */
static enum status keep_decoded(struct applying *a, struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t *places = NULL;
    struct image_set kept = {0};
    size_t count = 0;

    TRY(memory_new(&places, a->in.count, sizeof *places, error));
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].status == STATUS_OK) {
            places[count] = (uint32_t)a->items[i].place;
            a->items[i].place = count++;
        }
    if (count == a->in.count)
        goto out;
    TRY(image_set_select(&kept, &a->in, places, count, error));
    image_set_release(&a->in);
    a->in = kept;
out:
    memory_free(places);
    return status;
}

static enum status run_batch(struct applying *a, struct error *error)
{
    double begin = clock_seconds();
    struct error refused = {0};
    enum status status = STATUS_OK;

    PASS(keep_decoded(a, error));
    if (a->in.count)
        status = guarded_run(a->model, &a->in, a->request->threads, a->handed, &a->out, &refused);
    if (status != STATUS_OK && of_image(status)) {
        image_set_release(&a->out);
        status = run_singly(a, error);
    } else if (status != STATUS_OK) {
        *error = refused;
    }
    image_set_release(&a->in);
    a->summary->computing += clock_seconds() - begin;
    return status;
}

static void write_one(void *context, size_t index, int thread)
{
    struct applying *a = context;
    struct apply_item *item = &a->items[index];
    const struct imagefile *file = &a->inputs[0].items[a->first + index];

    (void)thread;
    if (item->status == STATUS_OK && !interrupt_requested())
        item->status =
            apply_output_file(&a->output, base_name(file), file->path, item->format, &item->found,
                              image_set_at(&a->out, item->place), &item->failure);
}

static enum status tell(struct applying *a, size_t i, struct error *error)
{
    struct apply_item *item = &a->items[i];
    const struct imagefile *file = &a->inputs[0].items[a->first + i];
    bool done = item->status == STATUS_OK, handed = done && a->handed[item->place];
    struct image answer = {{0}, NULL};

    if (done)
        answer = image_set_at(&a->out, item->place);
    if (done && a->output.table)
        PASS(apply_output_row(&a->output, base_name(file), answer, handed, error));
    struct apply_event event = {a->first + i, file->name, done ? NULL : &item->failure,
                                done ? &answer : NULL, handed};
    a->summary->images++;
    a->summary->failed += !done;
    a->summary->handed += handed;
    return a->request->event ? a->request->event(a->request->context, &event, error) : STATUS_OK;
}

static enum status do_batch(struct applying *a, int work, struct error *error)
{
    PASS(begin_batch(a, error));
    work_covers(work, a->count);
    parallel_for(a->request->threads, a->count, decode_one, a);
    PASS(interrupt_check(error));
    PASS(run_batch(a, error));
    if (!a->output.table)
        parallel_for(a->request->threads, a->count, write_one, a);
    PASS(interrupt_check(error));
    for (size_t i = 0; i < a->count; i++)
        PASS(tell(a, i, error));
    return STATUS_OK;
}

static void forget_batch(struct applying *a)
{
    image_set_release(&a->in);
    image_set_release(&a->out);
    for (size_t i = 0; a->kept && i < BATCH_FILES * a->request->input_count; i++)
        bytes_release(&a->kept[i]);
}

enum status apply_files(const struct model *model, const struct apply_request *request,
                        struct apply_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct applying a = {.model = model, .request = request, .summary = summary};
    double begin = clock_seconds();
    int work = 0;

    *summary = (struct apply_summary){0};
    TRY(list_all(&a, error));
    TRY(apply_output_open(&a.output, model, request, a.inputs[0].count == 1, error));
    TRY(memory_new(&a.items, BATCH_FILES, sizeof *a.items, error));
    TRY(memory_new(&a.handed, BATCH_FILES, sizeof *a.handed, error));
    TRY(memory_new(&a.kept, BATCH_FILES * request->input_count, sizeof *a.kept, error));
    work_step("applying");
    work = work_begin(a.inputs[0].count, "images");
    for (; a.first < a.inputs[0].count; a.first += a.count) {
        TRY(do_batch(&a, work, error));
        forget_batch(&a);
        work_did(work, a.count);
    }
    TRY(apply_output_close(&a.output, error));
out:
    work_end(work);
    work_step(NULL);
    summary->seconds = clock_seconds() - begin;
    apply_output_release(&a.output);
    forget_batch(&a);
    memory_free(a.kept);
    memory_free(a.handed);
    memory_free(a.items);
    for (size_t k = 0; a.inputs && k < request->input_count; k++)
        imagefiles_release(&a.inputs[k]);
    memory_free(a.inputs);
    return status;
}
