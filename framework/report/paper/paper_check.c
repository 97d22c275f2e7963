/* What lies there, against what comes out of the trials and curves now. */
#include "report/charts/chart.h"
#include "report/figures/figures.h"
#include "report/paper/paper.h"
#include "report/paper/paper_figure.h"
#include "results/csv.h"

#include <stdio.h>
#include <string.h>

enum { LIMIT = 64 << 20 }; /* bytes of a file */

static const char none[] = "(none)";

struct paper_check {
    const char *folder;
    struct csv csv;
    size_t differences, compared;
};

struct paper_line {
    const char *at; /* NULL: none */
    int length;
};

static struct paper_line next_line(const char **text)
{
    struct paper_line line = {NULL, 0};
    size_t length = strcspn(*text, "\n");

    if (**text == '\0')
        return line;
    line.at = *text;
    line.length = (int)(length && line.at[length - 1] == '\r' ? length - 1 : length);
    *text += length + ((*text)[length] == '\n');
    return line;
}

static bool same(struct paper_line a, struct paper_line b)
{
    return a.at && b.at && a.length == b.length && memcmp(a.at, b.at, (size_t)a.length) == 0;
}

static enum status add(struct paper_check *check, const char *what, const char *name,
                       const char *at, struct paper_line stored, struct paper_line derived,
                       struct error *error)
{
    const struct paper_line lines[2] = {stored, derived};
    enum status status = STATUS_OK;
    struct text text = {0};

    check->differences++;
    csv_text(&check->csv, what);
    csv_text(&check->csv, name);
    csv_text(&check->csv, at);
    for (int i = 0; i < 2; i++) {
        TRY(text_print(&text, error, "%.*s", lines[i].at ? lines[i].length : (int)sizeof none - 1,
                       lines[i].at ? lines[i].at : none));
        csv_text(&check->csv, text.bytes);
    }
    csv_end_row(&check->csv);
out:
    text_release(&text);
    return status;
}

/* Line by line. */
static enum status compare_lines(struct paper_check *check, const char *what, const char *name,
                                 const char *stored, const char *derived, struct error *error)
{
    char at[40];

    for (size_t number = 1; *stored || *derived; number++) {
        struct paper_line left = next_line(&stored), right = next_line(&derived);
        check->compared++;
        if (same(left, right))
            continue;
        snprintf(at, sizeof at, "line %zu", number);
        PASS(add(check, what, name, at, left, right, error));
    }
    return STATUS_OK;
}

/* The line of the text that defines the same macro; none where there is none, or where `line`
 * defines nothing. */
static struct paper_line find_macro(const char *text, struct paper_line line, char name[128])
{
    static const char head[] = "\\newcommand{\\";
    const char *end = line.length > (int)sizeof head ? memchr(line.at + sizeof head - 1, '}',
                                                              (size_t)line.length - sizeof head)
                                                     : NULL;

    name[0] = '\0';
    if (!end || memcmp(line.at, head, sizeof head - 1) != 0)
        return (struct paper_line){NULL, 0};
    snprintf(name, 128, "%.*s", (int)(end - line.at) - (int)sizeof head + 1,
             line.at + sizeof head - 1);
    size_t length = (size_t)(end - line.at) + 1;
    while (*text) {
        struct paper_line other = next_line(&text);
        if ((size_t)other.length >= length && memcmp(other.at, line.at, length) == 0)
            return other;
    }
    return (struct paper_line){NULL, 0};
}

/* Macros by their names; what is not a macro, line by line where no macro differs. */
static enum status compare_macros(struct paper_check *check, const char *stored,
                                  const char *derived, struct error *error)
{
    const char *const texts[2] = {stored, derived};
    size_t before = check->differences;
    char name[128];

    for (int side = 1; side >= 0; side--)
        for (const char *at = texts[side]; *at;) {
            struct paper_line line = next_line(&at), other = find_macro(texts[!side], line, name);
            if (!name[0] || (side == 0 && other.at))
                continue;
            check->compared++;
            if (side == 1 && !same(line, other))
                PASS(add(check, "number", name, "", other, line, error));
            if (side == 0)
                PASS(add(check, "number", name, "", line, other, error));
        }
    if (check->differences == before && strcmp(stored, derived) != 0)
        PASS(compare_lines(check, "numbers", "numbers.tex", stored, derived, error));
    return STATUS_OK;
}

