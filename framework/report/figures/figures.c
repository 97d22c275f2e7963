#include "report/figures/figures.h"

#include "base/folder.h"
#include "base/work.h"
#include "report/charts/drawing.h"
#include "report/figures/registry.h"
#include "results/select.h"

#include <string.h>
#include <sys/stat.h>

/* Where figures are stored: those that draw times, and all others. */
static const char *const roots[] = {"/figures", "/timing/figures"};

/* ROOT/NAME, or NAME_2, NAME_3 … where figures of one kind stand several times. */
static void figure_path(const struct component_list *figures, size_t which, bool selected_by_times,
                        struct text *path)
{
    const struct component *component = &figures->items[which];
    const struct figure *figure = (const void *)component->kind;
    bool timed = (figure->timed && figure->timed(component->config)) ||
                 (figure->selects && selected_by_times);
    size_t before = 0;

    for (size_t i = 0; i < which; i++)
        before += figures->items[i].kind == figures->items[which].kind;
    text_append(path, "%s/%s", roots[timed], figure->descriptor.name);
    if (before)
        text_append(path, "_%zu", before + 1);
}

static enum status figure_compute(struct hdf5 *file, const struct results *results,
                                  const struct component *component, const char *group,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    const struct figure *figure = figure_of(component->kind);
    struct text config = {0};

    TRY(hdf5_group(file, group, error));
    TRY(hdf5_attribute_text(file, group, "kind", component->kind->name, error));
    if (component->kind->fields)
        schema_print(component->kind->fields, component->config, 0, &config);
    if (config.length == 0)
        text_append(&config, "{}\n");
    TRY(text_status(&config, error));
    TRY(hdf5_attribute_text(file, group, "config", config.bytes, error));
    TRY(figure->compute(component->config, results, file, group, error));
out:
    text_release(&config);
    return status;
}

/* Where `left_out` is not NULL, a figure that cannot be computed is named there and goes without.
 */
static enum status compute_all(struct hdf5 *file, const struct component_list *figures,
                               struct text *left_out, struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct selection selection;
    struct text path = {0};
    int work = 0;

    if (figures->count == 0)
        return STATUS_OK;
    TRY(results_open(&results, file, error));
    TRY(selection_read(&selection, file, &arena, error));
    work_step("computing figures");
    work = work_begin(figures->count, "figures");
    for (size_t i = 0; i < figures->count; i++) {
        const char *name = figures->items[i].kind->name;
        text_clear(&path);
        figure_path(figures, i, selection.timed, &path);
        TRY(text_status(&path, error));
        status = figure_compute(file, &results, &figures->items[i], path.bytes, error);
        if (left_out && (status == STATUS_CONFIG || status == STATUS_DATA)) {
            text_append(left_out, "%s%s", left_out->length ? ", " : "", name);
            TRY(hdf5_remove(file, path.bytes, error));
        } else if (status != STATUS_OK) {
            error_context(error, "figure '%s'", name);
            goto out;
        }
        work_did(work, 1);
    }
out:
    work_step(NULL);
    text_release(&path);
    arena_release(&arena);
    results_release(&results);
    return status;
}

enum status report_compute(struct hdf5 *file, const struct component_list *figures,
                           struct error *error)
{
    return compute_all(file, figures, NULL, error);
}

enum status report_compute_possible(struct hdf5 *file, const struct component_list *figures,
                                    struct text *left_out, struct error *error)
{
    PASS(compute_all(file, figures, left_out, error));
    return text_status(left_out, error);
}

/* The figure's kind and settings, as the file tells them. */
static enum status figure_read(struct hdf5 *file, const char *group, struct arena *arena,
                               const struct figure **figure, void **config, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    const struct descriptor *descriptor;
    const char *kind, *text;

    TRY(hdf5_read_attribute_text(file, group, "kind", arena, &kind, error));
    descriptor = registry_find(registry_figures(), kind);
    if (!descriptor)
        TRY(error_set(error, STATUS_DATA, "unknown figure '%s'", kind));
    *figure = figure_of(descriptor);
    TRY(arena_new(arena, config, 1, descriptor->config_size, error));
    TRY(hdf5_read_attribute_text(file, group, "config", arena, &text, error));
    TRY(yaml_parse(arena, group, text, strlen(text), &root, &found, error));
    if (found.count == 0 && descriptor->fields)
        TRY(schema_read(descriptor->fields, root, "", *config, arena, &found, error));
    if (found.count)
        TRY(error_set(error, STATUS_DATA, "cannot read its stored settings: %s",
                      found.items[0].message));
out:
    diagnostics_release(&found);
    return status;
}

static enum status shape(const struct figure *figure, const void *config,
                         const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    drawing->style = config;
    drawing->template = figure->template;
    return figure->shape ? figure->shape(config, results, drawing, error) : STATUS_OK;
}

/* Draw the series stored in `group` of `file`, with figure and settings known. */
static enum status draw_one(const struct figure *figure, const void *config,
                            const struct results *results, struct drawing *drawing,
                            struct error *error)
{
    PASS(shape(figure, config, results, drawing, error));
    return figure->draw ? figure->draw(config, results, drawing, error)
                        : drawing_stored(drawing, error);
}

enum status report_shape(const struct results *results, const char *group, struct arena *arena,
                         struct drawing *drawing, struct error *error)
{
    const struct figure *figure;
    void *config;

    PASS(figure_read(results->file, group, arena, &figure, &config, error));
    return shape(figure, config, results, drawing, error);
}

