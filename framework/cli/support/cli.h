/* The verbs of the program: one file each. Each takes its own name as argv[0] and returns the exit
 * status. Only cli/ prints. */
#ifndef UNDERSTUDY_CLI_SUPPORT_CLI_H
#define UNDERSTUDY_CLI_SUPPORT_CLI_H

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,        /* trials failed, or the system refused */
    EXIT_USAGE = 2,         /* bad usage or configuration */
    EXIT_INTERRUPTED = 130, /* stopped by the user */
};

int verb_apply(int argc, char **argv);
int verb_bench(int argc, char **argv);
int verb_best(int argc, char **argv);
int verb_cache(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_compare(int argc, char **argv);
int verb_describe(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_export(int argc, char **argv);
int verb_new(int argc, char **argv);
int verb_paper(int argc, char **argv);
int verb_plan(int argc, char **argv);
int verb_plot(int argc, char **argv);
int verb_publish(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_schema(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_table(int argc, char **argv);
int verb_verdict(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_work(int argc, char **argv);

#endif