/* Compare a file below the folder; a row where it is missing. The context is the check. */
static enum status check_file(void *context, const char *what, const char *name,
                              const char *derived, struct error *error)
{
    struct paper_check *check = context;
    enum status status = STATUS_OK;
    struct error fault = {0};
    struct bytes bytes = {0};
    struct text path = {0}, stored = {0};

    TRY(path_join(&path, check->folder, name, error));
    status = bytes_read(&bytes, path.bytes, LIMIT, &fault);
    if (status == STATUS_MEMORY)
        TRY(error_set(error, status, "%s", fault.message));
    if (status != STATUS_OK) {
        TRY(add(check, what, name, "", (struct paper_line){NULL, 0},
                (struct paper_line){"a file", 6}, error));
        goto out;
    }
    text_append_bytes(&stored, (const char *)bytes.data, bytes.length);
    TRY(text_status(&stored, error));
    if (strcmp(what, "number") == 0)
        TRY(compare_macros(check, stored.bytes, derived, error));
    else
        TRY(compare_lines(check, what, name, stored.bytes, derived, error));
out:
    bytes_release(&bytes);
    text_release(&stored);
    text_release(&path);
    return status;
}

/* All that a chart says: its words, then its values. */
static enum status describe(const struct chart *chart, bool words, struct text *text,
                            struct error *error)
{
    if (words) {
        text_append(text, "caption: %s\nx: %s\n", chart->caption, chart->x.label);
        for (int p = 0; p < CHART_PANELS; p++)
            text_append(text, "y: %s\n", chart->y[p].label ? chart->y[p].label : "");
        for (size_t i = 0; i < chart->count; i++)
            text_append(text, "%s: %s, %s\n", chart->series[i].name,
                        series_roles[chart->series[i].role].name, chart->series[i].label);
    }
    return chart_csv(chart, text, error);
}

/* The series under /figures against those that the trials and curves give now, then the CSV that
 * was drawn. */
static enum status check_series(struct paper_check *check, const struct paper_figure *figure,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct chart charts[2] = {{.caption = NULL}, {.caption = NULL}};
    struct text texts[2] = {{0}, {0}}, name = {0};
    struct hdf5 again = {0};
    bool computed;

    TRY(hdf5_create_image(&again, "figure, computed again", error));
    TRY(report_compute_again(&figure->source->results, figure->group, &again, &computed, error));
    if (!computed)
        goto out;
    TRY(chart_read(&charts[0], &figure->source->file, figure->group, error));
    TRY(chart_read(&charts[1], &again, figure->group, error));
    for (int i = 0; i < 2; i++)
        TRY(describe(&charts[i], true, &texts[i], error));
    TRY(text_print(&name, error, "%s:%s", figure->source->name, figure->group));
    TRY(compare_lines(check, "series", name.bytes, texts[0].bytes, texts[1].bytes, error));
    text_clear(&texts[0]);
    TRY(describe(&charts[0], false, &texts[0], error));
    TRY(text_print(&name, error, "figures/%s.csv", figure->name));
    TRY(check_file(check, "figure", name.bytes, texts[0].bytes, error));
out:
    hdf5_abandon(&again);
    for (int i = 0; i < 2; i++) {
        chart_release(&charts[i]);
        text_release(&texts[i]);
    }
    text_release(&name);
    return status;
}

/* Drawn from these results, and not changed since? */
static enum status check_figure(struct paper_check *check, const struct paper_figure *figure,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct error fault = {0};
    struct text source = {0}, name = {0};

    TRY(text_print(&name, error, "figures/%s.source", figure->name));
    status = paper_figure_source(figure, check->folder, &source, &fault);
    if (status == STATUS_MEMORY)
        TRY(error_set(error, status, "%s", fault.message));
    if (status != STATUS_OK)
        TRY(add(check, "figure", figure->name, "", (struct paper_line){NULL, 0},
                (struct paper_line){fault.message, (int)strlen(fault.message)}, error));
    else
        TRY(check_file(check, "figure", name.bytes, source.bytes, error));
    TRY(check_series(check, figure, error));
out:
    if (status != STATUS_OK)
        error_context(error, "figure '%s'", figure->name);
    text_release(&name);
    text_release(&source);
    return status;
}

enum status paper_verify(const struct paper *paper, const char *folder, struct text *csv,
                         size_t *differences, size_t *compared, struct error *error)
{
    struct paper_check check = {.folder = folder, .csv = {.text = csv}};

    text_append(csv, "what,name,at,stored,derived\r\n");
    PASS(paper_texts(paper, check_file, &check, error));
    for (size_t i = 0; i < paper->figure_count; i++)
        if (paper->figures[i].group)
            PASS(check_figure(&check, &paper->figures[i], error));
    PASS(text_status(csv, error));
    *differences = check.differences;
    *compared = check.compared;
    return STATUS_OK;
}
