#include "findings/verdict.h"

#include "findings/verdict_facts.h"
#include "plan/plan.h"
#include "results/best.h"
#include "results/select.h"

#include <math.h>
#include <stdio.h>

enum { PATH = 400 };

/* Where a verdict is stored: that which follows from the plan, and what hangs on measured times. */
static const char *const roots[] = {[false] = "/verdict", [true] = "/timing/verdict"};

static const char *member(bool timed, const char *name, char path[PATH])
{
    snprintf(path, PATH, "%s/%s", roots[timed], name);
    return path;
}

static enum status write_real(struct hdf5 *file, const char *path, double value,
                              struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT64, .values = &value};
    return hdf5_write(file, path, &array, error);
}

static enum status write_integer(struct hdf5 *file, const char *path, int64_t value,
                                 struct error *error)
{
    struct hdf5_array array = {.type = HDF5_INT64, .values = &value};
    return hdf5_write(file, path, &array, error);
}

static enum status write_numbers(struct hdf5 *file, const struct verdict *verdict, bool timed,
                                 struct error *error)
{
    const struct verdict_facts *facts = &verdict->facts;
    bool turned = metric_goodness(verdict->metric, 1) < 0;
    const struct {
        const char *name;
        double value;
    } reals[] = {{"network_score", verdict->network},
                 {"pipeline_score", facts->judged ? verdict->pipeline : (double)NAN},
                 {"difference", verdict->network - verdict->pipeline},
                 {"difference_low", turned ? -facts->high : facts->low},
                 {"difference_high", turned ? -facts->low : facts->high},
                 {"margin", facts->margin},
                 {"agreement", verdict->agreement}};
    const struct {
        const char *name;
        int64_t value;
    } integers[] = {{"trial", (int64_t)verdict->trial},
                    {"replicates", (int64_t)facts->replicates},
                    {"replicates_as_good", (int64_t)facts->as_good},
                    {"manual_labels", (int64_t)verdict->manual}};
    char path[PATH];

    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        PASS(write_real(file, member(timed, reals[i].name, path), reals[i].value, error));
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        PASS(write_integer(file, member(timed, integers[i].name, path), integers[i].value, error));
    return STATUS_OK;
}

static enum status write_price(struct hdf5 *file, const struct price *price, bool timed,
                               struct error *error)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {{"network_latency_s", price->network_s},
                {"network_energy_j", price->network_j},
                {"pipeline_latency_s", price->pipeline_s},
                {"pipeline_energy_j", price->pipeline_j}};
    char name[PATH / 2], path[PATH];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(name, sizeof name, "machines/%s/%s", price->machine, rows[i].name);
        PASS(write_real(file, member(timed, name, path), rows[i].value, error));
    }
    return STATUS_OK;
}

static enum status write_weakest(struct hdf5 *file, const struct verdict *verdict, bool timed,
                                 struct arena *arena, struct error *error)
{
    static const char *const names[] = {"image", "name", "network", "pipeline"};
    char from[PATH], name[PATH / 2], to[PATH];
    struct hdf5_array array;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(from, sizeof from, "/weakest/%05zu/%s", verdict->trial, names[i]);
        if (!hdf5_exists(file, from))
            continue;
        PASS(hdf5_read(file, from, arena, &array, error));
        snprintf(name, sizeof name, "weakest/%s", names[i]);
        PASS(hdf5_write(file, member(timed, name, to), &array, error));
    }
    return STATUS_OK;
}

static enum status write_guarded(struct hdf5 *file, const struct verdict *verdict, bool timed,
                                 struct error *error)
{
    const struct guarded *guarded = &verdict->guarded;
    const struct {
        const char *name;
        double value;
    } rows[] = {{"guarded/score", guarded->score.mean},
                {"guarded/difference", guarded->difference.mean},
                {"guarded/difference_low", guarded->difference.low},
                {"guarded/difference_high", guarded->difference.high},
                {"guarded/handed_on", guarded->share},
                {"guarded/multiply_adds", guarded->multiply_adds}};
    char path[PATH];

