/* plan/search: a plan that grows by rounds. Results are made up here. */
#include "plan/search.h"

#include "tests/unit/plans.h"

#include <math.h>
#include <stdlib.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const char tpe[] = "replicates: 2\n"
                          "search:\n"
                          "  method: tpe\n"
                          "  points: 13\n"
                          "  startup: 6\n"
                          "  batch: 3\n"
                          "  objectives: {network.validation.ssim: maximise,\n"
                          "               hardware.tpu_v1.energy_j: minimise}\n"
                          "  space:\n"
                          "    train.learning_rate: {log_uniform: [1e-4, 1.0e-1]}\n"
                          "    network.width: {integer: [3, 9]}\n"
                          "    train.optimizer: {choice: [sgd, adam, adamw: {beta1: 0.8}]}\n"
                          "    train.average: {uniform: [0.5, 0.75]}\n";

static const char halving[] = "search:\n"
                              "  method: halving\n"
                              "  points: 9\n"
                              "  least: 1\n"
                              "  most: 9\n"
                              "  objectives: {network.validation.ssim: maximise}\n"
                              "  space: {network.width: {integer: [1, 64]}}\n";

/* Made-up results: a function of the trial's values. */
struct oracle {
    struct plan *plan;
    double shift; /* of the learning rate that is best */
    int fails;    /* one trial of so many; 0: none */
    size_t asked;
};

static enum status result(void *context, size_t trial, const char *column, double *value,
                          struct error *fault)
{
    struct oracle *oracle = context;
    struct arena arena = {0};
    struct trial read;
    enum status status = plan_trial(oracle->plan, trial, &arena, &read, fault);

    if (status == STATUS_OK) {
        double rate = read.experiment.train.learning_rate;
        oracle->asked++;
        *value = strstr(column, "energy") ? (double)read.replicate
                                          : -fabs(log10(rate) + 2 + oracle->shift);
        if (oracle->fails && (int)(trial / 2) % oracle->fails == 1)
            *value = (double)NAN;
    }
    arena_release(&arena);
    return status;
}

static void load(struct plan *plan, const char *more)
{
    plans_families();
    plans_load(plan, more);
    CU_ASSERT_PTR_NOT_NULL_FATAL(plan->search);
}

/* All values of all trials, a line each. */
static void print_trials(const struct plan *plan, struct text *text)
{
    for (size_t i = 0; i < plan->trial_count; i++)
        for (size_t a = 0; a < plan->axis_count; a++) {
            yaml_print(plan_value(plan, i, a), text);
            text_append(text, a + 1 < plan->axis_count ? " " : "\n");
        }
}

static void extend_all(struct plan *plan, struct oracle *oracle, size_t rounds)
{
    bool more = true;
    size_t count = 0;

    oracle->plan = plan;
    for (; more && count < 100; count++)
        OK(plan_extend(plan, result, oracle, &more, &error));
    CU_ASSERT_EQUAL(count, rounds);
}

static void test_rounds(void)
{
    struct plan plan;
    struct oracle oracle = {0};
    struct text before = {0}, after = {0}, text = {0};
    char keys[2][HASH_TEXT], data_keys[2][HASH_TEXT];
    bool more = false;

    load(&plan, tpe);
    CU_ASSERT_EQUAL(plan.trial_count, 12);
    CU_ASSERT_EQUAL(plan_final_count(&plan), 26);
    OK(plan_resolved(&plan, &before, &error));
    plans_keys(&plan, 7, keys[0], data_keys[0]);
    print_trials(&plan, &text);
    oracle.plan = &plan;
    OK(plan_extend(&plan, result, &oracle, &more, &error));
    CU_ASSERT(more);
    CU_ASSERT_EQUAL(plan.trial_count, 18);
    CU_ASSERT_EQUAL(oracle.asked, 24);
    extend_all(&plan, &oracle, 3);
    CU_ASSERT_EQUAL(plan.trial_count, 26);
    CU_ASSERT_EQUAL(oracle.asked, 52); /* each once */
    /* What there was stays. */
    OK(plan_resolved(&plan, &after, &error));
    CU_ASSERT_STRING_EQUAL(before.bytes, after.bytes);
    plans_keys(&plan, 7, keys[1], data_keys[1]);
    CU_ASSERT_STRING_EQUAL(keys[0], keys[1]);
    size_t length = text.length;
    struct text all = {0};
    print_trials(&plan, &all);
    CU_ASSERT_EQUAL(strncmp(all.bytes, text.bytes, length), 0);
    text_release(&all);
    text_release(&text);
    text_release(&before);
    text_release(&after);
    plan_release(&plan);
    families_release();
}

