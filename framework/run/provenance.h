/* What a results file tells of its making: the program, its libraries, the data, the machine. */
#ifndef UNDERSTUDY_RUN_PROVENANCE_H
#define UNDERSTUDY_RUN_PROVENANCE_H

#include "io/hdf5.h"
#include "kinds/engine.h"

/*
 * Attributes of the root: git_commit, git_dirty (0 or 1), compiler, flags, libraries,
 * engine, engine_version, instruction_set, datasets ("name sha256" lines). What the tree differs by
 * from its commit is the text /provenance/diff; there is none when it does not.
 */
MUST_CHECK enum status provenance_write(struct hdf5 *file, const struct engine *engine,
                                        enum precision precision, const char *datasets,
                                        struct error *error);

/* What was built, for people: "commit 0123abcd… (gcc …)". */
const char *provenance_version(void);

/* /environment: host, system, cpu, processors, clock (UTC). Not part of the contents' digest. */
MUST_CHECK enum status environment_write(struct hdf5 *file, struct error *error);

#endif
