/* What a results file tells of its making: the program, its libraries, the data, the machine. */
#ifndef UNDERSTUDY_RESULTS_PROVENANCE_H
#define UNDERSTUDY_RESULTS_PROVENANCE_H

#include "interfaces/engine.h"
#include "io/hdf5/hdf5.h"

#include <stdbool.h>

/*
 * Attributes of the root: git_commit ("unknown: …" where the sources are no git checkout of their
 * own), git_dirty (0 or 1; only beside a commit), sources_sha256 (of what tools/sources lists),
 * compiler, flags, libraries, engine, engine_version, instruction_set, datasets ("name sha256"
 * lines). What the tree differs by from its commit, and what was changed while it was compiled, is
 * the text /provenance/diff; there is none when it does not.
 */
MUST_CHECK enum status provenance_write(struct hdf5 *file, const struct engine *engine,
                                        enum precision precision, const char *datasets,
                                        struct error *error);

/* What was built, for people: "commit 0123abcd… (gcc …)", or why there is no commit, and the
 * sources' digest. */
const char *provenance_version(void);
bool provenance_has_commit(void);

/* /environment: host, system, cpu, processors, clock (UTC). Not part of the contents' digest. */
MUST_CHECK enum status environment_write(struct hdf5 *file, struct error *error);

#endif
