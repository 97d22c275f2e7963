/* The file that says which number of the paper is what. */
#include "report/paper/paper_private.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct paper_file { /* its sections */
    struct text_list results, later;
    const struct yaml_node *numbers, *tables, *figures;
};

const struct field paper_figure_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct paper_figure, name), .help = "OUT/figures/NAME.pdf"},
    {"results", FIELD_TEXT, offsetof(struct paper_figure, results),
     .help = "name of the results file"},
    {"figure", FIELD_TEXT, offsetof(struct paper_figure, figure),
     .help = "its name under /figures or /timing/figures"},
    {0},
};

static const struct field file_fields[] = {
    {"results", FIELD_TEXTS, offsetof(struct paper_file, results),
     .help = "names of published results files, in the order of the appendix"},
    {"later", FIELD_TEXTS, offsetof(struct paper_file, later), .default_value = "[]",
     .help = "names of results still to come: whatever needs them is left out until then"},
    {"numbers", FIELD_NODE, offsetof(struct paper_file, numbers), .default_value = "~",
     .fields = paper_number_fields, .help = "a list"},
    {"tables", FIELD_NODE, offsetof(struct paper_file, tables), .default_value = "~",
     .fields = paper_table_fields, .help = "a list"},
    {"figures", FIELD_NODE, offsetof(struct paper_file, figures), .default_value = "~",
     .fields = paper_figure_fields, .help = "a list"},
    {0},
};

/* The results. */

/* What the experiment took, as far as the file tells. */
static enum status read_times(struct paper_source *source, struct arena *arena, struct error *error)
{
    static const char column[] = "timing.training.seconds";
    struct hdf5_array work;
    double *training;

    source->work = source->training = NAN;
    if (results_has(&source->results, column)) {
        PASS(results_numbers(&source->results, column, arena, &training, error));
        source->training = 0;
        for (size_t i = 0; i < source->results.trials; i++)
            source->training += isnan(training[i]) ? 0 : training[i];
    }
    if (!hdf5_exists(&source->file, "/timing/seconds"))
        return STATUS_OK;
    PASS(hdf5_read(&source->file, "/timing/seconds", arena, &work, error));
    if (work.type != HDF5_FLOAT64 || work.rank != 1)
        return STATUS_OK;
    source->work = 0;
    for (size_t i = 0; i < work.dims[0]; i++)
        source->work += ((const double *)work.values)[i];
    return STATUS_OK;
}

static enum status open_source(struct paper_source *source, struct arena *arena,
                               struct error *error)
{
    const char *name;

    PASS(results_file_open(&source->file, source->path, error));
    PASS(hdf5_read_attribute_text(&source->file, "/", "content_sha256", arena, &source->digest,
                                  error));
    if (!hash_is_digest(source->digest)) /* it goes into the paper as it is */
        return error_set(error, STATUS_DATA, "its content_sha256 is not 64 hexadecimal digits");
    PASS(hdf5_read_attribute_text(&source->file, "/", "experiment", arena, &name, error));
    if (strcmp(name, source->name) != 0)
        return error_set(error, STATUS_DATA, "it contains the results of '%s'", name);
    PASS(results_open(&source->results, &source->file, error));
    PASS(points_read(&source->results, arena, &source->points, error));
    return read_times(source, arena, error);
}

/* Open it, if it is there; one that has to be, and is not, or is damaged, is a mistake. */
static enum status look_for(struct reading *reading, struct paper_source *source,
                            const char *folder, const char *section, size_t index)
{
    struct arena *arena = &reading->paper->arena;
    struct error fault = {0};
    struct text path = {0};
    enum status status = STATUS_OK;

    TRY(arena_print(arena, &source->path, reading->error, "%s/%s.h5", folder, source->name));
    if (!paper_is_name(source->name, false)) {
        TRY(paper_mistake(reading, source->mark, section, index,
                          "'%.100s' is not an experiment's name", source->name));
        goto out;
    }
    if (access(source->path, F_OK) != 0) {
        if (!source->later)
            TRY(paper_mistake(
                reading, source->mark, section, index,
                "%s is missing: make it with `understudy publish`, or list it under `later:`",
                source->path));
        goto out;
    }
    status = open_source(source, arena, &fault);
    if (status == STATUS_MEMORY)
        TRY(error_set(reading->error, status, "%s", fault.message));
    source->there = status == STATUS_OK;
    text_clear(&path);
    if (strncmp(fault.message, source->path, strlen(source->path)) != 0)
        text_append(&path, "%s: ", source->path);
    text_append(&path, "%s", fault.message);
    status = text_status(&path, reading->error);
    if (status == STATUS_OK && !source->there)
        status = paper_mistake(reading, source->mark, section, index, "%s", path.bytes);
out:
    text_release(&path);
    return status;
}

