/*
 * A shared library as a stage: include/understudy_stage.h says what it has to give. It is loaded
 * once, and has one instance for each text of settings; its digest is part of every key.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "include/understudy_stage.h"
#include "pipelines/external/external.h"
#include "pipelines/external/own_files.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = 300 };

struct plugin {
    const char *library, *symbol, *settings;
    int64_t output;
    const char *folder;
};

static const struct field fields[] = {
    {"library", FIELD_TEXT, offsetof(struct plugin, library),
     .help = "the shared library's file, beside the experiment file or on UNDERSTUDY_PATH"},
    {"symbol", FIELD_TEXT, offsetof(struct plugin, symbol),
     .help = "the name of its struct understudy_stage (include/understudy_stage.h)"},
    {"settings", FIELD_TEXT, offsetof(struct plugin, settings), .default_value = "''",
     .help = "handed to the library as it stands"},
    {"output", FIELD_CHOICE, offsetof(struct plugin, output), .default_value = "answer",
     .choices = external_outputs,
     .help = "what it gives: the task's answer, or images or features for the stage behind it"},
    {0},
};

/* An instance, for as long as this process lives. */
struct instance {
    struct instance *next;
    char *path, *symbol, *settings; /* owned */
    const struct understudy_stage *stage;
    void *state;
};

static struct instance *instances;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static enum status copy(const char *text, char **to, struct error *error)
{
    enum status status = memory_new(to, strlen(text) + 1, 1, error);

    if (status == STATUS_OK)
        memcpy(*to, text, strlen(text) + 1);
    return status;
}

/* What the library said, or that it said nothing. */
static enum status refuse(const struct plugin *plugin, const char *what, const char *message,
                          struct error *error)
{
    struct text shown = {0};
    size_t length = 0;

    while (length < MESSAGE && message[length])
        length++;
    text_append_printable(&shown, message, length);
    enum status status = error_set(error, STATUS_CONFIG, "%s: %s%s%s", plugin->library, what,
                                   shown.length ? ": " : "", shown.bytes ? shown.bytes : "");
    text_release(&shown);
    return status;
}

static enum status load_stage(const struct plugin *plugin, const char *path,
                              const struct understudy_stage **stage, struct error *error)
{
    PASS(own_file_unchanged(path, error));
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return error_set(error, STATUS_CONFIG, "%s cannot be loaded: %s", plugin->library,
                         dlerror());
    *stage = dlsym(library, plugin->symbol);
    if (!*stage)
        return error_set(error, STATUS_CONFIG,
                         "%s has no symbol '%s'; expected a 'const struct understudy_stage %s'",
                         plugin->library, plugin->symbol, plugin->symbol);
    if ((*stage)->version != UNDERSTUDY_STAGE_VERSION)
        return error_set(
            error, STATUS_CONFIG,
            "%s: '%s' is of version %d of the interface; expected %d: build it with this "
            "program's understudy_stage.h",
            plugin->library, plugin->symbol, (*stage)->version, UNDERSTUDY_STAGE_VERSION);
    if (!(*stage)->run)
        return error_set(error, STATUS_CONFIG, "%s: '%s' has no function 'run'", plugin->library,
                         plugin->symbol);
    if (!(*stage)->open && plugin->settings[0])
        return error_set(error, STATUS_CONFIG, "%s: '%s' takes no settings", plugin->library,
                         plugin->symbol);
    return STATUS_OK;
}

static enum status make_instance(const struct plugin *plugin, const char *path,
                                 struct instance **made, struct error *error)
{
    enum status status = STATUS_OK;
    struct instance *instance = NULL;
    char message[MESSAGE] = "";

    TRY(memory_new(&instance, 1, sizeof *instance, error));
    TRY(load_stage(plugin, path, &instance->stage, error));
    TRY(copy(path, &instance->path, error));
    TRY(copy(plugin->symbol, &instance->symbol, error));
    TRY(copy(plugin->settings, &instance->settings, error));
    if (instance->stage->open &&
        instance->stage->open(plugin->settings, &instance->state, message, sizeof message) != 0)
        TRY(refuse(plugin, "it refuses its settings", message, error));
    *made = instance;
    instance = NULL;
out:
    if (instance) {
        memory_free(instance->path);
        memory_free(instance->symbol);
        memory_free(instance->settings);
    }
    memory_free(instance);
    return status;
}

