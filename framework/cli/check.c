/* `understudy check FILE …`: is anything wrong? */
#include "cli/options.h"

static const struct verb verb = {
    .usage = "check [OPTION …] FILE …",
    .about = "Validate experiment files: every trial of every file, all mistakes at once.\n"
             "Exit status 0: no mistakes; 2: mistakes.",
    .shared = OPTION_PLAN,
    .least = 1,
    .most = -1,
};

int verb_check(int argc, char **argv)
{
    struct options options;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    int families = result = options_families(&options);
    for (int i = 0; families == EXIT_DONE && i < options.operand_count; i++) {
        struct plan plan;
        int one = options_plan(&options, options.operands[i], &plan);
        if (one == EXIT_DONE) {
            size_t count = plan_final_count(&plan);
            printf("%s: %zu trial%s, no mistakes\n", options.operands[i], count,
                   count == 1 ? "" : "s");
            fflush(stdout); /* in step with the other files' mistakes, on stderr */
            plan_release(&plan);
        }
        result = one > result ? one : result;
    }
    families_release();
    options_release(&options);
    return result;
}
