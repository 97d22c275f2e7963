/* Any bytes as an experiment file: loaded, checked; if sound, a trial and the resolved text. */
#include "io/files/home.h"
#include "plan/plan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static struct text home; /* found once */

/* Small plans, so that time goes into many files rather than into one large grid. */
enum { MOST_TRIALS = 300 };

static void check(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "status %d: %s\n", (int)status, error->message);
    abort();
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    struct diagnostics found = {0};
    struct text families = {0};
    struct error error = {0};

    (void)count;
    (void)arguments;
    check(home_of_this(&home, &error), &error);
    text_append(&families, "%s/networks/families", home.bytes);
    check(text_status(&families, &error), &error);
    check(families_load(TEXTS(families.bytes), &found, &error), &error);
    text_release(&families);
    if (found.count)
        abort();
    diagnostics_release(&found);
    return 0;
}

/* A plan without mistakes must resolve: nothing may be found only when it runs. */
static void resolve(struct plan *plan)
{
    struct arena arena = {0};
    struct text text = {0};
    struct error error = {0};
    struct trial trial;

    check(plan_trial(plan, 0, &arena, &trial, &error), &error);
    arena_release(&arena);
    check(plan_trial(plan, plan->trial_count - 1, &arena, &trial, &error), &error);
    check(plan_resolved(plan, &text, &error), &error);
    text_release(&text);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct plan_options options = {.home = home.bytes, .most_trials = MOST_TRIALS};
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan plan;

    check(plan_load_text(&plan, "fuzz.yaml", (const char *)bytes, size, &options, &found, &error),
          &error);
    if (found.count == 0)
        resolve(&plan);
    diagnostics_release(&found);
    plan_release(&plan);
    return 0;
}
