#include "trial/options.h"

#include "base/work.h"

const char *const trial_phase_names[PHASES] = {
    [PHASE_READ] = "reading data",   [PHASE_DEGRADE] = "degrading",
    [PHASE_TUNE] = "tuning",         [PHASE_FIT] = "fitting",
    [PHASE_LABEL] = "labelling",     [PHASE_FILTER] = "filtering",
    [PHASE_TRAIN] = "training",      [PHASE_FINE_TUNE] = "fine-tuning",
    [PHASE_EVALUATE] = "evaluating",
};

void trial_tell(const struct trial_options *options, enum trial_phase phase)
{
    work_step(trial_phase_names[phase]);
    if (options->begins)
        options->begins(options->context, phase);
}
