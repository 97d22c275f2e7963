/* `understudy diff A.h5 B.h5`: where two results files differ. */
#include "cli/options.h"

#include "report/diff.h"

#include <stdlib.h>

enum { LIMIT = 1000 };

static bool all;
static const char *limit;

static const struct option_row rows[] = {
    {"all", 'a', NULL, "list every difference, not the first of each kind alone", .flag = &all},
    {"limit", 0, "N", "with --all: at most so many (1000)", .value = &limit},
    {0},
};

static const struct verb verb = {
    .usage = "diff [OPTION …] A.h5 B.h5",
    .about =
        "Compare two results files: what content_sha256 covers, bit by bit. As CSV, the first\n"
        "field of the configuration that differs, the first metric (trial and column) and the\n"
        "first dataset (path and index), with the values of both files.\n"
        "Exit status 0: equal; 1: different; 2: bad usage, or a file cannot be read.",
    .rows = rows,
    .least = 2,
    .most = 2,
};

/* Differences to show; 0: the first of each kind. */
static bool read_limit(size_t *most)
{
    char *end;

    *most = all ? LIMIT : 0;
    if (!limit)
        return true;
    long value = strtol(limit, &end, 10);
    if (!all || *end || end == limit || value < 1 || value > 1000000000) {
        fprintf(stderr, "understudy diff: --limit: %s%s%s\n", all ? "'" : "it goes with --all",
                all ? limit : "", all ? "'; expected a whole number, 1 to 1000000000" : "");
        return false;
    }
    *most = (size_t)value;
    return true;
}

static void print_count(size_t count, const char *one, const char *many)
{
    if (count)
        fprintf(stderr, ", %zu %s", count, count == 1 ? one : many);
}

static void print_summary(char *const paths[2], const struct diff *diff)
{
    size_t total = 0;

    for (int i = 0; i < 2; i++)
        if (diff->altered[i])
            fprintf(stderr,
                    "understudy diff: %s was changed after it was sealed: its own "
                    "content_sha256 says something else\n",
                    paths[i]);
    for (int i = 0; i < DIFF_KINDS; i++)
        total += diff->counts[i];
    fprintf(stderr, "%s", diff->equal ? "equal" : "different");
    print_count(diff->counts[DIFF_CONFIGURATION], "configuration field", "configuration fields");
    print_count(diff->counts[DIFF_METRIC], "value of the trials", "values of the trials");
    print_count(diff->counts[DIFF_DATASET], "dataset", "datasets");
    if (all && diff->rows < total)
        fprintf(stderr, "; %zu are shown, --limit shows more", diff->rows);
    else if (diff->rows < total)
        fprintf(stderr, "; --all lists them");
    fputs("\n", stderr);
}

int verb_diff(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct hdf5 files[2] = {{0}, {0}};
    struct text csv = {0};
    struct diff diff;
    size_t most;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (!read_limit(&most)) {
        options_release(&options);
        return EXIT_USAGE;
    }
    for (int i = 0; i < 2; i++)
        TRY(options_results(options.operands[i], &files[i], &error));
    TRY(report_diff((struct hdf5 *const[2]){&files[0], &files[1]}, most, &csv, &diff, &error));
    print_summary(options.operands, &diff);
    result = options_write(&csv);
    if (result == EXIT_DONE)
        result = diff.equal ? EXIT_DONE : EXIT_FAILED;
out:
    if (status != STATUS_OK) {
        (void)options_fail(&error);
        result = EXIT_USAGE;
    }
    text_release(&csv);
    hdf5_abandon(&files[0]);
    hdf5_abandon(&files[1]);
    options_release(&options);
    return result;
}
