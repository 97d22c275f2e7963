/*
 * A shelf: a folder of YAML files of one kind (machines, launchers), each of which says the name
 * that its file has: experiments/hardware/tpu_v1.yaml starts with `machine: tpu_v1`.
 */
#ifndef UNDERSTUDY_IO_SCHEMA_CATALOG_H
#define UNDERSTUDY_IO_SCHEMA_CATALOG_H

#include "io/schema/schema.h"

/* The names of all files NAME.yaml in the directory, sorted; `plural` is for the message of one
 * that cannot be listed. */
MUST_CHECK enum status catalog_names(const char *directory, const char *plural, struct arena *arena,
                                     struct text_list *names, struct error *error);

/*
 * Read DIRECTORY/NAME.yaml as `fields` say; the first of them is the name, a text, called as the
 * kind is ("machine"). A file that is not there is a mistake in `found`, at `mark` and `path`, with
 * the nearest name; so is all that is wrong in it. *root is the file's tree, NULL where there is
 * none. All lives in `arena`.
 */
MUST_CHECK enum status catalog_read(const char *directory, const char *plural, const char *name,
                                    struct yaml_mark mark, const char *path,
                                    const struct field *fields, void *record, struct arena *arena,
                                    struct yaml_node **root, struct diagnostics *found,
                                    struct error *error);

#endif
