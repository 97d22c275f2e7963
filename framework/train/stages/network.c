/*
 * A network as a stage: a family's network, trained on the ground truth of the hand-labelled
 * images. It classifies (its outputs are the scores), or gives images, masks, numbers or maps. So
 * older networks can be what labels the images that the network under study learns from.
 *
 * Training is that of framework/train, with the same settings, and the same bits for any number of
 * threads; draws come from a seed of the stage's own, so that a network of the same family that
 * learns from this one does not start from its weights. Running is network_apply().
 */
#include "train/stages/network.h"
#include "graph/apply.h"

#include "graph/family.h"
#include "train/patches.h"

#include <math.h>
#include <string.h>

static const struct field fields[] = {
    {"family", FIELD_SELECT, offsetof(struct network_stage, family), .registry = families_registry,
     .help = "the kind of network; its parameters are keys beside this one"},
    {"patch", FIELD_RECORD, offsetof(struct network_stage, patch), .default_value = "{}",
     .fields = patch_fields, .help = "training on squares cut from large images"},
    {"train", FIELD_RECORD, offsetof(struct network_stage, train), .default_value = "{}",
     .fields = train_course_fields,
     .help = "how it is trained, on the images labelled by hand; the engine is that of the "
             "experiment's own 'train'"},
    {0},
};

/* A network that has learnt. */
struct learnt {
    const struct engine *engine;
    struct answer answer;     /* what it gives */
    size_t parameters, count; /* count: statistics too */
    float values[];           /* [count] parameters, statistics */
};

/* The network for whole images, which may be larger than they are: as network_apply() shows them.
 */
static enum status whole_network(const struct network_stage *stage, struct shape in,
                                 struct answer answer, struct network *network, struct error *error)
{
    if (content_is_spatial(answer.content))
        PASS(family_fit(&stage->family, &in, error));
    return network_new(network, &stage->family, in, answer, error);
}

/* STATUS_CONFIG where the family cannot take such images, or does not give what the task wants. */
static enum status network_stage_shape(const void *config, struct shape in, struct answer answer,
                                       struct shape *out, struct error *error)
{
    const struct network_stage *stage = config;
    struct network network = {0};
    enum status status = stage->patch.size
                             ? whole_network(stage, in, answer, &network, error)
                             : network_new(&network, &stage->family, in, answer, error);

    *out = answer_shape(answer, in);
    network_release(&network);
    return status;
}

/* Of a network of its own, whatever else is drawn for the same trial. */
static struct random_key own_key(const struct stage_examples *examples)
{
    struct random_stream stream =
        random_stream(examples->key, RANDOM_FIT, random_index((uint32_t)examples->number + 1, 1));
    uint64_t high = random_u32(&stream);
    return (struct random_key){high << 32 | random_u32(&stream), examples->key.replicate};
}

static enum status learnt_new(struct learnt **learnt, const struct network *network,
                              struct answer answer, const struct engine *engine,
                              struct error *error)
{
    size_t count = network->parameters + network->statistics;

    PASS(memory_new(learnt, 1, sizeof **learnt + count * sizeof(float), error));
    **learnt = (struct learnt){.engine = engine,
                               .answer = {answer.content, network->output.channels},
                               .parameters = network->parameters,
                               .count = count};
    return STATUS_OK;
}

static enum status examples_check(const struct network_stage *stage,
                                  const struct stage_examples *examples, struct error *error)
{
    const struct image_set *inputs = examples->inputs;
    const struct shape *shapes = inputs->shapes;
    int size = (int)stage->patch.size;
    char one[IMAGE_NAME], other[IMAGE_NAME];

    if (inputs->count == 0 || (!examples->classes && !examples->truth))
        return error_set(error, STATUS_CONFIG,
                         "expected hand-labelled images to learn from, found none");
    for (size_t i = 0; i < inputs->count; i++) {
        image_name(examples->names, i, other);
        if (!size && !shape_equal(shapes[i], shapes[0]))
            return error_set(error, STATUS_CONFIG,
                             "the images differ in size; training needs 'patch: {size: …}': %s has "
                             "%d x %d pixels, %s %d x %d",
                             image_name(examples->names, 0, one), shapes[0].width, shapes[0].height,
                             other, shapes[i].width, shapes[i].height);
        if (size && (shapes[i].height < size || shapes[i].width < size))
            return error_set(
                error, STATUS_CONFIG,
                "patch.size: a patch of %d pixels does not fit in %s, an image of %d x "
                "%d",
                size, other, shapes[i].width, shapes[i].height);
    }
    return STATUS_OK;
}

/* What the training loop reports to. */
struct stage_listener {
    const struct fit_callbacks *course;
};

static bool on_due(void *context)
{
    const struct fit_callbacks *course = ((const struct stage_listener *)context)->course;
    return course->due(course->context);
}

static enum status on_save(void *context, int64_t step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    const struct fit_callbacks *course = ((const struct stage_listener *)context)->course;
    return course->save(course->context, step, parts, count, error);
}

static enum status on_load(void *context, int64_t *step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    const struct fit_callbacks *course = ((const struct stage_listener *)context)->course;
    return course->load(course->context, step, parts, count, error);
}

/* Train `learnt`, which has the network's size. */
static enum status train(const struct network *network, const struct network_stage *stage,
                         const struct stage_examples *examples, const struct train_items *items,
                         struct learnt *learnt, struct error *error)
{
    enum status status = STATUS_OK;
    struct train_settings settings = stage->train;
    struct arena arena = {0};
    struct stage_listener listener = {.course = examples->course};
    struct train_sink sink = {.context = &listener};

