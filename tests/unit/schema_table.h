/* A table with a field of every type, for tests of the schema and for fuzzing. */
#ifndef UNDERSTUDY_TESTS_SCHEMA_TABLE_H
#define UNDERSTUDY_TESTS_SCHEMA_TABLE_H

#include "io/schema/schema.h"

#include <math.h>

struct sample_gaussian {
    double sigma;
    int64_t radius;
    struct {
        double scale;
    } tail;
};

static const struct field sample_tail_fields[] = {{"scale", FIELD_REAL, 0, .minimum = 0,
                                                   .maximum = 2, .default_value = "0.5",
                                                   .help = "of the tail"},
                                                  {0}};

static const struct field sample_gaussian_fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct sample_gaussian, sigma), .minimum = 0.1, .maximum = 100,
     .default_value = "1", .unit = "pixels", .help = "standard deviation"},
    {"radius", FIELD_COUNT, offsetof(struct sample_gaussian, radius), .minimum = 1, .maximum = 50,
     .default_value = "all", .unit = "pixels", .help = "where the window is cut"},
    {"tail", FIELD_RECORD, offsetof(struct sample_gaussian, tail), .fields = sample_tail_fields,
     .help = "beyond the window"},
    {0}};

struct sample_median {
    int64_t radius;
};

static const struct field sample_median_fields[] = {
    {"radius", FIELD_INTEGER, offsetof(struct sample_median, radius), .minimum = 1, .maximum = 15,
     .default_value = "1", .unit = "pixels", .help = "half the window's side, without its centre"},
    {0}};

struct sample_sharpen {
    double amount;
};

static const struct field sample_sharpen_fields[] = {
    {"amount", FIELD_REAL, offsetof(struct sample_sharpen, amount), .minimum = -INFINITY,
     .maximum = INFINITY, .help = "of the high frequencies"},
    {0}};

struct sample_trim {
    double fraction;
    bool robust;
};

static const struct field sample_trim_fields[] = {
    {"fraction", FIELD_REAL, offsetof(struct sample_trim, fraction), .maximum = 1,
     .default_value = "0.05", .help = "of the items that is dropped"},
    {"robust", FIELD_BOOLEAN, offsetof(struct sample_trim, robust), .default_value = "no",
     .help = "medians instead of means"},
    {0}};

static const struct field sample_random_fields[] = {
    {"fraction", FIELD_REAL, 0, .maximum = 1, .help = "of the items that is dropped"}, {0}};

static const struct descriptor sample_stages[] = {
    {"gaussian", "blur with a Gaussian", NULL, sample_gaussian_fields,
     sizeof(struct sample_gaussian), 1},
    {"identity", "leaves images as they are", NULL, NULL, 0, 1},
    {"median", "the window's median", "Tukey 1971", sample_median_fields,
     sizeof(struct sample_median), 1},
    {"sharpen", "an unsharp mask", NULL, sample_sharpen_fields, sizeof(struct sample_sharpen), 1},
};

static const struct descriptor sample_filters[] = {
    {"none", "keeps all items", NULL, NULL, 0, 1},
    {"random", "drops items at random", NULL, sample_random_fields, sizeof(double), 1},
    {"residual_trim", "drops the items that stand out", NULL, sample_trim_fields,
     sizeof(struct sample_trim), 1},
};

static const struct registry *sample_stage_registry(void)
{
    static const struct descriptor *const rows[] = {&sample_stages[0], &sample_stages[1],
                                                    &sample_stages[2], &sample_stages[3]};
    static const struct registry registry = {"stage", 4, rows};
    return &registry;
}

static const struct registry *sample_filter_registry(void)
{
    static const struct descriptor *const rows[] = {&sample_filters[0], &sample_filters[1],
                                                    &sample_filters[2]};
    static const struct registry registry = {"filter", 3, rows};
    return &registry;
}

