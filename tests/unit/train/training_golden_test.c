/* Losses, optimisers, schedules against an independent program: tests/golden/training.h5, written
 * by training.py. */
#include "graph/family.h"
#include "io/hdf5/hdf5.h"
#include "train/registry.h"
#include "train/train.h"
#include "unit/answers.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TOLERANCE_PARTS = 10000, MOST_CONFIG = 64, PHASES = 20 };

/* One group of the file, and what its texts came to. */
struct golden {
    struct hdf5 file;
    struct arena arena;
    const char **names;
    size_t count;
    const char *group, *name; /* "losses", the case */
};

static void open_golden(struct golden *golden, const char *group)
{
    char path[64];

    memset(golden, 0, sizeof *golden);
    golden->group = group;
    snprintf(path, sizeof path, "/%s", group);
    CU_ASSERT_EQUAL_FATAL(hdf5_open(&golden->file, "tests/golden/training.h5", false, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        hdf5_list(&golden->file, path, &golden->arena, &golden->names, &golden->count, NULL),
        STATUS_OK);
}

static void close_golden(struct golden *golden)
{
    hdf5_abandon(&golden->file);
    arena_release(&golden->arena);
}

static const char *text_of(struct golden *golden, const char *attribute)
{
    char path[128];
    const char *text = NULL;

    snprintf(path, sizeof path, "/%s/%s", golden->group, golden->name);
    CU_ASSERT_EQUAL_FATAL(
        hdf5_read_attribute_text(&golden->file, path, attribute, &golden->arena, &text, NULL),
        STATUS_OK);
    return text;
}

/* False where there is none. */
static bool array_of(struct golden *golden, const char *name, struct hdf5_array *array)
{
    char path[128];

    snprintf(path, sizeof path, "/%s/%s/%s", golden->group, golden->name, name);
    memset(array, 0, sizeof *array);
    if (!hdf5_exists(&golden->file, path))
        return false;
    CU_ASSERT_EQUAL_FATAL(hdf5_read(&golden->file, path, &golden->arena, array, NULL), STATUS_OK);
    return true;
}

/* YAML text read by a table into `record`. */
static void read_settings(struct golden *golden, const struct field *fields, const char *yaml,
                          void *record)
{
    struct yaml_node *root = NULL;
    struct diagnostics found = {0};

    CU_ASSERT_EQUAL_FATAL(
        yaml_parse(&golden->arena, "test", yaml, strlen(yaml), &root, &found, NULL), STATUS_OK);
    if (fields)
        CU_ASSERT_EQUAL_FATAL(schema_read(fields, root, "", record, &golden->arena, &found, NULL),
                              STATUS_OK);
    for (size_t i = 0; i < found.count; i++)
        puts(found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
}

/* The largest difference is small against the largest value. */
static void compare(const struct golden *golden, const char *what, const float *values,
                    const float *expected, size_t count)
{
    double scale = 1e-9, worst = 0;
    char text[256];

    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs((double)expected[i]));
        worst = fmax(worst, fabs((double)values[i] - (double)expected[i]));
    }
    snprintf(text, sizeof text, "%s/%s: %s differs by %.3g", golden->group, golden->name, what,
             worst / scale);
    CU_assertImplementation(worst * TOLERANCE_PARTS < scale, __LINE__, text, __FILE__, "",
                            CU_FALSE);
}

static void check_loss(struct golden *golden)
{
    const struct loss *loss = loss_of(registry_find(registry_losses(), text_of(golden, "loss")));
    struct hdf5_array y, targets, classes, value, dy;
    double config[MOST_CONFIG / sizeof(double)];
    float *output_gradient, *scratch = NULL;

    CU_ASSERT_FATAL(loss && loss->descriptor.config_size <= MOST_CONFIG);
    read_settings(golden, loss->descriptor.fields, text_of(golden, "settings"), config);
    CU_ASSERT_FATAL(array_of(golden, "y", &y) && array_of(golden, "value", &value) &&
                    array_of(golden, "dy", &dy));
    bool soft = array_of(golden, "targets", &targets);
    CU_ASSERT_FATAL(soft != array_of(golden, "classes", &classes) && y.rank == 4);
    struct loss_call call = {
        .config = config,
        .count = (int)y.dims[0],
        .shape = {(int)y.dims[1], (int)y.dims[2], (int)y.dims[3]},
        .y = y.values,
        .targets = targets.values,
        .classes = classes.values,
        .scale = 1,
    };
    size_t size = y.dims[0] * shape_size(call.shape);
    CU_ASSERT_EQUAL_FATAL(memory_new(&output_gradient, size, sizeof *output_gradient, NULL),
                          STATUS_OK);
    if (loss->scratch)
        CU_ASSERT_EQUAL_FATAL(
            memory_new(&scratch, loss->scratch(call.shape), sizeof *scratch, NULL), STATUS_OK);
    call.dy = output_gradient;
    call.scratch = scratch;
    double found = loss->evaluate(&call), expected = *(const double *)value.values;
    CU_ASSERT_DOUBLE_EQUAL(found, expected, expected / TOLERANCE_PARTS);
    compare(golden, "dy", output_gradient, dy.values, size);
    memory_free(scratch);
    memory_free(output_gradient);
}

static void test_losses(void)
{
    struct golden golden;

    open_golden(&golden, "losses");
    CU_ASSERT_EQUAL(golden.count, 26);
    for (size_t i = 0; i < golden.count; i++) {
        golden.name = golden.names[i];
        check_loss(&golden);
    }
    close_golden(&golden);
}

