/* What the checks of one experiment share; private to check*.c. */
#ifndef UNDERSTUDY_PLAN_CHECKER_H
#define UNDERSTUDY_PLAN_CHECKER_H

#include "kinds/stage.h"
#include "plan/steps.h"

enum { PLACE_LENGTH = 256 };

struct checker {
    const struct experiment *experiment;
    const struct yaml_node *root;
    const struct diagnostics *unsound; /* mistakes of single fields */
    struct sound_networks *networks;
    struct diagnostics *found;
    bool classify;
    bool replaced;       /* [first, last) is known */
    size_t first, last;  /* stages that the network takes over */
    enum content target; /* what the network gives, as the last of those stages does */
};

/* Tell a mistake at `path`. */
MUST_CHECK enum status check_mistake(struct checker *checker, const char *path, struct error *error,
                                     const char *format, ...) PRINTF_LIKE(4, 5);
/* Is there no mistake at, in or around `path`? */
bool check_sound(const struct checker *checker, const char *path);

/* At `path`: family or filter `name` does not give what the network is to give. */
MUST_CHECK enum status check_unfit(struct checker *checker, const char *path, const char *name,
                                   struct error *error);

MUST_CHECK enum status check_filter(struct checker *checker, struct error *error);
MUST_CHECK enum status check_train(struct checker *checker, struct error *error);
MUST_CHECK enum status check_network(struct checker *checker, struct error *error);
MUST_CHECK enum status check_hardware(struct checker *checker, struct error *error);
MUST_CHECK enum status check_select(struct checker *checker, struct error *error);
MUST_CHECK enum status check_figures(struct checker *checker, struct error *error);

/* "; did you mean 'x'?" or, where `best` is NULL, nothing: goes to `text` and is returned. */
const char *check_suggestion(const char *best, char *text, size_t room);

#endif