    settings.engine = (struct component){.kind = &examples->engine->descriptor};
    TRY(train_complete(&settings, examples->loss, &arena, error));
    if (examples->course) {
        sink.due = examples->course->due ? on_due : NULL;
        sink.save = examples->course->save ? on_save : NULL;
        sink.load = examples->course->load ? on_load : NULL;
    }
    TRY(train_network(network, &settings, items, own_key(examples), examples->threads, &sink,
                      learnt->values, learnt->values + learnt->parameters, error));
out:
    arena_release(&arena);
    return status;
}

static enum status network_stage_fit(const void *config, const struct stage_examples *examples,
                                     void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct network_stage *stage = config;
    int size = (int)stage->patch.size;
    struct image_set inputs = {0}, targets = {0};
    struct train_items items = {.inputs = examples->inputs,
                                .targets = examples->truth,
                                .masks = examples->answer.content == CONTENT_MASK,
                                .classes = examples->classes};
    struct network network = {0};
    struct learnt *learnt = NULL;

    *state = NULL;
    TRY(examples_check(stage, examples, error));
    TRY(engine_check(examples->engine, (enum precision)stage->train.precision, error));
    if (size) {
        TRY(patches_cut(examples->inputs, examples->truth, size, (size_t)stage->patch.per_image,
                        own_key(examples), &inputs, &targets, error));
        items.inputs = &inputs;
        items.targets = &targets;
    }
    struct shape in = items.inputs->shapes[0];
    TRY(network_new(&network, &stage->family, in, examples->answer, error));
    TRY(learnt_new(&learnt, &network, examples->answer, examples->engine, error));
    TRY(train(&network, stage, examples, &items, learnt, error));
    *state = learnt;
    learnt = NULL;
out:
    memory_free(learnt);
    network_release(&network);
    image_set_release(&inputs);
    image_set_release(&targets);
    return status;
}

static struct stage_learnt network_stage_learnt(const void *state)
{
    const struct learnt *learnt = state;
    return (struct stage_learnt){learnt->values, learnt->count};
}

static enum status network_stage_recall(const void *config, struct shape in, struct answer answer,
                                        const struct engine *engine, struct stage_learnt kept,
                                        void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct network_stage *stage = config;
    struct network network = {0};
    struct learnt *learnt = NULL;

    *state = NULL;
    if (stage->patch.size)
        in.height = in.width = (int)stage->patch.size;
    TRY(network_new(&network, &stage->family, in, answer, error));
    if (kept.count != network.parameters + network.statistics)
        TRY(error_set(error, STATUS_DATA, "%zu numbers were kept of a network that has %zu",
                      kept.count, network.parameters + network.statistics));
    TRY(learnt_new(&learnt, &network, answer, engine, error));
    if (kept.count)
        memcpy(learnt->values, kept.values, kept.count * sizeof *kept.values);
    *state = learnt;
out:
    network_release(&network);
    return status;
}

/* Does the network for such images have the parameters that were learnt? */
static enum status size_check(const struct network_stage *stage, const struct learnt *learnt,
                              struct shape in, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};

    TRY(whole_network(stage, in, learnt->answer, &network, error));
    if (network.parameters != learnt->parameters)
        TRY(error_set(error, STATUS_CONFIG,
                      "learnt from images of another size than %d x %d; only networks of "
                      "convolutions alone take several",
                      in.height, in.width));
out:
    network_release(&network);
    return status;
}

static enum status network_stage_run(const void *config, void *state, const struct stage_call *call,
                                     struct image_set *out, struct error *error)
{
    const struct image_set *in = call->in;
    const struct network_stage *stage = config;
    const struct learnt *learnt = state;

    memset(out, 0, sizeof *out);
    if (in->count)
        PASS(size_check(stage, learnt, in->shapes[0], error));
    return network_apply(&stage->family, learnt->engine, (enum precision)stage->train.precision,
                         learnt->values, learnt->values + learnt->parameters, in, learnt->answer,
                         call->threads, NULL, NULL, out, error);
}

/* The sum of its layers'; not numbers where there is no memory to build it. */
static struct operations network_stage_count(const void *config, struct shape in,
                                             struct answer answer)
{
    const struct network_stage *stage = config;
    struct network network = {0};
    struct operations operations = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    if (whole_network(stage, in, answer, &network, NULL) == STATUS_OK)
        operations = network_operations(&network);
    network_release(&network);
    return operations;
}

static enum status network_stage_key(const void *config, const struct task *task,
                                     const struct engine *engine, struct text *text,
                                     struct error *error)
{
    const struct network_stage *stage = config;
    const struct train_settings *settings = &stage->train;
    const struct component *parts[] = {&settings->optimizer, &settings->schedule, &settings->loss};

    PASS(family_print_layers(&stage->family, task->labels, text, error));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->kind)
            text_append(text, "version: %s %d\n", parts[i]->kind->name, parts[i]->kind->version);
    for (size_t i = 0; i < settings->augment.count; i++)
        text_append(text, "version: %s %d\n", settings->augment.items[i].kind->name,
                    settings->augment.items[i].kind->version);
    text_append(text, "engine: %s\n", engine->descriptor.name);
    return engine_print(engine, (enum precision)settings->precision, text, error);
}

const struct stage stage_network = {
    .descriptor = {"network", "a network trained on the images labelled by hand", NULL, fields,
                   sizeof(struct network_stage), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_ANSWER,
    .shape = network_stage_shape,
    .fit = network_stage_fit,
    .release = memory_free,
    .learnt = network_stage_learnt,
    .recall = network_stage_recall,
    .key = network_stage_key,
    .check = network_stage_check,
    .run_all = network_stage_run,
    .count = network_stage_count,
};
