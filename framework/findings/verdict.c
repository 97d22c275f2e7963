#include "findings/verdict.h"

#include "findings/verdict_facts.h"
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

static enum status write_text(struct hdf5 *file, bool timed, const char *name,
                              const struct text *text, struct error *error)
{
    char path[PATH];

    PASS(text_status(text, error));
    return hdf5_write_text(file, member(timed, name, path), text->bytes ? text->bytes : "", error);
}

/* No measured time changes what follows then. */
static bool cheaper_somewhere(enum verdict_cost cost)
{
    return cost == VERDICT_CHEAPER || cost == VERDICT_PARTLY_CHEAPER;
}

/* What to do, where `timed` among what hangs on times. */
static enum status write_next(struct hdf5 *file, const struct verdict *verdict, bool timed,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct verdict_facts facts = verdict->facts;
    struct text sentence = {0};
    char path[PATH];

    if (timed && !cheaper_somewhere(facts.cost)) {
        enum verdict_cost measured = verdict_compare(&verdict->measured, 1);
        facts.cost = measured == VERDICT_NOT_COMPARED ? facts.cost : measured;
    }
    TRY(hdf5_write_text(file, member(timed, "action", path),
                        verdict_actions[verdict_action(&facts)], error));
    verdict_sentence(&facts, &sentence);
    TRY(write_text(file, timed, "next", &sentence, error));
out:
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
    bool asks = verdict_asks_cost(&verdict->facts) && !cheaper_somewhere(verdict->facts.cost);
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
    TRY(write_measured(file, verdict, error));
    TRY(write_next(file, verdict, timed || asks, error));
out:
    text_release(&text);
    return status;
}

enum status verdict_store(struct hdf5 *file, const struct experiment *experiment,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct verdict verdict;
    size_t trial;
    bool found;

    TRY(best_trial(file, experiment, &trial, &found, error));
    if (!found)
        goto out;
    TRY(results_open(&results, file, error));
    TRY(verdict_gather(&verdict, &results, experiment, trial, &arena, error));
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

enum status verdict_read(struct hdf5 *file, struct text *text, struct error *error)
{
    PASS(read_text(file, "about", "", "", text, error));
    PASS(read_text(file, "measured", "", "", text, error));
    PASS(read_text(file, "next", "  next         ", "\n", text, error));
    return text_status(text, error);
}
