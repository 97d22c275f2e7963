/*
 * The parts of a trial's keys: each field of the experiment file that results depend on, under the
 * stage that is the first to use it, and what stands behind fields (versions, layers, machines'
 * figures, the engine as it runs here). Private to plan/.
 */
#ifndef UNDERSTUDY_PLAN_KEYS_KEY_PART_H
#define UNDERSTUDY_PLAN_KEYS_KEY_PART_H

#include "plan/plan.h"

enum { KEY_MOST_PARTS = 128 };

struct key_part {
    enum trial_step step;
    const char *section;       /* "train"; NULL: the field stands at the top */
    const struct field *field; /* NULL: no single field, but what `print` makes of them */
    size_t offset;             /* in struct experiment, of the record that holds the field */
    enum status (*print)(const struct plan *plan, const struct experiment *experiment,
                         struct text *text, struct error *error);
    const char *paths[2]; /* what of the file decides what `print` gives */
    bool filter;          /* of the section `filter`: it counts where labels are filtered */
    bool loss;            /* the field's default follows from the pipeline */
    bool network;         /* of the trial's network: a filter may have its own */
    bool course;          /* of the trial's training alone: a filter's have their own epochs */
};

/* All parts, in the order in which they are printed. Returns their number. */
size_t key_parts(struct key_part parts[KEY_MOST_PARTS]);

/* Lines "path: value", for a trial of this experiment. */
MUST_CHECK enum status key_part_print(const struct key_part *part, const struct plan *plan,
                                      const struct experiment *experiment, struct text *text,
                                      struct error *error);

/* Does the filter look at labels, or are they right by definition? */
bool key_filters(const struct experiment *experiment);
/* Does it train networks to do so? Then all that training depends on counts for the filter too. */
bool key_filter_trains(const struct experiment *experiment);
/* … networks of its own, not the trial's? */
bool key_filter_own(const struct experiment *experiment);

/* "engine_version: …", "engine_isa: …": the engine as it runs on this machine. */
MUST_CHECK enum status key_print_engine(const struct train_settings *settings, struct text *text,
                                        struct error *error);

#endif
