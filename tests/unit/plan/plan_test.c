/* Plans: the grid's order, zipped axes, exclusion, overrides, what is filled in, failures. */
#include "plan/plan.h"
#include "tests/unit/plans.h"

#include "interfaces/training.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>

/* One number of a resolved trial. */
static int64_t parameter(const struct trial *trial, const char *name)
{
    const struct field *field = trial->experiment.network.kind->fields;

    while (field->name && strcmp(field->name, name) != 0)
        field++;
    CU_ASSERT_PTR_NOT_NULL_FATAL(field->name);
    return *(const int64_t *)(const void *)((const char *)trial->experiment.network.config +
                                            field->offset);
}

static void resolve(struct plan *plan, size_t index, struct arena *arena, struct trial *trial)
{
    struct error error = {0};

    arena_release(arena);
    CU_ASSERT_EQUAL_FATAL(plan_trial(plan, index, arena, trial, &error), STATUS_OK);
    CU_ASSERT_EQUAL(trial->index, index);
}

static void test_single_trial(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "");
    CU_ASSERT_EQUAL(plan.trial_count, 1);
    CU_ASSERT_EQUAL(plan.axis_count, 0);
    resolve(&plan, 0, &arena, &trial);
    CU_ASSERT_EQUAL(trial.replicate, 0);
    CU_ASSERT_EQUAL(trial.experiment.train.epochs, 20);
    CU_ASSERT_EQUAL(trial.experiment.pipeline.stages.items[1].tuned_count, 1);
    CU_ASSERT_STRING_EQUAL(trial.experiment.filter.kind->name, "none");
    CU_ASSERT_STRING_EQUAL(plan.machines[0].model.kind->name, "systolic");
    arena_release(&arena);
    plan_release(&plan);
}

static void test_order(void)
{
    static const int64_t widths[] = {8, 4, 16}, epochs[] = {1, 2};
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "replicates: 2\n"
                      "grid:\n  network.width: [8, 4, 16]\n  train.epochs: [1, 2]\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 12);
    CU_ASSERT_EQUAL(plan.axis_count, 2);
    CU_ASSERT_STRING_EQUAL(plan.axes[0].path, "network.width");
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < 12; k++) {
            size_t i = pass ? 11 - k : k; /* trials may be asked for in any order */
            resolve(&plan, i, &arena, &trial);
            CU_ASSERT_EQUAL(parameter(&trial, "width"), widths[i / 4]);
            CU_ASSERT_EQUAL(trial.experiment.train.epochs, epochs[i / 2 % 2]);
            CU_ASSERT_EQUAL(trial.replicate, i % 2);
            CU_ASSERT_EQUAL(strtol(trial.axis_values[0]->text, NULL, 10), widths[i / 4]);
            CU_ASSERT_PTR_EQUAL(trial.axis_values[1], plan_value(&plan, i, 1));
        }
    arena_release(&arena);
    plan_release(&plan);
}

static void test_zip(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "zip:\n  - network.width: [4, 8, 16]\n    network.depth: [2, 3, 4]\n"
                      "  - train.batch: [32, 64]\n"
                      "grid:\n  train.epochs: [1, 2]\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 12);
    CU_ASSERT_EQUAL(plan.axis_count, 4);
    CU_ASSERT_EQUAL(plan.group_count, 3);
    for (size_t i = 0; i < 12; i++) {
        resolve(&plan, i, &arena, &trial);
        CU_ASSERT_EQUAL(trial.experiment.train.epochs, (int64_t)(i / 6 + 1));
        CU_ASSERT_EQUAL(parameter(&trial, "width"), 4 << i / 2 % 3);
        CU_ASSERT_EQUAL(parameter(&trial, "depth"), (int64_t)(i / 2 % 3 + 2));
        CU_ASSERT_EQUAL(trial.experiment.train.batch, i % 2 ? 64 : 32);
    }
    arena_release(&arena);
    plan_release(&plan);
}