    for (size_t i = 0; guarded->by && i < sizeof rows / sizeof *rows; i++)
        PASS(write_real(file, member(timed, rows[i].name, path), rows[i].value, error));
    return STATUS_OK;
}

static enum status write_text(struct hdf5 *file, bool timed, const char *name,
                              const struct text *text, struct error *error)
{
    char path[PATH];

    PASS(text_status(text, error));
    return hdf5_write_text(file, member(timed, name, path), text->bytes ? text->bytes : "", error);
}

/* No measured time changes what a cheaper machine says. */
static enum verdict_cost or_measured(enum verdict_cost cost, const struct price *price)
{
    enum verdict_cost measured = verdict_compare(price, 1);

    return verdict_is_cheaper(cost) || measured == VERDICT_NOT_COMPARED ? cost : measured;
}

static struct verdict_facts with_times(const struct verdict *verdict)
{
    struct verdict_facts facts = verdict->facts;

    facts.cost = or_measured(facts.cost, &verdict->measured);
    facts.guarded_cost = or_measured(facts.guarded_cost, &verdict->guarded.measured);
    return facts;
}

/* What to do, where `timed` among what hangs on times. */
static enum status write_next(struct hdf5 *file, const struct verdict *verdict, bool timed,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct verdict_facts facts = timed ? with_times(verdict) : verdict->facts;
    struct text sentence = {0}, setting = {0};
    char path[PATH];

    TRY(hdf5_write_text(file, member(timed, "action", path),
                        verdict_actions[verdict_action(&facts)], error));
    verdict_sentence(&facts, &sentence);
    TRY(write_text(file, timed, "next", &sentence, error));
    verdict_setting(&facts, &setting);
    if (setting.length)
        TRY(write_text(file, timed, "set", &setting, error));
out:
    text_release(&setting);
    text_release(&sentence);
    return status;
}

static enum status write_measured(struct hdf5 *file, const struct verdict *verdict,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct text lines = {0};
    char path[PATH];

    TRY(write_real(file, member(true, "network_s", path), verdict->measured.network_s, error));
    TRY(write_real(file, member(true, "pipeline_s", path), verdict->measured.pipeline_s, error));
    verdict_measured(verdict, &lines);
    TRY(write_text(file, true, "measured", &lines, error));
out:
    text_release(&lines);
    return status;
}

static enum status write_verdict(struct hdf5 *file, const struct verdict *verdict,
                                 struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;
    bool timed = experiment_select_timed(verdict->experiment);
    const struct verdict_facts *facts = &verdict->facts;
    bool asks =
        verdict_asks_cost(facts) && (!verdict_is_cheaper(facts->cost) ||
                                     (facts->guarded && !verdict_is_cheaper(facts->guarded_cost)));
    struct text text = {0};
    char path[PATH], metric[64];

    verdict_lines(verdict, &text);
    TRY(write_text(file, timed, "about", &text, error));
    text_clear(&text);
    points_name(&verdict->points, verdict->point, false, &text);
    TRY(write_text(file, timed, "network", &text, error));
    snprintf(metric, sizeof metric, "%s%s", verdict->by_agreement ? "agreement." : "",
             metric_names[verdict->metric]);
    TRY(hdf5_write_text(file, member(timed, "metric", path), metric, error));
    TRY(hdf5_write_text(file, member(timed, "quality", path),
                        verdict_qualities[verdict_quality(&verdict->facts)], error));
    TRY(write_numbers(file, verdict, timed, error));
    for (size_t i = 0; i < verdict->price_count; i++)
        TRY(write_price(file, &verdict->prices[i], timed, error));
    TRY(write_weakest(file, verdict, timed, arena, error));
    TRY(write_guarded(file, verdict, timed, error));
    TRY(write_measured(file, verdict, error));
    TRY(write_next(file, verdict, timed || asks, error));
out:
    text_release(&text);
    return status;
}

/* *found: there is a trial that a verdict can be about. */
static enum status gather(struct verdict *verdict, struct results *results, struct hdf5 *file,
                          const struct experiment *experiment, struct arena *arena, bool *found,
                          struct error *error)
{
    size_t trial;