/* Keys of new trials are the same whichever way they are asked for. */
static void test_keys(void)
{
    struct plan plan;
    struct oracle oracle = {0};
    char keys[TRIAL_STEPS][HASH_TEXT];

    load(&plan, tpe);
    OK(plan_keys(&plan, 3, keys, &error)); /* tables for the first round's trials */
    extend_all(&plan, &oracle, 4);
    for (size_t i = 0; i < plan.trial_count; i++) {
        struct arena arena = {0};
        struct trial trial;
        OK(plan_trial(&plan, i, &arena, &trial, &error));
        OK(plan_keys(&plan, i, keys, &error));
        CU_ASSERT_EQUAL(memcmp(keys, trial.keys, sizeof keys), 0);
        arena_release(&arena);
    }
    plan_release(&plan);
    families_release();
}

/* The same results give the same trials, other results others; a failure is a result. */
static void test_results(void)
{
    struct text texts[4] = {{0}};
    struct oracle oracles[4] = {{0}, {0}, {.shift = 1.5}, {.fails = 3}};

    for (int i = 0; i < 4; i++) {
        struct plan plan;
        load(&plan, tpe);
        extend_all(&plan, &oracles[i], 4);
        print_trials(&plan, &texts[i]);
        plan_release(&plan);
    }
    CU_ASSERT_STRING_EQUAL(texts[0].bytes, texts[1].bytes);
    CU_ASSERT_STRING_NOT_EQUAL(texts[0].bytes, texts[2].bytes);
    CU_ASSERT_STRING_NOT_EQUAL(texts[0].bytes, texts[3].bytes);
    for (int i = 0; i < 4; i++)
        text_release(&texts[i]);
    families_release();
}

/* Values lie in their ranges, and are of the right type. */
static void test_values(void)
{
    struct plan plan;
    struct oracle oracle = {0};
    bool choices[3] = {false, false, false};
    bool widths[10] = {false};

    load(&plan, tpe);
    extend_all(&plan, &oracle, 4);
    for (size_t i = 0; i < plan.trial_count; i++) {
        struct arena arena = {0};
        struct trial trial;
        int64_t width = 0;
        OK(plan_trial(&plan, i, &arena, &trial, &error));
        const struct train_settings *train = &trial.experiment.train;
        CU_ASSERT(train->learning_rate >= 1e-4 && train->learning_rate <= 0.1);
        CU_ASSERT(train->average >= 0.5 && train->average <= 0.75);
        CU_ASSERT(yaml_integer(trial.axis_values[1], &width) && width >= 3 && width <= 9);
        widths[width % 10] = true;
        const char *name = train->optimizer.kind->name;
        choices[strcmp(name, "sgd") == 0 ? 0 : strcmp(name, "adam") == 0 ? 1 : 2] = true;
        arena_release(&arena);
    }
    CU_ASSERT(choices[0] && choices[1] && choices[2]);
    CU_ASSERT(widths[3] + widths[4] + widths[5] + widths[6] + widths[7] + widths[8] >= 3);
    plan_release(&plan);
    families_release();
}

/* Means over replicates; the front is of points that nobody dominates. */
static void test_objectives(void)
{
    struct plan plan;
    struct oracle oracle = {.fails = 4};
    bool front[13], any = false;

    load(&plan, tpe);
    extend_all(&plan, &oracle, 4);
    search_pareto(plan.search, front);
    for (size_t i = 0; i < 13; i++) {
        double score = search_value(plan.search, i, 0), cost = search_value(plan.search, i, 1);
        CU_ASSERT_EQUAL(isnan(score), i % 4 == 1);
        CU_ASSERT(isnan(cost) || cost == 0.5); /* of replicates 0 and 1 */
        bool best = !isnan(score);
        for (size_t j = 0; j < 13; j++)
            best = best && !(search_value(plan.search, j, 0) > score);
        CU_ASSERT_EQUAL(front[i], best);
        any = any || best;
    }
    CU_ASSERT(any);
    plan_release(&plan);
    families_release();
}

static enum status by_width(void *context, size_t trial, const char *column, double *value,
                            struct error *fault)
{
    struct plan *plan = context;
    int64_t width;

    (void)column, (void)fault;
    CU_ASSERT(yaml_integer(plan_value(plan, trial, 0), &width));
    *value = -fabs((double)width - 40);
    return STATUS_OK;
}

/* The budget is an axis; the front is of the last rung alone. */
static void test_halving(void)
{
    static const size_t counts[] = {9, 12, 13};
    struct plan plan;
    bool more = true, front[13];
    double best = 1000, last = 1000;

    load(&plan, halving);
    CU_ASSERT_EQUAL(plan_final_count(&plan), 13);
    CU_ASSERT_STRING_EQUAL(plan.axes[1].path, "train.epochs");
    for (int round = 0; more; round++) {
        CU_ASSERT_EQUAL(plan.trial_count, counts[round]);
        OK(plan_extend(&plan, by_width, &plan, &more, &error));
    }
    for (size_t i = 0; i < plan.trial_count; i++) {
        struct arena arena = {0};
        struct trial trial;
        int64_t width = 0;
        OK(plan_trial(&plan, i, &arena, &trial, &error));
        CU_ASSERT_EQUAL(trial.experiment.train.epochs, i < 9 ? 1 : i < 12 ? 3 : 9);
        yaml_integer(plan_value(&plan, i, 0), &width);
        last = fabs((double)width - 40);
        best = last < best ? last : best;
        arena_release(&arena);
    }
    CU_ASSERT_EQUAL(last, best);
    search_pareto(plan.search, front);
    for (size_t i = 0; i < 13; i++)
        CU_ASSERT_EQUAL(front[i], i == 12);
    plan_release(&plan);
    families_release();
}

