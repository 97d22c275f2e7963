/*
 * Steps down: the learning rate times `factor` after every so many epochs, or from given shares of
 * all steps on. As PyTorch's StepLR and MultiStepLR; the scheme of Krizhevsky, Sutskever, Hinton,
 * "ImageNet classification with deep convolutional neural networks", 2012, and He, Zhang, Ren, Sun,
 * "Deep residual learning for image recognition", 2016 (0.1 at half and at three quarters).
 */
#include "interfaces/training.h"

#include <stddef.h>

struct step {
    int64_t every;
    struct real_list at;
    double factor;
};

static const struct field fields[] = {
    {"every", FIELD_INTEGER, offsetof(struct step, every), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "epochs",
     .help = "epochs from one step to the next; 0: use 'at'"},
    {"at", FIELD_REALS, offsetof(struct step, at), .minimum = 0, .maximum = 1,
     .default_value = "[]",
     .help = "when to step down, as shares of all steps, such as [0.5, 0.75]"},
    {"factor", FIELD_REAL, offsetof(struct step, factor), .maximum = 1, .default_value = "0.1",
     .help = "factor by which the learning rate is multiplied each time"},
    {0},
};

static enum status step_check(const void *config, struct error *error)
{
    const struct step *step = config;

    if ((step->every > 0) == (step->at.count > 0))
        return error_set(error, STATUS_CONFIG, "'step' needs one of 'every' and 'at', %s",
                         step->every > 0 ? "not both" : "as 'at: [0.5, 0.75]'");
    return STATUS_OK;
}

static double step_factor(const void *config, int64_t step, int64_t steps, int64_t epochs)
{
    const struct step *settings = config;
    int64_t taken = 0;
    double factor = 1;

    if (settings->every > 0)
        taken = step / (steps / epochs) / settings->every;
    for (size_t i = 0; i < settings->at.count; i++)
        taken += (double)step >= settings->at.items[i] * (double)steps;
    for (; taken > 0 && factor > 0; taken--)
        factor *= settings->factor;
    return factor;
}

const struct schedule schedule_step = {
    .descriptor = {.name = "step",
                   .summary =
                       "down by a factor, every few epochs or at given shares of the training",
                   .source = "Krizhevsky, Sutskever, Hinton 2012; He, Zhang, Ren, Sun 2016",
                   .fields = fields,
                   .config_size = sizeof(struct step),
                   .version = 1},
    .check = step_check,
    .factor = step_factor,
};
