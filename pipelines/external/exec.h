/* Shared by the files of `exec` alone. */
#ifndef UNDERSTUDY_PIPELINES_EXTERNAL_EXEC_H
#define UNDERSTUDY_PIPELINES_EXTERNAL_EXEC_H

#include "base/child.h"
#include "base/hash.h"
#include "pipelines/external/external.h"

enum exec_protocol { EXEC_FILES, EXEC_NPY };
enum exec_format { EXEC_PNG, EXEC_PNG16, EXEC_TIFF };
enum exec_trust { EXEC_CHECK, EXEC_NO, EXEC_YES };

struct exec {
    struct text_list command, files, environment;
    int64_t protocol, format, output, deterministic;
    int64_t channels, features, batch, workers;
    bool persistent;
    double timeout, multiply_adds;
    const char *ignore; /* the number that means "not known" in masks and maps; "": there is none */
    const char *folder; /* where the command runs */
};

/* The programs that wait for images. */
struct exec_state {
    struct text environment_bytes;
    const char **arguments, **environment; /* ended by NULL, owned */
    struct arena arena;                    /* of arguments */
    char settings[HASH_TEXT];              /* of all that answers depend on beside the image */
    size_t count;
    struct child *children; /* [count] */
    bool *running;          /* [count] */
};

/* Images of one shape that are asked for together. */
struct exec_batch {
    const struct exec *exec;
    const struct exec_state *state;
    const struct image_set *in;
    const uint32_t *images; /* [count], which of `in` */
    size_t count;
    struct shape from, to;
    enum content content; /* of answers; scores may be told by the numbers of classes */
    int classes;          /* of masks */
    float *answers;       /* [count][shape_size(to)] */
};

/* Ask for the batch by one protocol. STATUS_DATA for what is no answer. */
MUST_CHECK enum status exec_npy(const struct exec_batch *batch, struct child *child,
                                struct error *error);
/* This one starts a program of its own. */
MUST_CHECK enum status exec_files(const struct exec_batch *batch, struct child *child,
                                  bool *running, struct error *error);
/* The number that means "not known"; false: there is none, or the text is no number. */
bool exec_ignored(const struct exec *exec, double *value);
/* Remove the folders of programs whose process was killed. */
void exec_sweep(void);

/* Lines "name: value" for keys: the digests of the program and of the files named. */
MUST_CHECK enum status exec_print_files(const struct exec *exec, struct text *text,
                                        struct error *error);
/* STATUS_DATA where one of them is another file by now. */
MUST_CHECK enum status exec_files_unchanged(const struct exec *exec, struct error *error);

MUST_CHECK enum status exec_check(const void *config, const struct task *task,
                                  const struct engine *engine, struct diagnostics *found,
                                  struct error *error);
enum content exec_gives(const void *config, enum content in);
void exec_settle(void *config, const char *folder);
MUST_CHECK enum status exec_shape(const void *config, struct shape in, struct answer answer,
                                  struct shape *out, struct error *error);
struct operations exec_count(const void *config, struct shape in, struct answer answer);
MUST_CHECK enum status exec_key(const void *config, const struct task *task,
                                const struct engine *engine, struct text *text,
                                struct error *error);
MUST_CHECK enum status exec_start(const void *config, void **state, struct error *error);
void exec_release(void *state);
MUST_CHECK enum status exec_run(const void *config, void *state, const struct stage_call *call,
                                struct image_set *out, struct error *error);

#endif