struct sample {
    const char *name, *about;
    int64_t task, seed, epochs, images;
    double rate;
    bool verbose;
    struct real_list levels;
    struct text_list hardware;
    struct sample_patch {
        int64_t size, per_image;
    } patch;
    struct sample_filter {
        struct component method;
        bool weights;
    } filter;
    struct component first, last;
    struct component_list stages, fixed;
    const struct yaml_node *grid;
};

static const char *const sample_tasks[] = {"denoise", "classify", NULL};

static const struct field sample_patch_fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct sample_patch, size), .maximum = 4096,
     .default_value = "0", .unit = "pixels", .help = "side of a patch; 0 for whole images"},
    {"per_image", FIELD_INTEGER, offsetof(struct sample_patch, per_image), .minimum = 1,
     .maximum = INFINITY, .default_value = "8", .help = "patches of an image"},
    {0}};

static const struct field sample_filter_fields[] = {
    {"method", FIELD_SELECT, offsetof(struct sample_filter, method), .default_value = "none",
     .registry = sample_filter_registry, .help = "how labels are filtered"},
    {"weights", FIELD_BOOLEAN, offsetof(struct sample_filter, weights), .default_value = "false",
     .help = "weigh instead of dropping"},
    {0}};

static const struct field sample_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct sample, name), .help = "of the sample"},
    {"about", FIELD_TEXT, offsetof(struct sample, about), .default_value = "",
     .help = "a sentence"},
    {"task", FIELD_CHOICE, offsetof(struct sample, task), .default_value = "denoise",
     .choices = sample_tasks, .help = "what is done"},
    {"seed", FIELD_INTEGER, offsetof(struct sample, seed), .default_value = "2019",
     .help = "of all random numbers"},
    {"epochs", FIELD_INTEGER, offsetof(struct sample, epochs), .minimum = 1, .maximum = 100000,
     .default_value = "20", .help = "passes over the items"},
    {"images", FIELD_COUNT, offsetof(struct sample, images), .minimum = 1, .maximum = 60000,
     .default_value = "all", .help = "how many are used"},
    {"rate", FIELD_REAL, offsetof(struct sample, rate), .minimum = 1e-9, .maximum = 10,
     .default_value = "1.0e-3", .help = "of learning"},
    {"verbose", FIELD_BOOLEAN, offsetof(struct sample, verbose), .default_value = "false",
     .help = "tell more"},
    {"levels", FIELD_REALS, offsetof(struct sample, levels), .maximum = 255,
     .default_value = "[0, 127.5]", .unit = "grey levels", .help = "thresholds"},
    {"hardware", FIELD_TEXTS, offsetof(struct sample, hardware), .default_value = "[]",
     .help = "machines that are modelled"},
    {"patch", FIELD_RECORD, offsetof(struct sample, patch), .fields = sample_patch_fields,
     .help = "cut large images"},
    {"filter", FIELD_RECORD, offsetof(struct sample, filter), .fields = sample_filter_fields,
     .help = "which labels are trusted"},
    {"first", FIELD_COMPONENT, offsetof(struct sample, first),
     .default_value = "gaussian: {sigma: 2}", .registry = sample_stage_registry,
     .help = "the first stage"},
    {"last", FIELD_COMPONENT, offsetof(struct sample, last), .default_value = "~",
     .registry = sample_stage_registry, .help = "the last stage, if any"},
    {"stages", FIELD_COMPONENTS, offsetof(struct sample, stages), .default_value = "[]",
     .registry = sample_stage_registry, .tunable = true, .help = "those between"},
    {"fixed", FIELD_COMPONENTS, offsetof(struct sample, fixed),
     .default_value = "[median, {gaussian: {sigma: 3}}]", .registry = sample_stage_registry,
     .help = "those that cannot be tuned"},
    {"grid", FIELD_NODE, offsetof(struct sample, grid), .help = "anything"},
    {0}};

#endif