    PASS(best_trial(file, experiment, &trial, found, error));
    if (!*found)
        return STATUS_OK;
    PASS(results_open(results, file, error));
    return verdict_gather(verdict, results, experiment, trial, arena, error);
}

enum status verdict_store(struct hdf5 *file, const struct experiment *experiment,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct verdict verdict;
    bool found;

    TRY(gather(&verdict, &results, file, experiment, &arena, &found, error));
    if (!found)
        goto out;
    TRY(write_verdict(file, &verdict, &arena, error));
out:
    if (status != STATUS_OK)
        error_context(error, "verdict");
    arena_release(&arena);
    results_release(&results);
    return status;
}

/* A text, wherever it is; nothing where there is none. */
static enum status read_text(struct hdf5 *file, const char *name, const char *before,
                             const char *after, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    char path[PATH];
    const char *found;

    for (int timed = 0; timed < 2; timed++) {
        if (!hdf5_exists(file, member(timed, name, path)))
            continue;
        TRY(hdf5_read_text(file, path, &arena, &found, error));
        text_append(text, "%s%s%s", before, found, after);
    }
out:
    arena_release(&arena);
    return status;
}

/* The experiment file that the results came from; where they do not say, the most likely one. */
static enum status find_source(struct hdf5 *file, struct arena *arena, struct text *path,
                               struct error *error)
{
    const char *found;

    if (hdf5_exists(file, "/environment/experiment_file")) {
        PASS(hdf5_read_text(file, "/environment/experiment_file", arena, &found, error));
        return text_print(path, error, "%s", found);
    }
    PASS(hdf5_read_attribute_text(file, "/", "experiment", arena, &found, error));
    return text_print(path, error, "experiments/%s.yaml", found);
}

/* The command that does what is to be done next, where an override does. */
static enum status say_command(struct hdf5 *file, const struct text *setting, struct text *text,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text path = {0};

    if (!setting->length)
        goto out;
    TRY(find_source(file, &arena, &path, error));
    text_append(text, "  command      understudy run --set '%s' %s\n", setting->bytes, path.bytes);
out:
    text_release(&path);
    arena_release(&arena);
    return status;
}

enum status verdict_read(struct hdf5 *file, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct text setting = {0};

    TRY(read_text(file, "about", "", "", text, error));
    TRY(read_text(file, "measured", "", "", text, error));
    TRY(read_text(file, "next", "  next         ", "\n", text, error));
    TRY(read_text(file, "set", "", "", &setting, error));
    TRY(say_command(file, &setting, text, error));
    TRY(verdict_align(text, error));
out:
    text_release(&setting);
    return status;
}

/* The same, of a file that does not hold it. */
static enum status reach(struct hdf5 *file, const struct experiment *experiment, struct text *text,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct text setting = {0};
    struct verdict verdict;
    bool found;

    TRY(gather(&verdict, &results, file, experiment, &arena, &found, error));
    if (!found)
        goto out;
    const struct verdict_facts facts = with_times(&verdict);
    verdict_lines(&verdict, text);
    verdict_measured(&verdict, text);
    text_append(text, "  next         ");
    verdict_sentence(&facts, text);
    text_append(text, "\n");
    verdict_setting(&facts, &setting);
    TRY(say_command(file, &setting, text, error));
    TRY(verdict_align(text, error));
out:
    text_release(&setting);
    arena_release(&arena);
    results_release(&results);
    return status;
}

enum status verdict_of(struct hdf5 *file, const char *home, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct plan_options options = {.home = home};
    struct diagnostics found = {0};
    struct arena arena = {0};
    struct plan plan = {0};
    const char *name, *resolved;

    TRY(verdict_read(file, text, error));
    if (text->length)
        goto out;
    TRY(hdf5_read_attribute_text(file, "/", "experiment", &arena, &name, error));
    TRY(hdf5_read_text(file, "/plan/resolved", &arena, &resolved, error));
    TRY(plan_load_resolved(&plan, name, resolved, &options, &found, error));
    if (!found.count) /* else the plan is none of this program */
        TRY(reach(file, &plan.base, text, error));
out:
    plan_release(&plan);
    diagnostics_release(&found);
    arena_release(&arena);
    return status;
}