/* The instance for these settings, made where there is none yet. */
static enum status find_instance(const struct plugin *plugin, const struct instance **found,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct instance *made = NULL;

    (void)own_file_path(plugin->folder, plugin->library, &path);
    if (path.bytes && !strchr(path.bytes, '/')) { /* dlopen() would look elsewhere */
        text_clear(&path);
        text_append(&path, "./%s", plugin->library);
    }
    pthread_mutex_lock(&lock);
    TRY(text_status(&path, error));
    for (const struct instance *at = instances; at; at = at->next)
        if (strcmp(at->path, path.bytes) == 0 && strcmp(at->symbol, plugin->symbol) == 0 &&
            strcmp(at->settings, plugin->settings) == 0) {
            *found = at;
            goto out;
        }
    TRY(make_instance(plugin, path.bytes, &made, error));
    made->next = instances;
    *found = instances = made;
out:
    pthread_mutex_unlock(&lock);
    text_release(&path);
    return status;
}

static struct understudy_image image_of(struct image image)
{
    return (struct understudy_image){image.shape.channels, image.shape.height, image.shape.width,
                                     image.pixels};
}

static enum status plugin_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    const struct plugin *plugin = config;
    const struct instance *instance = NULL;
    struct understudy_image from = image_of((struct image){in, NULL}), to = {0, 0, 0, NULL};
    char message[MESSAGE] = "";

    PASS(find_instance(plugin, &instance, error));
    *out = in;
    if (!instance->stage->shape && plugin->output == EXTERNAL_ANSWER)
        *out = answer_shape(answer, in);
    if (!instance->stage->shape)
        return STATUS_OK;
    if (instance->stage->shape(instance->state, &from, answer.count, &to, message,
                               sizeof message) != 0)
        PASS(refuse(plugin, "it does not take such images", message, error));
    if (to.channels < 1 || to.height < 1 || to.width < 1)
        return error_set(error, STATUS_CONFIG, "%s: it gives images of %d x %d x %d",
                         plugin->library, to.channels, to.height, to.width);
    *out = (struct shape){to.channels, to.height, to.width};
    return STATUS_OK;
}

static struct operations plugin_count(const void *config, struct shape in, struct answer answer)
{
    const struct plugin *plugin = config;
    const struct instance *instance = NULL;
    struct understudy_image from = image_of((struct image){in, NULL});
    double multiply_adds = (double)NAN;

    (void)answer;
    if (find_instance(plugin, &instance, NULL) == STATUS_OK && instance->stage->multiply_adds)
        multiply_adds = instance->stage->multiply_adds(instance->state, &from);
    return external_operations(multiply_adds);
}

static enum content plugin_gives(const void *config, enum content in)
{
    (void)in;
    return external_content(((const struct plugin *)config)->output);
}

static void plugin_settle(void *config, const char *folder)
{
    ((struct plugin *)config)->folder = folder;
}

static enum status plugin_key(const void *config, const struct task *task,
                              const struct engine *engine, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    const struct plugin *plugin = config;
    struct text path = {0};
    char digest[HASH_TEXT];

    (void)task, (void)engine;
    (void)own_file_path(plugin->folder, plugin->library, &path);
    TRY(text_status(&path, error));
    if (!own_file_exists(path.bytes))
        goto out; /* as check() says */
    TRY(own_file_digest(path.bytes, digest, error));
    text_append(text, "pipeline.plugin[");
    text_append_escaped(text, plugin->library);
    text_append(text, "]: %s\n", digest);
out:
    text_release(&path);
    return status;
}

static enum status plugin_check(const void *config, const struct task *task,
                                const struct engine *engine, struct diagnostics *found,
                                struct error *error)
{
    const struct plugin *plugin = config;
    const struct instance *instance;
    struct yaml_mark nowhere = {"", 0, 0};
    struct error mistake = {0};

