/* How a stage's text is put together from parts, wherever these come from. Private to plan/. */
#ifndef UNDERSTUDY_PLAN_KEYS_KEY_H
#define UNDERSTUDY_PLAN_KEYS_KEY_H

#include "plan/keys/key_part.h"

struct key_source {
    const struct key_part *parts;
    size_t count;
    bool filters, trains, own; /* key_filters(), … of the trial */
    enum status (*print)(const struct key_source *source, size_t part, struct text *text,
                         struct error *error);
};

/* Append the text of a stage; `input` is the key of the stage before, NULL for the first. *idle:
 * the trial leaves this stage out. */
MUST_CHECK enum status key_text(const struct key_source *source, enum trial_step step,
                                uint32_t replicate, const char *input, struct text *text,
                                bool *idle, struct error *error);
/* The stage's key, by way of its text; of a stage that is left out, the key of the one before. */
MUST_CHECK enum status key_make(const struct key_source *source, enum trial_step step,
                                uint32_t replicate, const char *input, struct text *text,
                                char key[HASH_TEXT], struct error *error);

#endif
