/* The program: finds the verb and hands over. */
#include "cli/support/cli.h"
#include "cli/support/console.h"
#include "cli/support/startup.h"

#include "base/text.h"
#include "results/provenance.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
    bool engines; /* uses engines, or names them: see startup_settle() */
} verbs[] = {
    {"apply", "run a network, or its pipeline, on new images", verb_apply, true},
    {"bench", "measure training speed and the runner's overhead", verb_bench, true},
    {"best", "rank the grid points of an experiment, in mid-run, too", verb_best, false},
    {"cache", "list cached results, or remove some", verb_cache, false},
    {"check", "validate experiment files", verb_check, false},
    {"compare", "compare the scores of two experiments", verb_compare, false},
    {"describe", "list stages, filters, layers … and their settings", verb_describe, true},
    {"diff", "compare two results files", verb_diff, false},
    {"export", "write a network as ONNX or C source", verb_export, false},
    {"new", "write a first experiment file from folders of images", verb_new, false},
    {"paper", "make the numbers, tables and figures of the paper", verb_paper, false},
    {"plan", "show the trials of an experiment and what is left to do", verb_plan, true},
    {"plot", "draw the figures of a results file", verb_plot, false},
    {"publish", "copy the small part of a results file, for sharing", verb_publish, false},
    {"report", "write the report of a results file, one HTML page", verb_report, false},
    {"run", "run an experiment and draw its figures", verb_run, true},
    {"schema", "print the JSON Schema of experiment files, for editors", verb_schema, false},
    {"status", "show an experiment's progress, workers and failures", verb_status, true},
    {"table", "print all trials of a results file as CSV", verb_table, false},
    {"verdict", "show what a run came to: network or pipeline", verb_verdict, false},
    {"verify", "run some trials again and compare the bits", verb_verify, true},
    {"work", "run trials of an experiment alongside other workers", verb_work, true},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(FILE *stream)
{
    fputs(
        "usage: understudy VERB [OPTION …] [FILE …]\n\n"
        "Replace an image-processing pipeline by a small network that learns from its output.\n\n",
        stream);
    for (int i = 0; i < VERBS; i++)
        fprintf(stream, "  %-10s%s\n", verbs[i].name, verbs[i].summary);
    fputs(
        "\n`understudy VERB --help` describes a verb, `understudy --version` prints the version.\n"
        "Exit status: 0 done, 1 failed trials, 2 bad usage or configuration, 130 stopped by "
        "Ctrl-C.\n",
        stream);
}

/* Report it where the output could not be written. */
static int end(int result)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return result;
    if (result == EXIT_DONE)
        fprintf(stderr, "understudy: cannot write: %s\n", strerror(errno));
    return result == EXIT_DONE ? EXIT_FAILED : result;
}

int main(int argc, char **argv)
{
    const char *nearest = NULL;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return end(EXIT_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("understudy, %s\n", provenance_version());
        return end(EXIT_DONE);
    }
    for (int i = 0; i < VERBS; i++) {
        text_nearest(argv[1], verbs[i].name, &nearest);
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        int settled = startup_settle(argc, argv, verbs[i].engines);
        if (settled != EXIT_DONE)
            return settled;
        console_open();
        int result = verbs[i].run(argc - 1, argv + 1);
        console_close();
        return end(result);
    }
    fprintf(stderr, "understudy: unknown verb '%s'", argv[1]);
    if (nearest)
        fprintf(stderr, "; did you mean '%s'?", nearest);
    else
        fputs("; `understudy --help` lists the verbs", stderr);
    fputs("\n", stderr);
    return EXIT_USAGE;
}
