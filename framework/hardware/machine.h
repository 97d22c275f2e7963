/* Machines: YAML files in experiments/hardware/, each naming a cost model and filling its fields.
 */
#ifndef UNDERSTUDY_HARDWARE_MACHINE_H
#define UNDERSTUDY_HARDWARE_MACHINE_H

#include "interfaces/hardware.h"

/*
 *     machine: tpu_v1
 *     about: Google's first tensor processing unit
 *     source: Jouppi et al., ISCA 2017
 *     model: systolic
 *     rows: 256
 *     ...
 */
struct machine {
    const char *name, *about, *source;
    struct component model;
};

/* Load DIRECTORY/NAME.yaml. A machine that is not there is a mistake in `found`, at `mark` and
 * `path`, with the nearest name; so are mistakes in the file. Lives in `arena`. */
MUST_CHECK enum status machine_load(const struct text_list *folders, const char *name,
                                    struct yaml_mark mark, const char *path, struct arena *arena,
                                    struct machine *machine, struct diagnostics *found,
                                    struct error *error);
/* Size of a value on the machine, in bytes; 0 where its model does not tell. */
double machine_value_bytes(const struct machine *machine);
/* The names of all machines in the folders, sorted. */
MUST_CHECK enum status machine_names(const struct text_list *folders, struct arena *arena,
                                     struct text_list *names, struct error *error);

#endif
