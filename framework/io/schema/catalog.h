/*
 * A catalog: the YAML files of one kind (families, machines, launchers) in the folders where they
 * are looked for. Each says the name that its file has: experiments/hardware/tpu_v1.yaml starts
 * with `machine: tpu_v1`. Of files of one name the first folder's counts.
 */
#ifndef UNDERSTUDY_IO_SCHEMA_CATALOG_H
#define UNDERSTUDY_IO_SCHEMA_CATALOG_H

#include "io/schema/schema.h"

struct catalog {
    struct text_list names; /* sorted */
    const char **files;     /* [names.count], their paths */
};

/* What there is; `plural` is for the message of a folder that cannot be listed. All lives in
 * `arena`. */
MUST_CHECK enum status catalog_list(const struct text_list *folders, const char *plural,
                                    struct arena *arena, struct catalog *catalog,
                                    struct error *error);

/*
 * Read the file NAME.yaml as `fields` say; the first of them is the name, a text, called as the
 * kind is ("machine"). A file that is not there is a mistake in `found`, at `mark` and `path`, with
 * the nearest name; so is all that is wrong in it. *root is the file's tree, NULL where there is
 * none. All lives in `arena`.
 */
MUST_CHECK enum status catalog_read(const struct text_list *folders, const char *plural,
                                    const char *name, struct yaml_mark mark, const char *path,
                                    const struct field *fields, void *record, struct arena *arena,
                                    struct yaml_node **root, struct diagnostics *found,
                                    struct error *error);

#endif
