/*
 * What the verbs share: the command line, loading a plan, telling mistakes.
 *
 *     static const char *format;
 *     static const struct option_row rows[] = {
 *         {"format", 'f', "NAME", "csv or text", .value = &format}, {0}};
 *     static const struct verb verb = {.usage = "table [OPTION …] FILE", .about = "…",
 *                                      .rows = rows, .least = 1, .most = 1};
 *     struct options options;
 *     int exit_status;
 *
 *     if (!options_read(&options, &verb, argc, argv, &exit_status))
 *         return exit_status;
 *     …
 *     options_release(&options);
 */
#ifndef UNDERSTUDY_CLI_SUPPORT_OPTIONS_H
#define UNDERSTUDY_CLI_SUPPORT_OPTIONS_H

#include "cli/support/cli.h"
#include "io/files/search_path.h"
#include "plan/plan.h"

#include <stdio.h>

/* Options that several verbs take. */
enum {
    OPTION_SET = 1,    /* --set PATH=VALUE */
    OPTION_ENGINE = 2, /* --engine NAME */
    OPTION_HOME = 4,   /* --home DIRECTORY */
    OPTION_ISA = 8,    /* --isa NAME; goes with OPTION_ENGINE, too */
    OPTION_PLAN = OPTION_SET | OPTION_ENGINE | OPTION_HOME,
};

/* An option of one verb. */
struct option_row {
    const char *name;     /* without the dashes */
    char letter;          /* 0: it has none */
    const char *argument; /* what --help calls it; NULL: the option takes none */
    const char *help;
    const char **value; /* gets the argument */
    bool *flag;         /* becomes true, where there is no argument */
};

struct verb {
    const char *usage;             /* "check [OPTION …] FILE …" */
    const char *about;             /* for --help */
    unsigned shared;               /* OPTION_… that it takes */
    const struct option_row *rows; /* its own, ended by {0}; NULL: none */
    int least, most;               /* operands; most -1: any number */
};

struct options {
    const char **overrides; /* owned; the texts are argv's */
    size_t override_count;
    const char *engine, *isa; /* NULL where not given */
    const char *home; /* --home, else $UNDERSTUDY_HOME, else the checkout that the program lies in;
                       * NULL where the verb has no --home */
    struct text found_home; /* where the last was taken */
    char **operands;        /* [operand_count], the rest of argv */
    int operand_count;
};

/* Read the command line. False: leave with *exit_status (help was shown, or the usage is wrong);
 * nothing is to be released then. */
bool options_read(struct options *options, const struct verb *verb, int argc, char **argv,
                  int *exit_status);
void options_release(struct options *options);

/* Where files of this kind are looked for: beside `file`, on the search path, in the home. A name
 * without a folder, as "", is a file of the current folder. */
MUST_CHECK enum status options_folders(const struct options *options, enum search_kind kind,
                                       const char *file, struct arena *arena,
                                       struct text_list *folders, struct error *error);
/* Load the network families that `file` may use; mistakes are told. Returns EXIT_DONE, or the
 * status to leave with. families_release() is the caller's. */
int options_families(const struct options *options, const char *file);
/* Load an experiment and check it; mistakes are told. The families are loaded before it, unless
 * some are: plans point to them, and a second plan leaves them as they are. Returns EXIT_DONE and
 * the plan (the caller releases it, then the families), or the status to leave with. */
int options_plan(const struct options *options, const char *file, struct plan *plan);

/* Where data sets lie: `given`, else $UNDERSTUDY_DATA, else the home's data/raw, for which `place`
 * holds the text; NULL: no memory. */
const char *options_data(const struct options *options, const char *given, struct text *place);

/* A whole number behind --`option`; `*value` stays where `text` is NULL. False, and it is told,
 * where it is none from `least` to `most`. */
bool options_whole(const char *verb, const char *option, const char *text, long long least,
                   long long most, long long *value);
/* Write the mistakes to stderr, one a line, then their number. */
void options_print_mistakes(struct diagnostics *found);
/* To stderr: "understudy: …". Returns the exit status that fits. */
int options_fail(const struct error *error);
/* Write the text to stdout and release it. Returns the exit status. */
int options_write(struct text *text);

#endif