static enum status read_sources(struct reading *reading, const struct yaml_node *root,
                                const struct paper_file *file, const char *folder)
{
    struct paper *paper = reading->paper;
    const struct text_list *const lists[] = {&file->results, &file->later};
    static const char *const sections[] = {"results", "later"};

    PASS(arena_new(&paper->arena, &paper->sources, file->results.count + file->later.count,
                   sizeof *paper->sources, reading->error));
    for (int list = 0; list < 2; list++)
        for (size_t i = 0; i < lists[list]->count; i++) {
            struct paper_source *source = &paper->sources[paper->source_count++];
            const struct yaml_node *names = yaml_get(root, sections[list]);
            source->name = lists[list]->items[i];
            source->later = list == 1;
            source->mark = i < names->count ? names->items[i]->mark : names->mark;
            for (size_t k = 0; k + 1 < paper->source_count; k++)
                if (strcmp(paper->sources[k].name, source->name) == 0)
                    PASS(paper_mistake(reading, source->mark, sections[list], i,
                                       "'%s' is listed twice", source->name));
            PASS(look_for(reading, source, folder, sections[list], i));
        }
    return STATUS_OK;
}

/* The results file that an item names, or a mistake. */
static enum status find_source(struct reading *reading, const struct yaml_node *node,
                               const char *section, size_t index, const char *name,
                               struct paper_source **source)
{
    struct paper *paper = reading->paper;
    const char *near = NULL;
    char message[300];

    *source = NULL;
    for (size_t i = 0; i < paper->source_count; i++) {
        text_nearest(name, paper->sources[i].name, &near);
        if (strcmp(paper->sources[i].name, name) == 0)
            *source = &paper->sources[i];
    }
    if (*source)
        return STATUS_OK;
    snprintf(message, sizeof message, "'%.100s' is not among the results%s%.100s%s", name,
             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return paper_mistake(reading, paper_mark(node, "results"), section, index, "%s", message);
}

/* Lists of items. */

static enum status read_numbers(struct reading *reading, const struct yaml_node *list)
{
    struct paper *paper = reading->paper;
    size_t before = reading->found->count;
    struct paper_number *items;
    size_t count;
    char path[64];

    PASS(paper_items(reading, list, "numbers", paper_number_fields, sizeof *items, &items, &count));
    if (reading->found->count != before)
        return STATUS_OK; /* not all of them have names */
    for (size_t i = 0; i < count; i++) {
        struct paper_number *item = &items[i];
        item->node = list->items[i];
        item->place = i;
        item->each = yaml_get(item->node, "each");
        item->where = yaml_get(item->node, "where");
        item->against = yaml_get(item->node, "against");
        PASS(find_source(reading, item->node, "numbers", i, item->results, &item->source));
    }
    PASS(paper_each(reading, items, count));
    for (size_t i = 0; i < paper->number_count; i++) {
        struct paper_number *number = &paper->numbers[i];
        if (!paper_is_name(number->name, true))
            PASS(paper_mistake(reading, paper_mark(number->node, "name"), "numbers", number->place,
                               "'%.100s' cannot be a macro: letters alone, the first a capital",
                               number->name));
        for (size_t k = 0; k < i; k++)
            if (strcmp(paper->numbers[k].name, number->name) == 0)
                PASS(paper_mistake(reading, paper_mark(number->node, "name"), "numbers",
                                   number->place, "a number '%.100s' already exists",
                                   number->name));
        snprintf(path, sizeof path, "numbers[%zu]", number->place);
        if (number->source && number->source->there)
            PASS(paper_reduce(paper, number, path, reading->found, reading->error));
    }
    if (reading->found->count == before)
        PASS(paper_families(reading));
    return STATUS_OK;
}

/* Read the figures. */

static enum status find_figure(struct reading *reading, struct paper_figure *figure, size_t index)
{
    static const char *const roots[] = {"/figures", "/timing/figures"};
    struct arena *arena = &reading->paper->arena;
    struct hdf5 *file = &figure->source->file;
    enum status status = STATUS_OK;
    const char *near = NULL, **names;
    struct text path = {0};
    size_t count;

