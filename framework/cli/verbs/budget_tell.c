#include "cli/verbs/budget_tell.h"

#include "cli/support/say.h"
#include "run/budget.h"

#include <stdio.h>

void budget_tell(const struct plan *plan, const char *results, size_t left)
{
    struct text text = {0};

    budget_text(plan, results, left, &text);
    say_line(stderr, "understudy: %s", text.bytes ? text.bytes : "budget used up");
    text_release(&text);
}

bool budget_is_spent(const struct plan *plan, const char *results, size_t left)
{
    char folder[PATH_ROOM];

    path_print(folder, "%s/runs/%s", results, plan->base.name);
    if (!left || !budget_spent(&plan->base.limits, folder))
        return false;
    budget_tell(plan, results, left);
    return true;
}