static void test_exclude(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "grid:\n  network.width: [4, 8, 16]\n  train.learning_rate: [0.1, 0.2]\n"
                      "exclude:\n  - {network.width: [4, 16], train.learning_rate: 2.0e-1}\n"
                      "  - {network.width: 8}\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 2);
    for (size_t i = 0; i < 2; i++) {
        resolve(&plan, i, &arena, &trial);
        CU_ASSERT_EQUAL(parameter(&trial, "width"), i ? 16 : 4);
        CU_ASSERT_DOUBLE_EQUAL(trial.experiment.train.learning_rate, 0.1, 0);
    }
    arena_release(&arena);
    plan_release(&plan);
}

/* What a grid point would make wrong, but exclude drops, is no mistake; nor is a value of the file
 * that the grid replaces always, as long as it is sound itself. */
static void test_only_trials_are_checked(void)
{
    struct plan plan;

    plans_load(&plan, "grid:\n  train.batch: [8, 32]\n  train.shard: [8, 32]\n"
                      "exclude:\n  - {train.batch: 8, train.shard: 32}\n");
    CU_ASSERT_EQUAL(plan.trial_count, 3);
    plan_release(&plan);
    plans_load(&plan, "filter: {method: none}\n"
                      "zip:\n  - filter.method: [random, residual_trim]\n"
                      "    filter.fraction: [0.1, 0.2]\n");
    CU_ASSERT_EQUAL(plan.trial_count, 2);
    CU_ASSERT_STRING_EQUAL(plan.base.filter.kind->name, "random");
    plan_release(&plan);
}

static void test_axis_of_components(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "grid:\n  filter:\n    - {method: none}\n"
                      "    - {method: residual_trim, fraction: 0.2}\n"
                      "  pipeline.stages[0].median.radius: [1, 2]\n"
                      "  dataset.degrade: [[], [{gaussian_noise: {sigma: 5}}]]\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 8);
    resolve(&plan, 7, &arena, &trial);
    CU_ASSERT_STRING_EQUAL(trial.experiment.filter.kind->name, "residual_trim");
    CU_ASSERT_EQUAL(*(int64_t *)trial.experiment.pipeline.stages.items[0].config, 2);
    CU_ASSERT_EQUAL(trial.experiment.dataset.degrade.count, 1);
    resolve(&plan, 0, &arena, &trial);
    CU_ASSERT_STRING_EQUAL(trial.experiment.filter.kind->name, "none");
    CU_ASSERT_EQUAL(*(int64_t *)trial.experiment.pipeline.stages.items[0].config, 1);
    CU_ASSERT_EQUAL(trial.experiment.dataset.degrade.count, 0);
    arena_release(&arena);
    plan_release(&plan);
}

static void test_overrides(void)
{
    static const char yaml[] = "grid:\n  network.width: [4, 8]\n"
                               "zip:\n  - network.depth: [2, 3]\n    train.batch: [32, 64]\n";
    static const char *const overrides[] = {"train.epochs=7",
                                            "train.epochs=2",
                                            "network.width=[5, 6, 7]",
                                            "about='a=b'",
                                            "train.batch=[16, 48]",
                                            "grid.seed=[1, 2]",
                                            "pipeline.stages[0].median.radius=3"};
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;
    char text[8192];

    snprintf(text, sizeof text, "%s%s", plans_base, yaml);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, text, overrides, 7, true), 0);
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 3 * 2 * 2);
    CU_ASSERT_STRING_EQUAL(plan.base.about, "a=b");
    resolve(&plan, 11, &arena, &trial);
    CU_ASSERT_EQUAL(trial.experiment.train.epochs, 2);
    CU_ASSERT_EQUAL(parameter(&trial, "width"), 7);
    CU_ASSERT_EQUAL(trial.experiment.train.batch, 48);
    CU_ASSERT_EQUAL(trial.experiment.seed, 2);
    CU_ASSERT_EQUAL(*(int64_t *)trial.experiment.pipeline.stages.items[0].config, 3);
    arena_release(&arena);
    plan_release(&plan);
    /* A single value keeps the axis, and so its column in the results. */
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, text, (const char *[]){"network.width=9"}, 1, true), 0);
    CU_ASSERT_EQUAL(plan.axis_count, 3);
    CU_ASSERT_EQUAL(plan.trial_count, 2);
    CU_ASSERT_STRING_EQUAL(plan.axes[0].values[0]->text, "9");
    plan_release(&plan);
}

