/* What the paper's text includes: macros, tables, figures. */
#include "report/charts/latex.h"
#include "report/paper/paper_private.h"

#include "base/folder.h"
#include "io/files/atomic_file.h"
#include "report/paper/paper_figure.h"

#include <math.h>
#include <string.h>

static void define(const char *kind, const char *name, struct text *text)
{
    text_append(text, "\\expandafter\\def\\csname paper@%s:%s\\endcsname{}\n", kind, name);
}

void paper_numbers_text(const struct paper *paper, struct text *text)
{
    text_append(text, "%% Made by `understudy paper`; do not edit.\n");
    text_append(text, "\\newcommand{\\When}[2]{\\ifcsname paper@#1\\endcsname#2\\fi}\n"
                      "\\newcommand{\\Unless}[2]{\\ifcsname paper@#1\\endcsname\\else#2\\fi}\n");
    for (size_t i = 0; i < paper->source_count; i++)
        if (paper->sources[i].there)
            define("results", paper->sources[i].name, text);
    for (size_t i = 0; i < paper->table_count; i++)
        if (paper->tables[i].text)
            define("table", paper->tables[i].name, text);
    for (size_t i = 0; i < paper->figure_count; i++)
        if (paper->figures[i].group)
            define("figure", paper->figures[i].name, text);
    for (size_t i = 0; i < paper->number_count; i++)
        if (paper->numbers[i].text)
            text_append(text, "\\newcommand{\\%s}{%s}%% %s\n", paper->numbers[i].name,
                        paper->numbers[i].text, paper->numbers[i].source->name);
}

/* The rest of a row after its name, but for the digest. */
static void append_times(size_t trials, double training, double work, struct text *text)
{
    const double seconds[] = {training, work};

    text_append(text, " & %zu", trials);
    for (int i = 0; i < 2; i++)
        if (isnan(seconds[i]))
            text_append(text, " & --");
        else
            text_append(text, " & %.1f", seconds[i] / 60);
}

void paper_results_text(const struct paper *paper, struct text *text)
{
    double training = 0, work = 0;
    size_t trials = 0;

    text_append(text, "%% Made by `understudy paper`; do not edit.\n"
                      "\\begin{tabular}{lrrrl}\n\\toprule\n"
                      "experiment & trials & training & work & content\\_sha256 \\\\\n\\midrule\n");
    for (size_t i = 0; i < paper->source_count; i++) {
        const struct paper_source *source = &paper->sources[i];
        if (!source->there)
            continue;
        latex_append(text, source->name);
        append_times(source->results.trials, source->training, source->work, text);
        text_append(text, " & \\digest{%.32s}{%s} \\\\\n", source->digest,
                    strlen(source->digest) > 32 ? source->digest + 32 : "");
        trials += source->results.trials;
        training += isnan(source->training) ? 0 : source->training;
        work += isnan(source->work) ? 0 : source->work;
    }
    text_append(text, "\\midrule\nall together");
    append_times(trials, training, work, text);
    text_append(text, " & \\\\\n\\bottomrule\n\\end{tabular}\n");
}

/* Of paper_texts(); the context is the folder. */
static enum status write_text(void *context, const char *kind, const char *name, const char *bytes,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    (void)kind;
    TRY(path_join(&path, context, name, error));
    struct span span = {(const unsigned char *)bytes, strlen(bytes), path.bytes};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    return status;
}

enum status paper_texts(const struct paper *paper, paper_take *take, void *context,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0}, name = {0};

    paper_numbers_text(paper, &text);
    TRY(text_status(&text, error));
    TRY(take(context, "number", "numbers.tex", text.bytes, error));
    text_clear(&text);
    paper_results_text(paper, &text);
    TRY(text_status(&text, error));
    TRY(take(context, "table", "tables/results.tex", text.bytes, error));
    for (size_t i = 0; i < paper->table_count; i++) {
        if (!paper->tables[i].text)
            continue;
        TRY(text_print(&name, error, "tables/%s.tex", paper->tables[i].name));
        TRY(take(context, "table", name.bytes, paper->tables[i].text, error));
    }
out:
    text_release(&name);
    text_release(&text);
    return status;
}

/* Without what killed processes left there. */
static enum status make_folders(const char *folder, struct error *error)
{
    static const char *const names[] = {"", "/tables", "/figures"};
    enum status status = STATUS_OK;
    struct text path = {0};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        TRY(text_print(&path, error, "%s%s", folder, names[i]));
        TRY(folder_make(path.bytes, error));
        atomic_file_sweep(path.bytes, "");
    }
out:
    text_release(&path);
    return status;
}

enum status paper_write(const struct paper *paper, const char *home, const char *folder,
                        struct error *error)
{
    PASS(make_folders(folder, error));
    PASS(paper_texts(paper, write_text, (void *)folder, error));
    for (size_t i = 0; i < paper->figure_count; i++)
        if (paper->figures[i].group)
            PASS(paper_figure_draw(&paper->figures[i], home, folder, error));
    return STATUS_OK;
}
