/* `understudy paper`: numbers, tables and figures of the paper, from published results. */
#include "cli/verbs/paper.h"
#include "cli/support/console.h"

#include "report/paper/paper.h"

static const char *results = "results/published", *experiments = "experiments",
                  *out = "build/paper";
static bool describe;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of the results files (results/published)",
     .value = &results},
    {"experiments", 'x', "FOLDER", "folder of the experiment files NAME.yaml (experiments)",
     .value = &experiments},
    {"out", 'o', "FOLDER", "folder for numbers.tex, tables/ and figures/ (build/paper)",
     .value = &out},
    {"describe", 'D', NULL, "list the fields of numbers, tables and figures", .flag = &describe},
    {0},
};

static const char standard[] = "paper/paper.yaml";

static const struct verb verb = {
    .usage = "paper [OPTION …] [FILE.yaml]",
    .about =
        "Make all that the paper's text includes from stored results: numbers.tex (one macro for\n"
        "each number), tables and figures. FILE.yaml (paper/paper.yaml) defines each of them.\n"
        "Results that are missing, or whose plan differs from their experiment file, are "
        "mistakes.\n"
        "`understudy verify paper` derives every number and plotted value again and compares.\n"
        "Exit status 0: made; 1: the system refused; 2: mistakes.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 0,
    .most = 1,
};

/* Load the paper and hold its results against the experiments; mistakes are told. */
static int load(const struct options *options, const char *path, struct paper *paper)
{
    struct plan_options wanted = {.home = options->home};
    struct diagnostics found = {0};
    struct error error = {0};
    enum status status = STATUS_OK;
    int result = options_families(options, "");

    if (result != EXIT_DONE)
        return result;
    TRY(paper_load(paper, path, results, &found, &error));
    TRY(paper_stale(paper, experiments, &wanted, &found, &error));
out:
    options_print_mistakes(&found);
    result = found.count ? EXIT_USAGE : EXIT_DONE;
    if (status != STATUS_OK)
        result = options_fail(&error);
    diagnostics_release(&found);
    return result;
}

static void tell(const struct paper *paper)
{
    size_t numbers = 0, tables = 0, figures = 0;

    for (size_t i = 0; i < paper->number_count; i++)
        numbers += paper->numbers[i].text != NULL;
    for (size_t i = 0; i < paper->table_count; i++)
        tables += paper->tables[i].text != NULL;
    for (size_t i = 0; i < paper->figure_count; i++)
        figures += paper->figures[i].group != NULL;
    printf("%s: %zu number%s, %zu table%s, %zu figure%s\n", out, numbers, numbers == 1 ? "" : "s",
           tables, tables == 1 ? "" : "s", figures, figures == 1 ? "" : "s");
    if (numbers < paper->number_count || tables < paper->table_count ||
        figures < paper->figure_count)
        printf("left out until their results are there: %zu, %zu, %zu\n",
               paper->number_count - numbers, paper->table_count - tables,
               paper->figure_count - figures);
    for (size_t i = 0; i < paper->source_count; i++)
        if (!paper->sources[i].there)
            printf("  %s is to come\n", paper->sources[i].path);
}

int paper_check(const struct options *options)
{
    struct paper paper = {.path = NULL};
    struct error error = {0};
    struct text csv = {0};
    size_t differences = 0, compared = 0;
    int result = load(options, standard, &paper);

    if (result == EXIT_DONE &&
        paper_verify(&paper, out, &csv, &differences, &compared, &error) != STATUS_OK)
        result = options_fail(&error);
    if (result == EXIT_DONE) {
        fprintf(stderr, "%zu compared, %zu different\n", compared, differences);
        result = options_write(&csv);
        result = result == EXIT_DONE && differences ? EXIT_FAILED : result;
    }
    text_release(&csv);
    paper_release(&paper);
    return result;
}

static int print_fields(void)
{
    static const struct {
        const char *name;
        const struct field *fields;
    } sections[] = {{"numbers", paper_number_fields},
                    {"tables", paper_table_fields},
                    {"figures", paper_figure_fields}};
    struct text text = {0};

    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        text_append(&text, "%s%s:\n", i ? "\n" : "", sections[i].name);
        schema_describe(sections[i].fields, console_page(), &text);
    }
    return options_write(&text);
}

int verb_paper(int argc, char **argv)
{
    struct options options;
    struct paper paper = {.path = NULL};
    struct error error = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (describe) {
        options_release(&options);
        return print_fields();
    }
    result = load(&options, options.operand_count ? options.operands[0] : standard, &paper);
    if (result == EXIT_DONE && paper_write(&paper, options.home, out, &error) != STATUS_OK)
        result = options_fail(&error);
    else if (result == EXIT_DONE)
        tell(&paper);
    paper_release(&paper);
    families_release();
    options_release(&options);
    return result;
}