static void test_engine(void)
{
    struct plan_options options = {.engine = "reference", .home = "."};
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan plan;

    CU_ASSERT_EQUAL_FATAL(plan_load_text(&plan, "test.yaml", plans_base, strlen(plans_base),
                                         &options, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    CU_ASSERT_STRING_EQUAL(plan.base.train.engine.kind->name, "reference");
    plan_release(&plan);
    options.engine = "referense";
    CU_ASSERT_EQUAL_FATAL(plan_load_text(&plan, "test.yaml", plans_base, strlen(plans_base),
                                         &options, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_STRING_EQUAL(found.items[0].message, "unknown engine; did you mean 'reference'?");
    plan_release(&plan);
    diagnostics_release(&found);
}

static const char *default_loss(const char *replaced, const char *task)
{
    static const char *name;
    char yaml[2048];
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    snprintf(yaml, sizeof yaml,
             "experiment: test\ntask: %s\n"
             "dataset: {name: digits, manual: 9, unlabelled: 9, validation: 0, test: 5}\n"
             "pipeline: {stages: [%s], replace: {to: %s}}\n"
             "network: {family: %s}\n",
             task, strcmp(task, "denoise") == 0 ? "median" : "hog, linear_svm", replaced,
             strcmp(task, "denoise") == 0 ? "dncnn" : "lenet5");
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    resolve(&plan, 0, &arena, &trial);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial.experiment.train.loss.kind);
    CU_ASSERT_PTR_EQUAL(trial.experiment.train.loss.kind, plan.base.train.loss.kind);
    name = trial.experiment.train.loss.kind->name;
    arena_release(&arena);
    plan_release(&plan);
    return name;
}

/* The network that gives scores is trained on classes; one that gives images or features, not. */
static void test_loss(void)
{
    CU_ASSERT_STRING_EQUAL(default_loss("median", "denoise"), "mse");
    CU_ASSERT_STRING_EQUAL(default_loss("linear_svm", "classify"), "cross_entropy");
    CU_ASSERT_STRING_EQUAL(default_loss("hog", "classify"), "mse");
}

static void test_replaced(void)
{
    struct component_list *stages;
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan plan;
    size_t first, last;

    plans_load(&plan, "");
    stages = &plan.base.pipeline.stages;
    CU_ASSERT_EQUAL(experiment_replaced(&plan.base, &first, &last, &found, &error), STATUS_OK);
    CU_ASSERT(first == 0 && last == stages->count && found.count == 0);
    plan.base.pipeline.replace.from = "gaussian";
    CU_ASSERT_EQUAL(experiment_replaced(&plan.base, &first, &last, &found, &error), STATUS_OK);
    CU_ASSERT(first == 1 && last == 2 && found.count == 0);
    plan.base.pipeline.replace.to = "median";
    CU_ASSERT_EQUAL(experiment_replaced(&plan.base, &first, &last, &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 1);
    CU_ASSERT_EQUAL(experiment_metric(&plan.base), METRIC_SSIM);
    diagnostics_release(&found);
    plan_release(&plan);
}

/* What the grid gives need not stand in its section too. */
static void test_required_by_grid(void)
{
    static const char yaml[] =
        "experiment: test\ntask: denoise\n"
        "dataset: {name: digits, unlabelled: 9, validation: 2, test: 5}\n"
        "pipeline: {stages: [median]}\n"
        "grid: {network.family: [dncnn, autoencoder], dataset.manual: [1, 2]}\n";
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 4);
    resolve(&plan, 3, &arena, &trial);
    CU_ASSERT_STRING_EQUAL(trial.experiment.network.kind->name, "autoencoder");
    CU_ASSERT_EQUAL(trial.experiment.dataset.manual, 2);
    arena_release(&arena);
    plan_release(&plan);
}

static void test_limits(void)
{
    struct plan_options options = {.home = ".", .most_trials = 5};
    struct diagnostics found = {0};
    struct error error = {0};
    struct text yaml = {0};
    struct plan plan;

    for (int width = 5; width <= 6; width++) {
        text_append(&yaml, "%sgrid: {network.width: [1, 2, 3, 4, 5%s]}\n", plans_base,
                    width == 6 ? ", 6" : "");
        CU_ASSERT_EQUAL(
            plan_load_text(&plan, "test.yaml", yaml.bytes, yaml.length, &options, &found, &error),
            STATUS_OK);
        CU_ASSERT_EQUAL(found.count, width == 6);
        plan_release(&plan);
        text_clear(&yaml);
    }
    diagnostics_release(&found);
    text_append(&yaml, "%s", plans_base);
    for (int i = 0; i < 1200; i++)
        text_append(&yaml, "unknown%d: 1\n", i);
    CU_ASSERT_EQUAL(
        plan_load_text(&plan, "test.yaml", yaml.bytes, yaml.length, &options, &found, &error),
        STATUS_OK);
    CU_ASSERT(found.count > 500 && found.count < 1200);
    plan_release(&plan);
    diagnostics_release(&found);
    text_release(&yaml);
}

/* Everything that a plan can have, for the test that takes memory away. */
static const char rich[] = "filter: {method: residual_trim}\n"
                           "store: {activations: {layers: all}}\n"
                           "grid:\n  network.width: [2, 4]\n  filter.fraction: [0.1, 0.2]\n"
                           "zip:\n  - {train.epochs: [1, 2], train.batch: [16, 32]}\n"
                           "exclude:\n  - {network.width: 4, filter.fraction: 0.2}\n"
                           "figures: [curves, {performance_vs_computation: {hardware: tpu_v1}}]\n";

static enum status load_and_resolve(const char *yaml, size_t *mistakes, struct error *error)
{
    static const char *const overrides[] = {"network.width=[2, 4, 8]", "grid.seed=[1, 2]",
                                            "train.epochs=[3, 4]"};
    struct plan_options options = {
        .overrides = overrides, .override_count = 3, .engine = "reference", .home = "."};
    struct diagnostics found = {0};
    struct plan plan = {0};
    struct arena arena = {0};
    struct trial trial;
    struct text text = {0};
    enum status status = STATUS_OK;

    *mistakes = 0;
    TRY(plan_load_text(&plan, "test.yaml", yaml, strlen(yaml), &options, &found, error));
    *mistakes = found.count;
    if (found.count)
        goto out;
    TRY(plan_trial(&plan, plan.trial_count - 1, &arena, &trial, error));
    TRY(plan_resolved(&plan, &text, error));
out:
    text_release(&text);
    arena_release(&arena);
    diagnostics_release(&found);
    plan_release(&plan);
    return status;
}

/* Take every allocation away in turn, until one more than there are. Nothing may leak (the
 * sanitizers look), and nothing but "out of memory" may be told. */
static void take_memory(const char *more, size_t expected_mistakes)
{
    char yaml[8192];
    size_t mistakes, n = 1;

    snprintf(yaml, sizeof yaml, "%s%s", plans_base, more);
    for (;; n++) {
        struct error error = {0};
        memory_fail_at(n);
        size_t before = memory_count();
        enum status status = load_and_resolve(yaml, &mistakes, &error);
        bool reached = memory_count() - before >= n;
        memory_fail_at(0);
        if (!reached) {
            CU_ASSERT_EQUAL(status, STATUS_OK);
            CU_ASSERT_EQUAL(mistakes, expected_mistakes);
            break;
        }
        CU_ASSERT_EQUAL_FATAL(status, STATUS_MEMORY);
        CU_ASSERT_FATAL(error.message[0] != '\0');
    }
    CU_ASSERT(n > 50);
}

static void test_no_memory(void)
{
    take_memory(rich, 0);
    take_memory("filter: {method: nome}\ngrid: {a.b: [1], network.width: [x, 0]}\nzip: 3\n", 4);
}

/* A mistake that only the last of four points has is found: fields that are looked at together. */
static void test_combinations(void)
{
    static const char denoise[] = "experiment: test\ntask: denoise\n"
                                  "dataset: {name: digits, manual: 9, unlabelled: 9,"
                                  " validation: 2, test: 5}\n"
                                  "pipeline: {stages: [median, gaussian]}\n"
                                  "network: {family: dncnn}\n";
    static const char classify[] = "experiment: test\ntask: classify\n"
                                   "dataset: {name: digits, manual: 9, unlabelled: 9,"
                                   " validation: 2, test: 5}\n"
                                   "pipeline: {stages: [hog, linear_svm]}\n"
                                   "network: {family: lenet5}\n";
    static const struct {
        const char *base, *grid;
    } cases[] = {
        {denoise, "dataset.name: [mnist, digits], dataset.unlabelled: [9, all]"},
        {denoise, "dataset.name: [mnist, digits], dataset.test: [9, all]"},
        {denoise, "pipeline.stages: [[median], [{gaussian: {sigma: {tune: [1, 2]}}}]],"
                  " dataset.manual: [5, 0]"},
        {denoise, "train.labels: [pipeline, manual], dataset.manual: [5, 0]"},
        {denoise, "train.labels: [manual, truth], dataset.unlabelled: [5, 0]"},
        {denoise, "train.labels: [pipeline, truth], pipeline.replace.to: [gaussian, median]"},
        {denoise, "dataset.patch.size: [8, 0], dataset.patch.per_image: [1, 2]"},
        {denoise, "train.batch: [32, 8], train.shard: [8, 32]"},
        {denoise, "train.early_stopping.patience: [0, 2], dataset.validation: [2, 0]"},
        {denoise, "network.family: [dncnn, autoencoder], network.depth: [2, 20]"},
        {classify, "pipeline.replace.to: [linear_svm, hog], train.loss: [~, cross_entropy]"},
        {classify, "pipeline.replace.to: [linear_svm, hog],"
                   " filter.method: [none, argmax_disagreement]"},
        {classify, "pipeline.replace.to: [linear_svm, hog], train.augment: [[], [flip]]"},
    };
    char yaml[4096];
    struct plan plan;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(yaml, sizeof yaml, "%sgrid: {%s, seed: [1, 2]}\n", cases[i].base, cases[i].grid);
        size_t mistakes = plans_try(&plan, yaml, NULL, 0, false);
        if (mistakes != 1)
            printf("%zu mistakes in %s\n", mistakes, cases[i].grid);
        CU_ASSERT_EQUAL(mistakes, 1);
        plan_release(&plan);
    }
}

static void families(void)
{
    plans_families();
}

void plan_suite(void);
void plan_suite(void)
{
    CU_pSuite suite = CU_add_suite_with_setup_and_teardown("plan", NULL, NULL, families, NULL);
    CU_add_test(suite, "a file without a grid is one trial", test_single_trial);
    CU_add_test(suite, "the first axis is slowest, replicates are fastest", test_order);
    CU_add_test(suite, "zipped axes move together, behind the grid's", test_zip);
    CU_add_test(suite, "exclude drops what matches all of a rule", test_exclude);
    CU_add_test(suite, "only what runs is checked", test_only_trials_are_checked);
    CU_add_test(suite, "what only a combination makes wrong is found", test_combinations);
    CU_add_test(suite, "an axis may hold components, lists and sections", test_axis_of_components);
    CU_add_test(suite, "overrides replace values and axes; the last wins", test_overrides);
    CU_add_test(suite, "an engine may be asked for", test_engine);
    CU_add_test(suite, "a loss left out fits what the network gives", test_loss);
    CU_add_test(suite, "the replaced part", test_replaced);
    CU_add_test(suite, "the grid may give what is required", test_required_by_grid);
    CU_add_test(suite, "plans and mistakes are bounded", test_limits);
    CU_add_test(suite, "every allocation may fail", test_no_memory);
}
