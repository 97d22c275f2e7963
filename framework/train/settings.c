/* The `train:` section of the experiment file. */
#include "networks/engines/registry.h"
#include "train/registry.h"
#include "train/train.h"

#include <stddef.h>

static const char *const label_sources[] = {
    [LABELS_PIPELINE] = "pipeline", [LABELS_MANUAL] = "manual", [LABELS_TRUTH] = "truth", NULL};

static const char *const input_sources[] = {
    [INPUT_DEGRADED] = "degraded", [INPUT_REDEGRADED] = "redegraded", NULL};

#ifdef UNDERSTUDY_ONEDNN
#define DEFAULT_ENGINE "onednn"
#else
#define DEFAULT_ENGINE "openblas"
#endif
static const char *const stopping_labels[] = {
    [STOPPING_PIPELINE] = "pipeline", [STOPPING_TRUTH] = "truth", NULL};

#define PRECISION_FIELD                                                                            \
    {                                                                                              \
        "precision", FIELD_CHOICE, AT(precision),                                                  \
            .default_value = "float32", .choices = precision_names,                                \
            .help = "of values and products; bfloat16 needs the engine onednn and a processor "    \
                    "with AVX512_BF16 (without AMX it is slower than float32, as `plan` says). "   \
                    "Parameters and sums stay float32. A layer with parameters but without a "     \
                    "bfloat16 kernel is an error; /layers/TRIAL/precision has each layer's"        \
    }

#define AT(member) offsetof(struct train_settings, member)
/* Members of the embedded struct, from its own start. */
#define STOPPING(member) (AT(early_stopping.member) - AT(early_stopping))

static const struct field stopping_fields[] = {
    {"patience", FIELD_INTEGER, STOPPING(patience), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "epochs",
     .help = "stop after this many epochs without a better score, and keep the best epoch's "
             "network; 0: train to the end and keep the last"},
    {"minimum_delta", FIELD_REAL, STOPPING(minimum_delta), .minimum = 0, .maximum = 1000,
     .default_value = "0", .help = "how far a score must exceed the best to count as better"},
    {"labels", FIELD_CHOICE, STOPPING(labels), .default_value = "pipeline",
     .choices = stopping_labels,
     .help = "what the network is scored against on the validation images: the pipeline's output, "
             "or ground truth"},
    {0},
};

#define TUNING(member) offsetof(struct fine_tuning, member)

static const struct field tuning_fields[] = {
    {"bits", FIELD_INTEGER, TUNING(bits), .minimum = 2, .maximum = 8, .default_value = "8",
     .help = "of each weight; values between layers always have 8"},
    {"epochs", FIELD_INTEGER, TUNING(epochs), .minimum = 1, .maximum = 1e6, .default_value = "2",
     .help = "further ones, after those of the training"},
    {"learning_rate", FIELD_REAL, TUNING(learning_rate), .minimum = 0, .maximum = 10,
     .default_value = "0.01", .help = "share of the training's; the schedule begins anew"},
    {0},
};

const struct field train_fields[] = {
    {"labels", FIELD_CHOICE, AT(labels), .default_value = "pipeline", .choices = label_sources,
     .help = "labels to learn from: the pipeline's; the ground truth of the hand-labelled images "
             "only; the ground truth of all images (the upper bound)"},
    {"input", FIELD_CHOICE, AT(input), .default_value = "degraded", .choices = input_sources,
     .help =
         "training input: the degraded images that the pipeline saw; or the labels, degraded "
         "again, so that the noise left in a label is not in the input (only to denoise, with a "
         "network that replaces the whole pipeline)"},
#include "train/course.def"
    {"early_stopping", FIELD_RECORD, AT(early_stopping), .default_value = "{}",
     .fields = stopping_fields,
     .help = "stop before the last epoch, by the score on the validation images"},
    {"engine", FIELD_COMPONENT, AT(engine), .default_value = DEFAULT_ENGINE,
     .registry = registry_engines,
     .help = "library for the heavy kernels; onednn if the program is built with it"},
    PRECISION_FIELD,
    {"quantize", FIELD_RECORD, AT(quantize), .default_value = "{}", .unsaid = true,
     .fields = tuning_fields,
     .help = "train on with weights and values rounded as 8-bit integers would be, so that the "
             "network loses less when it becomes one; needs the section 'quantize', by whose "
             "calibration ranges are found. {} takes the defaults, ~ is without. docs/int8.md"},
    {0},
};

const struct field train_course_fields[] = {
#include "train/course.def"
    PRECISION_FIELD,
    {0},
};

enum status train_complete(struct train_settings *settings, const char *name, struct arena *arena,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct component *loss = &settings->loss;
    struct diagnostics none = {0};

    if (loss->kind)
        return STATUS_OK;
    loss->kind = registry_find(registry_losses(), name);
    TRY(arena_new(arena, &loss->config, loss->kind->config_size, 1, error));
    if (loss->kind->fields)
        TRY(schema_read(loss->kind->fields, NULL, "train.loss", loss->config, arena, &none, error));
out:
    diagnostics_release(&none);
    return status;
}