enum status report_draw_one(const struct results *results, const char *group, const char *home,
                            const char *base, struct error *error)
{
    enum status status = STATUS_OK;
    struct drawing drawing = {.home = home, .base = base, .file = results->file, .group = group};
    const struct figure *figure;
    struct arena arena = {0};
    void *config;

    TRY(figure_read(results->file, group, &arena, &figure, &config, error));
    TRY(draw_one(figure, config, results, &drawing, error));
out:
    arena_release(&arena);
    return status;
}

enum status report_compute_again(const struct results *results, const char *group,
                                 struct hdf5 *again, bool *computed, struct error *error)
{
    enum status status = STATUS_OK;
    const struct figure *figure;
    struct arena arena = {0};
    void *config;

    *computed = false;
    TRY(figure_read(results->file, group, &arena, &figure, &config, error));
    if (figure->images)
        goto out;
    TRY(hdf5_group(again, group, error));
    TRY(figure->compute(config, results, again, group, error));
    *computed = true;
out:
    arena_release(&arena);
    return status;
}

enum status report_folder(const char *path, struct error *error)
{
    struct stat facts;

    PASS(folder_make(path, error));
    if (lstat(path, &facts) == 0 && S_ISLNK(facts.st_mode))
        return error_set(error, STATUS_IO, "%s is a link; figures are not written through links",
                         path);
    return STATUS_OK;
}

static void tell(const struct report_drawing *drawing, const char *base, struct text *path)
{
    static const char *const endings[] = {"csv", "pdf", "png"};
    for (size_t i = 0; drawing->say && i < sizeof endings / sizeof *endings; i++) {
        text_clear(path);
        text_append(path, "%s.%s", base, endings[i]);
        if (!path->failed)
            drawing->say(drawing->context, path->bytes);
    }
}

/* The figure that `group` holds, unless it is there already. */
static enum status figure_make(const struct report_drawing *drawing, const struct results *results,
                               const char *group, const char *base, struct error *error)
{
    bool current = false;

    if (drawing->drawn)
        PASS(figure_cache_look(drawing->drawn, group, base, &current, error));
    if (current)
        return STATUS_OK;
    PASS(report_draw_one(results, group, drawing->home, base, error));
    return drawing->drawn ? figure_cache_remember(drawing->drawn, group, base, error) : STATUS_OK;
}

static enum status figure_draw(const struct report_drawing *drawing, const struct results *results,
                               const char *root, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    struct text group = {0}, base = {0}, path = {0};

    text_append(&group, "%s/%s", root, name);
    text_append(&base, "%s/%s", drawing->directory, name);
    TRY(text_status(&group, error));
    TRY(text_status(&base, error));
    TRY(figure_make(drawing, results, group.bytes, base.bytes, error));
    tell(drawing, base.bytes, &path);
    TRY(text_status(&path, error));
out:
    text_release(&path);
    text_release(&base);
    text_release(&group);
    return status;
}

/* All figures of one root. */
static enum status draw_root(const struct report_drawing *drawing, const struct results *results,
                             const char *root, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char **names;
    size_t count;
    int work = 0;

    if (!hdf5_is_group(results->file, root))
        return STATUS_OK;
    TRY(hdf5_list(results->file, root, &arena, &names, &count, error));
    TRY(report_folder(drawing->directory, error));
    work = work_begin(count, "figures");
    for (size_t i = 0; i < count; i++) {
        status = figure_draw(drawing, results, root, names[i], error);
        if (status != STATUS_OK) {
            error_context(error, "figure '%s'", names[i]);
            goto out;
        }
        work_did(work, 1);
    }
out:
    work_end(work);
    arena_release(&arena);
    return status;
}

enum status report_draw(struct hdf5 *file, const struct report_drawing *drawing,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};

    work_step("drawing");
    TRY(results_open(&results, file, error));
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        TRY(draw_root(drawing, &results, roots[i], error));
out:
    work_step(NULL);
    results_release(&results);
    return status;
}

/* One of a list: computed into `made`, a file of its own, and drawn from there. */
static enum status draw_listed(const struct component_list *figures, size_t which, bool timed,
                               const struct results *results, struct hdf5 *made,
                               const struct report_drawing *drawing, struct error *error)
{
    enum status status = STATUS_OK;
    const struct component *component = &figures->items[which];
    struct text group = {0}, base = {0}, path = {0};

    figure_path(figures, which, timed, &group);
    TRY(text_status(&group, error));
    TRY(figure_compute(made, results, component, group.bytes, error));
    TRY(path_join(&base, drawing->directory, strrchr(group.bytes, '/') + 1, error));
    struct drawing one = {
        .home = drawing->home, .base = base.bytes, .file = made, .group = group.bytes};
    TRY(draw_one(figure_of(component->kind), component->config, results, &one, error));
    tell(drawing, base.bytes, &path);
    TRY(text_status(&path, error));
out:
    text_release(&path);
    text_release(&base);
    text_release(&group);
    return status;
}

enum status report_draw_listed(struct hdf5 *file, const struct component_list *figures,
                               const struct report_drawing *drawing, struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct hdf5 made = {0};
    struct arena arena = {0};
    struct selection selection;

    TRY(results_open(&results, file, error));
    TRY(selection_read(&selection, file, &arena, error));
    TRY(hdf5_create_image(&made, "figures of a list", error));
    TRY(report_folder(drawing->directory, error));
    for (size_t i = 0; i < figures->count; i++) {
        status = draw_listed(figures, i, selection.timed, &results, &made, drawing, error);
        if (status != STATUS_OK) {
            error_context(error, "figure '%s'", figures->items[i].kind->name);
            goto out;
        }
    }
out:
    hdf5_abandon(&made);
    arena_release(&arena);
    results_release(&results);
    return status;
}