/* The resolved text has the defaults, and makes the same plan. */
static void test_resolved(void)
{
    struct plan_options options = {.home = "."};
    struct diagnostics found = {0};
    struct text texts[2] = {{0}, {0}}, trials[2] = {{0}, {0}};
    struct plan plans[2];
    struct oracle oracle = {0};

    load(&plans[0], tpe);
    OK(plan_resolved(&plans[0], &texts[0], &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(texts[0].bytes, "\n  candidates: 24\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(texts[0].bytes, "\n    train.learning_rate: {log_uniform: [0.0001, 0.1]}\n"));
    OK(plan_load_resolved(&plans[1], "again", texts[0].bytes, &options, &found, &error));
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_resolved(&plans[1], &texts[1], &error));
    CU_ASSERT_STRING_EQUAL(texts[0].bytes, texts[1].bytes);
    for (int i = 0; i < 2; i++) {
        extend_all(&plans[i], &oracle, 4);
        print_trials(&plans[i], &trials[i]);
    }
    CU_ASSERT_STRING_EQUAL(trials[0].bytes, trials[1].bytes);
    for (int i = 0; i < 2; i++) {
        text_release(&texts[i]);
        text_release(&trials[i]);
        plan_release(&plans[i]);
    }
    families_release();
}

/* A grid is done when it is done, and says nothing of a search. */
static void test_without(void)
{
    struct plan plan;
    struct text text = {0};
    bool more = true;

    plans_families();
    plans_load(&plan, "grid: {network.width: [4, 8]}\n");
    OK(plan_extend(&plan, result, NULL, &more, &error));
    CU_ASSERT_FALSE(more);
    CU_ASSERT_EQUAL(plan_final_count(&plan), 2);
    OK(plan_resolved(&plan, &text, &error));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "search"));
    text_release(&text);
    plan_release(&plan);
    families_release();
}

/* A later point that does not fit with another field is told with its number. */
static enum status large_batches(void *context, size_t trial, const char *column, double *value,
                                 struct error *fault)
{
    (void)context, (void)trial, (void)column, (void)fault;
    *value = 1;
    return STATUS_OK;
}

static void test_unfit(void)
{
    struct plan plan;
    bool more = true;

    load(&plan, halving);
    /* As if the file said something that corners cannot tell: no width is served any more. */
    struct yaml_node *data = yaml_find(plan.root, "dataset.manual");
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    data->text = "0";
    CU_ASSERT_EQUAL(plan_extend(&plan, large_batches, NULL, &more, &error), STATUS_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "search: point 9: "));
    plan_release(&plan);
    families_release();
}

static void test_memory(void)
{
    enum status status = STATUS_MEMORY;
    size_t n;

    plans_families();
    for (n = 1; status != STATUS_OK && n < 20000; n += n < 60 ? 1 : 29) {
        struct plan_options options = {.home = "."};
        struct diagnostics found = {0};
        struct plan plan = {0};
        struct oracle oracle = {.plan = &plan};
        char yaml[4096];
        bool more = true;
        snprintf(yaml, sizeof yaml, "%s%s", plans_base, tpe);
        memory_fail_at(n);
        status = plan_load_text(&plan, "x", yaml, strlen(yaml), &options, &found, &error);
        while (status == STATUS_OK && more)
            status = plan_extend(&plan, result, &oracle, &more, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        diagnostics_release(&found);
        plan_release(&plan);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 500);
    families_release();
}

void plan_search_suite(void);
void plan_search_suite(void)
{
    CU_pSuite suite = CU_add_suite("plan_search", NULL, NULL);
    CU_add_test(suite, "rounds are appended, and what there was stays", test_rounds);
    CU_add_test(suite, "keys of trials of all rounds", test_keys);
    CU_add_test(suite, "trials depend on results, and on nothing else", test_results);
    CU_add_test(suite, "values lie in their ranges", test_values);
    CU_add_test(suite, "objectives are means over replicates", test_objectives);
    CU_add_test(suite, "halving raises the budget", test_halving);
    CU_add_test(suite, "the resolved text makes the same plan", test_resolved);
    CU_add_test(suite, "a plan without a search does not grow", test_without);
    CU_add_test(suite, "a later point that does not fit is told", test_unfit);
    CU_add_test(suite, "any allocation may fail", test_memory);
}