    for (int r = 0; r < 2; r++) {
        if (!hdf5_is_group(file, roots[r]))
            continue;
        TRY(hdf5_list(file, roots[r], arena, &names, &count, reading->error));
        for (size_t i = 0; i < count; i++) {
            text_nearest(figure->figure, names[i], &near);
            if (strcmp(names[i], figure->figure) != 0)
                continue;
            TRY(arena_print(arena, &figure->group, reading->error, "%s/%s", roots[r], names[i]));
        }
    }
    if (figure->group)
        goto out;
    TRY(text_print(&path, reading->error, "%s holds no figure '%.100s'%s%.100s%s",
                   figure->source->name, figure->figure, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : ""));
    TRY(paper_mistake(reading, paper_mark(figure->node, "figure"), "figures", index, "%s",
                      path.bytes));
out:
    text_release(&path);
    return status;
}

static enum status read_figures(struct reading *reading, const struct yaml_node *list)
{
    struct paper *paper = reading->paper;
    size_t before = reading->found->count;

    PASS(paper_items(reading, list, "figures", paper_figure_fields, sizeof *paper->figures,
                     &paper->figures, &paper->figure_count));
    if (reading->found->count != before)
        return STATUS_OK;
    for (size_t i = 0; i < paper->figure_count; i++) {
        struct paper_figure *figure = &paper->figures[i];
        figure->node = list->items[i];
        if (!paper_is_name(figure->name, false))
            PASS(paper_mistake(reading, paper_mark(figure->node, "name"), "figures", i,
                               "a figure cannot be called '%.100s'", figure->name));
        for (size_t k = 0; k < i; k++)
            if (strcmp(paper->figures[k].name, figure->name) == 0)
                PASS(paper_mistake(reading, paper_mark(figure->node, "name"), "figures", i,
                                   "a figure '%.100s' already exists", figure->name));
        PASS(find_source(reading, figure->node, "figures", i, figure->results, &figure->source));
        if (figure->source && figure->source->there)
            PASS(find_figure(reading, figure, i));
    }
    return STATUS_OK;
}

enum status paper_load(struct paper *paper, const char *path, const char *folder,
                       struct diagnostics *found, struct error *error)
{
    struct reading reading = {paper, found, error};
    struct paper_file file = {0};
    struct yaml_node *root = NULL;
    size_t before = found->count;

    memset(paper, 0, sizeof *paper);
    paper->path = path;
    PASS(yaml_parse_file(&paper->arena, path, &root, NULL, found, error));
    if (!root || found->count != before)
        return STATUS_OK;
    PASS(schema_read(file_fields, root, "", &file, &paper->arena, found, error));
    if (found->count != before)
        return STATUS_OK;
    PASS(read_sources(&reading, root, &file, folder));
    PASS(read_numbers(&reading, file.numbers));
    if (paper->number_count || !file.numbers || yaml_is_null(file.numbers))
        PASS(paper_read_tables(&reading, file.tables));
    return read_figures(&reading, file.figures);
}

void paper_release(struct paper *paper)
{
    for (size_t i = 0; i < paper->source_count; i++) {
        results_release(&paper->sources[i].results);
        hdf5_abandon(&paper->sources[i].file);
    }
    arena_release(&paper->arena);
    memset(paper, 0, sizeof *paper);
}
