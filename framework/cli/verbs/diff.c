/* `understudy diff A.h5 B.h5`: where two results files differ. */
#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"

#include "results/diff.h"
#include "results/plan_compat.h"
#include "results/results.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1000 };

static bool all, published;
static const char *limit;

static const struct option_row rows[] = {
    {"all", 'a', NULL, "list all differences instead of the first of each kind", .flag = &all},
    {"limit", 0, "N", "with --all: list at most N differences (1000)", .value = &limit},
    {"published", 0, NULL,
     "check whether B, published from a new run of the experiment,\nreproduces the published file "
     "A. If an older program wrote A, it may\nlack newer columns, and newer fields of the plan "
     "that have their\ndefaults",
     .flag = &published},
    {0},
};

static const struct verb verb = {
    .usage = "diff [OPTION …] A.h5 B.h5",
    .about =
        "Compare two results files bit by bit in all that content_sha256 covers. Prints as CSV\n"
        "the first configuration field that differs, the first metric (trial and column) and the\n"
        "first dataset (path and index), with the values of both files.\n"
        "Exit status 0: equal (--published: reproduced); 1: different; 2: bad usage or unreadable\n"
        "file.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 2,
    .most = 2,
};

/* Differences to show; 0: the first of each kind. */
static bool read_limit(size_t *most)
{
    long long value = all ? LIMIT : 0;

    if (limit && !all) {
        fprintf(stderr, "understudy diff: --limit: it goes with --all\n");
        return false;
    }
    if (!options_whole("diff", "limit", limit, 1, 1000000000, &value))
        return false;
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

/* Append the columns that B alone has. */
static enum status list_added(struct hdf5 files[2], struct text *names, struct error *error)
{
    struct results results[2] = {{0}, {0}};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++)
        TRY(results_open(&results[i], &files[i], error));
    for (size_t c = 0; c < results[1].column_count; c++)
        if (!results_has(&results[0], results[1].columns[c]))
            text_append(names, "%s%s", names->length ? ", " : "", results[1].columns[c]);
    TRY(text_status(names, error));
out:
    results_release(&results[0]);
    results_release(&results[1]);
    return status;
}

/* The plans' texts differ, or B has columns of its own, and nothing else differs: say what that
 * means. *agree: the older plan, read by this program, is the newer one. */
static enum status judge_plans(const struct options *options, struct hdf5 files[2], bool *agree,
                               struct error *error)
{
    struct plan_options wanted = {.home = options->home};
    enum status status = STATUS_OK;
    struct diagnostics mistakes = {0};
    struct arena arena = {0};
    struct text lacks = {0}, added = {0};
    const char *texts[2];

    for (int i = 0; i < 2; i++)
        TRY(plan_compat_resolved(&files[i], &arena, &texts[i], error));
    TRY(plan_compat_agrees(options->operands[0], texts[0], texts[1], &wanted, NULL, NULL, &mistakes,
                           agree, error));
    options_print_mistakes(&mistakes);
    if (!*agree)
        goto out;
    TRY(plan_compat_lacks(texts[0], texts[1], &lacks, error));
    fputs("equal, bit by bit: every value of the trials, every curve, every figure's series\n",
          stderr);
    fputs("not equal: content_sha256, for the newer program tells more; what was left out of the\n"
          "published file cannot be compared\n",
          stderr);
    if (lacks.length)
        fprintf(stderr,
                "  fields that the older program did not have, now at defaults that change "
                "nothing: %s\n",
                lacks.bytes);
    TRY(list_added(files, &added, error));
    if (added.length)
        fprintf(stderr, "  columns that the older program did not have: %s\n", added.bytes);
out:
    text_release(&added);
    text_release(&lacks);
    arena_release(&arena);
    diagnostics_release(&mistakes);
    return status;
}

/* Is the published experiment (A) reproduced by B? */
static enum status judge(const struct options *options, struct hdf5 files[2],
                         const struct diff *diff, bool *reproduced, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char *digests[2];

    for (int i = 0; i < 2; i++)
        TRY(hdf5_read_attribute_text(&files[i], "/", "content_sha256", &arena, &digests[i], error));
    bool same = diff->counts[DIFF_METRIC] == diff->added && diff->counts[DIFF_DATASET] == 0;
    *reproduced = same && strcmp(digests[0], digests[1]) == 0;
    if (*reproduced)
        say_line(stderr, "content_sha256 %s: the same bits", digests[0]);
    else if (diff->equal)
        fputs("all that is published is equal; what was left out of it differs\n", stderr);
    else if (same)
        TRY(judge_plans(options, files, reproduced, error));
    fprintf(stderr, "%s: %sreproduced\n", options->operands[0], *reproduced ? "" : "not ");
out:
    arena_release(&arena);
    return status;
}

int verb_diff(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct hdf5 files[2] = {{0}, {0}};
    struct text csv = {0}, path = {0};
    struct diff diff;
    size_t most;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (!read_limit(&most)) {
        options_release(&options);
        return EXIT_USAGE;
    }
    for (int i = 0; i < 2; i++) {
        TRY(results_path("results", options.operands[i], &path, &error));
        TRY(results_file_open(&files[i], path.bytes, &error));
    }
    TRY(report_diff((struct hdf5 *const[2]){&files[0], &files[1]}, most, &csv, &diff, &error));
    print_summary(options.operands, &diff);
    bool equal = diff.equal;
    if (published) {
        result = options_families(&options, "");
        if (result != EXIT_DONE)
            goto out;
        TRY(judge(&options, files, &diff, &equal, &error));
    }
    result = options_write(&csv);
    if (result == EXIT_DONE)
        result = equal ? EXIT_DONE : EXIT_FAILED;
out:
    if (status != STATUS_OK) {
        (void)options_fail(&error);
        result = EXIT_USAGE;
    }
    text_release(&csv);
    text_release(&path);
    hdf5_abandon(&files[0]);
    hdf5_abandon(&files[1]);
    families_release();
    options_release(&options);
    return result;
}
