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
 *     sources:
 *       rows: "Figure 1"
 *       ...
 */
struct machine {
    const char *name, *about, *source;
    struct component model;
    const struct yaml_node *sources; /* of each number: where it is written, or how measured */
};

/* Load DIRECTORY/NAME.yaml. A machine that is not there is a mistake in `found`, at `mark` and
 * `path`, with the nearest name; so are mistakes in the file, and
 * numbers without a source. Lives in `arena`. */
MUST_CHECK enum status machine_load(const struct text_list *folders, const char *name,
                                    struct yaml_mark mark, const char *path, struct arena *arena,
                                    struct machine *machine, struct diagnostics *found,
                                    struct error *error);
/* The names of all machines in the folders, sorted. */
MUST_CHECK enum status machine_names(const struct text_list *folders, struct arena *arena,
                                     struct text_list *names, struct error *error);

#endif