/* A training that starts from the file's parameters, and is compared after every step. */
struct course {
    struct golden *golden;
    const float *start, *expected; /* [size], [PHASES][size] */
    size_t size;
};

static enum status begin(void *context, int64_t *step, const struct train_part *parts, size_t count,
                         struct error *error)
{
    const struct course *course = context;
    bool given = false;

    (void)error;
    *step = 0;
    for (size_t i = 0; i < count; i++) /* the parameters, and their average */
        if (parts[i].size == course->size * sizeof(float) && (i == 1 || i == 4)) {
            memcpy(parts[i].data, course->start, parts[i].size);
            given = true;
        }
    CU_ASSERT(given);
    return STATUS_OK;
}

static enum status after_step(void *context, int64_t epoch, int64_t epochs, double loss,
                              const float *parameters, const float *statistics, struct error *error)
{
    const struct course *course = context;

    (void)loss, (void)statistics, (void)error;
    CU_ASSERT_EQUAL_FATAL(epochs, PHASES);
    compare(course->golden, "a step's result", parameters,
            course->expected + (size_t)(epoch - 1) * course->size, course->size);
    return STATUS_OK;
}

static void image_set_of(const struct hdf5_array *array, struct image_set *set)
{
    struct shape shape = {(int)array->dims[1], 1, 1};

    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(set, array->dims[0], shape, NULL), STATUS_OK);
    memcpy(set->pixels, array->values, array->dims[0] * array->dims[1] * sizeof(float));
}

static void check_training(struct golden *golden, const struct component *family)
{
    struct hdf5_array inputs, targets, classes, start, parameters;
    struct train_settings settings;
    struct network network = {0};
    struct image_set x = {0}, t = {0};
    struct random_key key = {1, 0};
    float result[32];

    read_settings(golden, train_fields, text_of(golden, "train"), &settings);
    const struct engine *engine = engine_of(settings.engine.kind);
    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_FATAL(array_of(golden, "inputs", &inputs) && array_of(golden, "start", &start) &&
                    array_of(golden, "parameters", &parameters));
    bool images = array_of(golden, "targets", &targets);
    CU_ASSERT_FATAL(images != array_of(golden, "classes", &classes));
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings.loss.kind);
    image_set_of(&inputs, &x);
    if (images)
        image_set_of(&targets, &t);
    struct shape in = {(int)inputs.dims[1], 1, 1}, out = {3, 1, 1};
    CU_ASSERT_EQUAL_FATAL(network_new(&network, family, in, answer_like(out), NULL), STATUS_OK);
    struct course course = {golden, start.values, parameters.values, start.dims[0]};
    CU_ASSERT_EQUAL_FATAL(network.parameters, course.size);
    CU_ASSERT_FATAL(course.size <= 32 && parameters.dims[0] == PHASES);
    struct train_items items = {
        .inputs = &x, .targets = images ? &t : NULL, .classes = classes.values};
    struct train_sink sink = {.epoch = after_step, .context = &course, .load = begin};
    CU_ASSERT_EQUAL(train_network(&network, &settings, &items, key, 2, &sink, result, NULL, NULL),
                    STATUS_OK);
    compare(golden, "the result", result, course.expected + (PHASES - 1) * course.size,
            course.size);
    network_release(&network);
    image_set_release(&x);
    image_set_release(&t);
}

static void test_trainings(void)
{
    struct choice {
        struct component family;
    } choice = {0};
    static const struct field fields[] = {
        {"network", FIELD_COMPONENT, 0, .registry = families_registry, .help = "the network"},
        {0},
    };
    struct diagnostics found = {0};
    struct golden golden;

    open_golden(&golden, "trainings");
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("tests/unit/families"), &found, NULL), STATUS_OK);
    read_settings(&golden, fields, "{network: linear}", &choice);
    CU_ASSERT_EQUAL(golden.count, 12);
    for (size_t i = 0; i < golden.count; i++) {
        golden.name = golden.names[i];
        check_training(&golden, &choice.family);
    }
    close_golden(&golden);
    diagnostics_release(&found);
    families_release();
}

static void test_schedules(void)
{
    struct golden golden;

    open_golden(&golden, "schedules");
    CU_ASSERT_EQUAL(golden.count, 8);
    for (size_t i = 0; i < golden.count; i++) {
        struct hdf5_array factors, epochs;
        double config[MOST_CONFIG / sizeof(double)];
        golden.name = golden.names[i];
        const struct schedule *schedule =
            schedule_of(registry_find(registry_schedules(), text_of(&golden, "schedule")));
        CU_ASSERT_FATAL(schedule && schedule->descriptor.config_size <= MOST_CONFIG);
        read_settings(&golden, schedule->descriptor.fields, text_of(&golden, "settings"), config);
        CU_ASSERT_FATAL(array_of(&golden, "factors", &factors) &&
                        array_of(&golden, "epochs", &epochs));
        int64_t steps = (int64_t)factors.dims[0];
        for (int64_t s = 0; s < steps; s++) {
            double expected = ((const double *)factors.values)[s];
            double factor =
                schedule->factor(config, s, steps, (int64_t) * (const float *)epochs.values);
            CU_ASSERT_DOUBLE_EQUAL(factor, expected, 1e-12);
        }
    }
    close_golden(&golden);
}

void training_golden_suite(void);

void training_golden_suite(void)
{
    CU_pSuite suite = CU_add_suite("training_golden", NULL, NULL);
    CU_add_test(suite, "losses and their gradients as PyTorch computes them", test_losses);
    CU_add_test(suite, "20 steps of every optimiser as PyTorch makes them", test_trainings);
    CU_add_test(suite, "schedules as PyTorch has them", test_schedules);
}
