/* Slurm, for its launcher's files and tests: settings, system, and what `scontrol` prints. */
#ifndef UNDERSTUDY_LAUNCH_SLURM_H
#define UNDERSTUDY_LAUNCH_SLURM_H

#include "launch/batch.h"

struct slurm {
    struct batch_settings batch;
    const char *partition, *account, *qos;
};

extern const struct batch_system slurm_system;

bool slurm_parse_array_size(const char *printed, int64_t *size); /* scontrol show config */

#endif
