/* What the checks of one experiment share; private to check*.c. */
#ifndef UNDERSTUDY_PLAN_CHECK_CHECKER_H
#define UNDERSTUDY_PLAN_CHECK_CHECKER_H

#include "interfaces/stage.h"
#include "plan/steps.h"

enum { PLACE_LENGTH = 256 };

/* The part of the pipeline that the network takes over. */
struct part {
    bool known;          /* [first, last) is */
    bool cut;            /* it is, and ends before the pipeline does */
    size_t first, last;  /* stages */
    enum content target; /* what the network gives, as the last of those stages does */
};

struct checker {
    const struct experiment *unrecorded; /* for READ() alone */
    struct part unrecorded_part;         /* for check_part() alone */
    const struct yaml_node *root;
    const struct diagnostics *unsound; /* mistakes of single fields */
    struct sound_networks *networks;
    struct check_coverage *news; /* NULL: reads are not recorded */
    uint64_t groups;             /* of axes that decide what the check in hand has read so far */
    struct diagnostics *found;
    const struct task *task; /* the task is the whole experiment's */
};

/*
 * A member of the experiment, as `READ(checker, train.batch)`. That it was read is recorded: the
 * check says the same wherever the grid gives the same values to all that it has read, and is not
 * asked again there (plan/check/check_coverage.c). Members and their YAML paths have the same
 * names; where they have not, READ_AT() is told the path.
 */
#define READ(checker, member) READ_AT(checker, member, #member)
#define READ_AT(checker, member, path)                                                             \
    (*(check_reads((checker), (path)), &(checker)->unrecorded->member))

/* What stands at the path, or in it, or around it, is read. */
void check_reads(struct checker *checker, const char *path);
/* The data set with its own settings. */
const struct component *check_source(struct checker *checker);
/* What the network takes over, by the pipeline's stages and `replace`. */
const struct part *check_part(struct checker *checker);

/* What the network takes and gives. */
struct sizes {
    struct shape input, target; /* target: of the labels */
    struct answer answer;
};

/* The shape that every image has, and the classes of a task that has some (0: none); false, and
 * zeros, where data must be read to know. */
bool check_image_shape(struct checker *checker, struct shape *shape, struct answer *answer);
/* Those of training items; *known is false where they are open, or follow from a mistake. */
MUST_CHECK enum status check_training_sizes(struct checker *checker, struct sizes *sizes,
                                            bool *known, struct error *error);

/* Tell a mistake at `path`. */
MUST_CHECK enum status check_mistake(struct checker *checker, const char *path, struct error *error,
                                     const char *format, ...) PRINTF_LIKE(4, 5);
/* Is there no mistake at, in or around `path`? */
bool check_sound(const struct checker *checker, const char *path);

/* At `path`: family or filter `name` does not give what the network is to give. */
MUST_CHECK enum status check_unfit(struct checker *checker, const char *path, const char *name,
                                   struct error *error);

MUST_CHECK enum status check_filter(struct checker *checker, struct error *error);
MUST_CHECK enum status check_input(struct checker *checker, struct error *error);
MUST_CHECK enum status check_shard(struct checker *checker, struct error *error);
MUST_CHECK enum status check_loss(struct checker *checker, struct error *error);
MUST_CHECK enum status check_fine_tuning(struct checker *checker, struct error *error);
MUST_CHECK enum status check_schedule(struct checker *checker, struct error *error);
MUST_CHECK enum status check_augment(struct checker *checker, struct error *error);
MUST_CHECK enum status check_stopping(struct checker *checker, struct error *error);
MUST_CHECK enum status check_engine(struct checker *checker, struct error *error);
MUST_CHECK enum status check_network(struct checker *checker, struct error *error);
MUST_CHECK enum status check_recorded(struct checker *checker, struct error *error);
MUST_CHECK enum status check_pools(struct checker *checker, struct error *error);
MUST_CHECK enum status check_patch_size(struct checker *checker, struct error *error);
MUST_CHECK enum status check_pipeline_size(struct checker *checker, struct error *error);
MUST_CHECK enum status check_network_size(struct checker *checker, struct error *error);
MUST_CHECK enum status check_filter_size(struct checker *checker, struct error *error);
MUST_CHECK enum status check_hardware(struct checker *checker, struct error *error);
MUST_CHECK enum status check_select(struct checker *checker, struct error *error);
MUST_CHECK enum status check_figures(struct checker *checker, struct error *error);

/* "; did you mean 'x'?" or, where `best` is NULL, nothing: goes to `text` and is returned. */
const char *check_suggestion(const char *best, char *text, size_t room);
/* What a text or choice field of a configuration says; NULL: it has none of that name. */
const char *check_setting(const struct component *component, const char *name);

#endif