    (void)task, (void)engine;
    enum status status = find_instance(plugin, &instance, &mistake);
    if (status == STATUS_CONFIG || status == STATUS_IO)
        return diagnostics_add(found, nowhere, "library", error, "%s", mistake.message);
    if (status != STATUS_OK && error)
        *error = mistake;
    return status;
}

/* ---- running it */

struct plugin_run {
    const struct plugin *plugin;
    const struct instance *instance;
    const struct stage_call *call;
    struct image_set *out;
    char (*messages)[MESSAGE]; /* [count]; of images that it refused */
    bool *refused;             /* [count] */
};

static void run_image(void *context, size_t index, int thread)
{
    const struct plugin_run *run = context;
    struct understudy_image from = image_of(image_set_at(run->call->in, index)),
                            to = image_of(image_set_at(run->out, index));

    (void)thread;
    if (!interrupt_requested())
        run->refused[index] = run->instance->stage->run(run->instance->state, &from, &to,
                                                        run->messages[index], MESSAGE) != 0;
}

static enum content answers_of(const struct plugin_run *run)
{
    return run->plugin->output == EXTERNAL_ANSWER ? run->call->answer.content : CONTENT_IMAGE;
}

/* NaN stands for what is not known in masks and maps. */
static bool has_unknown(const struct plugin_run *run)
{
    return answers_of(run) == CONTENT_MASK || answers_of(run) == CONTENT_MAP;
}

static bool is_class(float value, int classes)
{
    return isnan(value) || (value >= 0 && value < (float)classes && value == floorf(value));
}

/* The first image that it refused, or answered with what is no number. */
static enum status check_answers(const struct plugin_run *run, struct error *error)
{
    char name[IMAGE_NAME];

    for (size_t i = 0; i < run->out->count; i++) {
        struct image answer = image_set_at(run->out, i);
        image_name(run->call->names, i, name);
        if (run->refused[i]) {
            enum status status = refuse(run->plugin, "it failed", run->messages[i], error);
            error_context(error, "%s", name);
            return status;
        }
        bool mask = answers_of(run) == CONTENT_MASK;
        for (size_t k = 0; k < shape_size(answer.shape); k++)
            if (mask && !is_class(answer.pixels[k], run->call->answer.count))
                return error_set(error, STATUS_DATA,
                                 "%s: a pixel of the answer of %s is %g; expected the number of a "
                                 "class, 0 to %d",
                                 name, run->plugin->library, (double)answer.pixels[k],
                                 run->call->answer.count - 1);
            else if (!isfinite(answer.pixels[k]) && !(has_unknown(run) && isnan(answer.pixels[k])))
                return error_set(error, STATUS_DATA,
                                 "%s: a value of the answer of %s is not a number, or infinite",
                                 name, run->plugin->library);
    }
    return STATUS_OK;
}

static enum status plugin_run(const void *config, void *state, const struct stage_call *call,
                              struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct plugin_run run = {.plugin = config, .call = call, .out = out};
    struct shape *shapes = NULL;
    size_t count = call->in->count;

    (void)state;
    memset(out, 0, sizeof *out);
    TRY(find_instance(config, &run.instance, error));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        TRY(plugin_shape(config, call->in->shapes[i], call->answer, &shapes[i], error));
    TRY(image_set_new(out, count, shapes, error));
    TRY(memory_new(&run.messages, count, sizeof *run.messages, error));
    TRY(memory_new(&run.refused, count, sizeof *run.refused, error));
    parallel_count(run.instance->stage->concurrent ? call->threads : 1, count, "images", run_image,
                   &run);
    TRY(interrupt_check(error));
    TRY(check_answers(&run, error));
out:
    memory_free(shapes);
    memory_free(run.messages);
    memory_free(run.refused);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}

const struct stage stage_plugin = {
    .descriptor = {"plugin", "a shared library of your own", NULL, fields, sizeof(struct plugin),
                   1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_ANSWER,
    .gives = plugin_gives,
    .settle = plugin_settle,
    .shape = plugin_shape,
    .key = plugin_key,
    .check = plugin_check,
    .run_all = plugin_run,
    .count = plugin_count,
};
