/* Are the paper's results those of the experiment files as they are now? */
#include "report/figures/publish.h"
#include "report/paper/paper.h"
#include "results/plan_compat.h"

#include <string.h>

struct stale_telling {
    const struct paper_source *source;
    struct diagnostics *found;
    const char *file;
};

static enum status on_field(void *context, const char *path, const struct yaml_node *stored,
                            const struct yaml_node *now, struct error *error)
{
    const struct stale_telling *telling = context;
    struct text texts[2] = {{0}, {0}};
    enum status status = STATUS_OK;

    text_append(&texts[0], "%s", stored ? "" : "(none)");
    text_append(&texts[1], "%s", now ? "" : "(none)");
    if (stored)
        yaml_print(stored, &texts[0]);
    if (now)
        yaml_print(now, &texts[1]);
    TRY(text_status(&texts[0], error));
    TRY(text_status(&texts[1], error));
    TRY(diagnostics_add(telling->found, telling->source->mark, telling->source->name, error,
                        "%s is stale: %s is %.200s in it, %.200s in %s", telling->source->path,
                        path, texts[0].bytes, texts[1].bytes, telling->file));
out:
    text_release(&texts[0]);
    text_release(&texts[1]);
    return status;
}

/* As it was when it was published? */
static enum status check_digest(const struct paper_source *source, struct diagnostics *found,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = source->file;
    struct arena arena = {0};
    char digest[HASH_TEXT];
    const char *stored;

    if (hdf5_read_attribute_text(&file, "/", "published_sha256", &arena, &stored, NULL) !=
        STATUS_OK)
        TRY(diagnostics_add(found, source->mark, source->name, error,
                            "%s has no published_sha256: write it with `understudy publish`",
                            source->path));
    else {
        TRY(publish_digest(&file, digest, error));
        if (strcmp(digest, stored) != 0)
            TRY(diagnostics_add(found, source->mark, source->name, error,
                                "%s was changed after it was published", source->path));
    }
out:
    arena_release(&arena);
    return status;
}

/* Images, activations and parameters are not to be handed on. */
static enum status check_contents(const struct paper_source *source, struct diagnostics *found,
                                  struct error *error)
{
    static const char *const groups[] = {"/activations", "/examples", "/parameters"};
    struct hdf5 file = source->file;

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (hdf5_exists(&file, groups[i]))
            PASS(diagnostics_add(found, source->mark, source->name, error,
                                 "%s contains %s, which `understudy publish` leaves out",
                                 source->path, groups[i]));
    return STATUS_OK;
}

/* Load both plans and compare them; what does not load goes to `mistakes`. */
static enum status compare(const struct paper_source *source, const char *file,
                           const struct plan_options *options, struct diagnostics *mistakes,
                           struct diagnostics *found, struct error *error)
{
    struct stale_telling telling = {source, found, file};
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text now = {0}, name = {0};
    struct hdf5 results = source->file;
    struct plan plan = {0};
    size_t before = mistakes->count;
    const char *stored;
    bool agree;

    TRY(plan_load(&plan, file, options, mistakes, error));
    if (mistakes->count != before)
        goto out;
    TRY(plan_resolved(&plan, &now, error));
    TRY(plan_compat_resolved(&results, &arena, &stored, error));
    TRY(text_print(&name, error, "%s:/plan/resolved", source->path));
    TRY(plan_compat_agrees(name.bytes, stored, now.bytes, options, on_field, &telling, mistakes,
                           &agree, error));
out:
    text_release(&name);
    text_release(&now);
    plan_release(&plan);
    arena_release(&arena);
    return status;
}

/* Results may come from a machine that can do what this one cannot: then all but engine and
 * precision is compared. */
static enum status check(const struct paper_source *source, const char *file,
                         const struct plan_options *options, struct diagnostics *found,
                         struct error *error)
{
    static const char *const overrides[] = {"train.precision=float32"};
    struct plan_options anywhere = *options;
    struct diagnostics here = {0};
    enum status status = STATUS_OK;

    anywhere.engine = "reference";
    anywhere.overrides = overrides;
    anywhere.override_count = 1;
    TRY(compare(source, file, options, &here, found, error));
    if (here.count)
        TRY(compare(source, file, &anywhere, found, found, error));
out:
    diagnostics_release(&here);
    return status;
}

enum status paper_stale(const struct paper *paper, const char *experiments,
                        const struct plan_options *options, struct diagnostics *found,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct text file = {0};

    for (size_t i = 0; i < paper->source_count; i++) {
        if (!paper->sources[i].there)
            continue;
        TRY(text_print(&file, error, "%s/%s.yaml", experiments, paper->sources[i].name));
        TRY(check_digest(&paper->sources[i], found, error));
        TRY(check_contents(&paper->sources[i], found, error));
        TRY(check(&paper->sources[i], file.bytes, options, found, error));
    }
out:
    text_release(&file);
    return status;
}
