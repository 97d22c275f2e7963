/* The `train:` section of the experiment file. */
#include "kinds/registry.h"
#include "train/train.h"

#include <stddef.h>

static const char *const label_sources[] = {
    [LABELS_PIPELINE] = "pipeline", [LABELS_MANUAL] = "manual", [LABELS_TRUTH] = "truth", NULL};

static const char *const input_sources[] = {
    [INPUT_DEGRADED] = "degraded", [INPUT_REDEGRADED] = "redegraded", NULL};

static const char *const precisions[] = {
    [PRECISION_FLOAT32] = "float32", [PRECISION_BFLOAT16] = "bfloat16", NULL};

#ifdef UNDERSTUDY_ONEDNN
#define DEFAULT_ENGINE "onednn"
#else
#define DEFAULT_ENGINE "openblas"
#endif
static const char *const stopping_labels[] = {
    [STOPPING_PIPELINE] = "pipeline", [STOPPING_TRUTH] = "truth", NULL};

#define AT(member) offsetof(struct train_settings, member)
/* Members of the embedded struct, from its own start. */
#define STOPPING(member) (AT(early_stopping.member) - AT(early_stopping))

static const struct field stopping_fields[] = {
    {"patience", FIELD_INTEGER, STOPPING(patience), .minimum = 0, .maximum = 1e6, .fallback = "0",
     .unit = "epochs",
     .help = "stop after so many without a better score, and keep the best epoch's network; 0: "
             "train to the end and keep the last"},
    {"minimum_delta", FIELD_REAL, STOPPING(minimum_delta), .minimum = 0, .maximum = 1000,
     .fallback = "0", .help = "how much a score must be above the best to be better"},
    {"labels", FIELD_CHOICE, STOPPING(labels), .fallback = "pipeline", .choices = stopping_labels,
     .help = "what the network is scored against on the validation images: the pipeline's output, "
             "or ground truth"},
    {0},
};

const struct field train_fields[] = {
    {"labels", FIELD_CHOICE, AT(labels), .fallback = "pipeline", .choices = label_sources,
     .help = "whose labels to learn: the pipeline's; the ground truth of the hand-labelled images "
             "alone; the ground truth of all (the upper bound)"},
    {"input", FIELD_CHOICE, AT(input), .fallback = "degraded", .choices = input_sources,
     .help = "what the network sees in training: the degraded images, as the pipeline saw them; or "
             "the labels, degraded anew, so that a label's leftover noise is not in the input to "
             "be copied (to denoise, by a network that takes over the whole pipeline)"},
    {"epochs", FIELD_INTEGER, AT(epochs), .minimum = 1, .maximum = 1e6, .fallback = "20",
     .help = "passes over the training items"},
    {"minimum_steps", FIELD_INTEGER, AT(minimum_steps), .minimum = 0, .maximum = 1e9,
     .fallback = "0",
     .help = "small sets: each epoch is as many passes as make this many steps in all"},
    {"batch", FIELD_INTEGER, AT(batch), .minimum = 1, .maximum = 65536, .fallback = "128",
     .unit = "items", .help = "items of one step"},
    {"shard", FIELD_INTEGER, AT(shard), .minimum = 1, .maximum = 65536, .fallback = "16",
     .unit = "items",
     .help = "items that one thread carries at a time, and that batch normalisation sees together"},
    {"optimizer", FIELD_COMPONENT, AT(optimizer), .fallback = "adam",
     .registry = registry_optimizers, .help = "how gradients become steps"},
    {"schedule", FIELD_COMPONENT, AT(schedule), .fallback = "constant",
     .registry = registry_schedules, .help = "how the learning rate changes over the steps"},
    {"loss", FIELD_COMPONENT, AT(loss), .fallback = "~", .registry = registry_losses,
     .help = "what is made small; by default the task's own: mse to denoise, cross_entropy to "
             "classify"},
    {"learning_rate", FIELD_REAL, AT(learning_rate), .minimum = 0, .maximum = 1000,
     .fallback = "1e-3", .help = "length of a step, before the schedule's factor"},
    {"weight_decay", FIELD_REAL, AT(weight_decay), .minimum = 0, .maximum = 1000, .fallback = "0",
     .help = "pull of weights towards zero (L2); biases and scales are left alone"},
    {"clip_norm", FIELD_REAL, AT(clip_norm), .minimum = 0, .maximum = 1e9, .fallback = "0",
     .help = "most that the norm of all gradients together may be: longer ones are scaled down to "
             "it; 0: they are left as they are"},
    {"average", FIELD_REAL, AT(average), .minimum = 0, .maximum = 0.999999, .fallback = "0",
     .help = "decay d of a moving average of the weights, which is what is evaluated and kept, as "
             "0.999; after step t it is min(d, (1 + t) / (10 + t)); 0: no average"},
    {"augment", FIELD_COMPONENTS, AT(augment), .fallback = "[]", .registry = registry_augmentations,
     .help = "how items are changed at random each time that they are seen, in order"},
    {"early_stopping", FIELD_RECORD, AT(early_stopping), .fallback = "{}",
     .fields = stopping_fields,
     .help = "an end before the last epoch, when the validation images say so"},
    {"engine", FIELD_COMPONENT, AT(engine), .fallback = DEFAULT_ENGINE,
     .registry = registry_engines,
     .help = "library that the heavy kernels come from; onednn where the program is built with it"},
    {"precision", FIELD_CHOICE, AT(precision), .fallback = "float32", .choices = precisions,
     .help = "of values and products; bfloat16 needs the engine onednn and a processor that has "
             "it, parameters and sums stay float32"},
    {0},
};
