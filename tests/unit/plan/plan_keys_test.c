/* Keys and the resolved text: what they follow from, and what they do not. */
#include "tests/unit/plan_keys_of.h"
#include "tests/unit/plans.h"

#include <CUnit/CUnit.h>

void plan_keys_suite(void);

static void test_spelling(void)
{
    /* The base again: another order, comments, flow style, other numbers' spelling, defaults. */
    static const char other[] =
        "# the same\n"
        "hardware: tpu_v1\n"
        "network: {width: 0x4, depth: 4, family: dncnn}   # four layers\n"
        "about: but for the words\n"
        "pipeline: {stages: [median: {radius: 1}, gaussian: {sigma: {tune: [4.0e-1, 0.80]}}],\n"
        "           tune: {metric: auto}}\n"
        "dataset: {degrade: [{gaussian_noise: {sigma: 30.0}}], test: 5, validation: 5,\n"
        "          unlabelled: 20, manual: 1_0, name: digits, patch: {size: 0}}\n"
        "task: denoise\nseed: 1\nreplicates: 1\nstore: {parameters: no}\n"
        "train: {loss: mse, optimizer: {adam: {}}, weight_decay: 0.0}\n"
        "experiment: another_name\nfigures: [curves]\n";
    struct keys base = keys_of(plans_base), same = keys_of(other);

    CU_ASSERT_EQUAL(strlen(base.trial), 64);
    CU_ASSERT_STRING_EQUAL(base.trial, same.trial);
    CU_ASSERT_STRING_EQUAL(base.data, same.data);
    CU_ASSERT_STRING_NOT_EQUAL(base.trial, base.data);
}

/* A trial has its key wherever it stands: alone, or in any grid. */
static void test_grid(void)
{
    struct keys base = keys_of(plans_base), point;
    struct plan plan;
    char key[HASH_TEXT], data[HASH_TEXT];

    plans_load(&plan, "replicates: 2\ngrid: {dataset.manual: [5, 10], network.width: [4, 8]}\n");
    plans_keys(&plan, 4, point.trial, point.data);
    CU_ASSERT_STRING_EQUAL(point.trial, base.trial);
    CU_ASSERT_STRING_EQUAL(point.data, base.data);
    plans_keys(&plan, 6, key, data); /* another width: the same data */
    CU_ASSERT_STRING_NOT_EQUAL(key, base.trial);
    CU_ASSERT_STRING_EQUAL(data, base.data);
    plans_keys(&plan, 5, key, data); /* another replicate: all is new */
    CU_ASSERT_STRING_NOT_EQUAL(key, base.trial);
    CU_ASSERT_STRING_NOT_EQUAL(data, base.data);
    plans_keys(&plan, 0, key, data); /* another split */
    CU_ASSERT_STRING_NOT_EQUAL(key, base.trial);
    CU_ASSERT_STRING_NOT_EQUAL(data, base.data);
    plan_release(&plan);
}

/* The first stage whose key is another when the overrides are put in; TRIAL_STEPS: none. Later
 * stages follow, earlier ones stay. */
static enum trial_step first_changed(const char *const *before, size_t before_count,
                                     const char *const *after, size_t after_count)
{
    char keys[2][TRIAL_STEPS][HASH_TEXT];
    enum trial_step first = TRIAL_STEPS;

    for (int i = 0; i < 2; i++) {
        struct plan plan;
        struct arena arena = {0};
        struct trial trial;
        struct error error = {0};
        CU_ASSERT_EQUAL_FATAL(
            plans_try(&plan, plans_base, i ? after : before, i ? after_count : before_count, true),
            0);
        CU_ASSERT_EQUAL_FATAL(plan_trial(&plan, 0, &arena, &trial, &error), STATUS_OK);
        memcpy(keys[i], trial.keys, sizeof trial.keys);
        arena_release(&arena);
        plan_release(&plan);
    }
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        bool same = strcmp(keys[0][s], keys[1][s]) == 0;
        CU_ASSERT(strlen(keys[0][s]) == HASH_TEXT - 1);
        CU_ASSERT(same || s >= first || first == TRIAL_STEPS);
        CU_ASSERT(!same || first == TRIAL_STEPS); /* all that follow are new */
        if (!same && first == TRIAL_STEPS)
            first = s;
    }
    return first;
}

/* A field counts from the stage on that is the first to use it. */
static void test_stages(void)
{
    static const struct {
        const char *always, *override;
        enum trial_step first;
    } cases[] = {
        {NULL, "seed=7", TRIAL_DATA},
        {NULL, "dataset.unlabelled=30", TRIAL_DATA},
        {NULL, "dataset.degrade=[]", TRIAL_DEGRADE},
        {NULL, "pipeline.stages[0].median.radius=2", TRIAL_TUNE},
        {NULL, "pipeline.tune.metric=psnr", TRIAL_TUNE},
        {NULL, "pipeline.replace.from=gaussian", TRIAL_LABEL},
        {NULL, "label_noise=[coding_error: {rate: 0.1}]", TRIAL_LABEL},
        {"label_noise=[operational: {rate: 0.1, degrade: [blur: {sigma: 2}]}]",
         "label_noise[0].operational.degrade[0].blur.sigma=3", TRIAL_LABEL},
        {NULL, "label_noise=[operational: {rate: 0.1, degrade: [exposure: {gain: 2}]}]",
         TRIAL_LABEL},
        {NULL, "train.input=redegraded", TRIAL_FILTER},
        {NULL, "dataset.patch.size=8", TRIAL_FILTER},
        {NULL, "filter.method=random", TRIAL_FILTER},
        {NULL, "train.labels=manual", TRIAL_FILTER},
        {NULL, "train.epochs=3", TRIAL_TRAIN},
        {NULL, "network.width=8", TRIAL_TRAIN},
        {NULL, "train.engine=reference", TRIAL_TRAIN},
        {"filter.method=random", "train.epochs=3", TRIAL_TRAIN},
        /* this one trains networks to filter */
        {"filter.method=residual_trim", "train.epochs=3", TRIAL_TRAIN}, /* of its own epochs */
        {"filter.method=residual_trim", "train.early_stopping.patience=3", TRIAL_TRAIN},
        {"filter.method=residual_trim", "train.batch=32", TRIAL_FILTER},
        {"filter={method: residual_trim, network: dncnn}", "network.width=8", TRIAL_TRAIN},
        {"filter={method: residual_trim, network: dncnn}", "train.batch=32", TRIAL_FILTER},
        {"filter.method=residual_trim", "filter.network=dncnn", TRIAL_FILTER},
        {"filter.method=residual_trim", "network.width=8", TRIAL_FILTER},
        {"filter.method=residual_trim", "train.engine=reference", TRIAL_FILTER},
        {"filter.method=residual_trim", "store.examples=3", TRIAL_EVALUATE},
        /* manual labels are not filtered */
        {"train.labels=manual", "filter.method=residual_trim", TRIAL_STEPS},
    /* stages that train networks */
#define NETWORK "pipeline.stages=[{network: {family: dncnn, depth: 3, train: {epochs: 20}}}]"
        {NETWORK, "pipeline.stages[0].network.train.epochs=3", TRIAL_TUNE},
        {NETWORK, "pipeline.stages[0].network.train.optimizer=sgd", TRIAL_TUNE},
        {NETWORK, "pipeline.stages=[{network: {family: unet, depth: 2, train: {epochs: 20}}}]",
         TRIAL_TUNE},
        {NETWORK, "pipeline.stages[0].network.depth=4", TRIAL_TUNE},
        {NETWORK, "pipeline.stages[0].network.train={}", TRIAL_STEPS}, /* the default */
        {NETWORK, "train.engine=reference", TRIAL_TUNE},
        {NETWORK, "train.epochs=3", TRIAL_TRAIN},
        {NETWORK, "network.width=8", TRIAL_TRAIN},
        {NULL, "hardware=[]", TRIAL_EVALUATE},
        {NULL, "store.parameters=true", TRIAL_EVALUATE},
        {"dataset={name: mnist, manual: 9, unlabelled: 20, validation: 9, test: 9}",
         "dataset.overlap=true", TRIAL_DATA},
        {NULL, "about=another", TRIAL_STEPS},
        {NULL, "replicates=3", TRIAL_STEPS},
        {NULL, "figures=[curves]", TRIAL_STEPS},
        {NULL, "select={minimise: parameters, within: 2}", TRIAL_STEPS},
        {NULL, "limits={minutes: 5, memory_mb: 1000, retries: 2}", TRIAL_STEPS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t always = cases[i].always != NULL;
        const char *with[] = {always ? cases[i].always : cases[i].override, cases[i].override};
        enum trial_step first = first_changed(&cases[i].always, always, with, 1 + always);
        if (first != cases[i].first)
            printf("%s: %u instead of %u\n", cases[i].override, first, cases[i].first);
        CU_ASSERT_EQUAL(first, cases[i].first);
    }
    CU_ASSERT_STRING_EQUAL(trial_step_names[TRIAL_EVALUATE], "evaluate");
    CU_ASSERT_PTR_NULL(trial_step_names[TRIAL_STEPS]);
}

static void test_task(void)
{
    static const char yaml[] =
        "experiment: test\ntask: classify\n"
        "dataset: {name: digits, manual: 10, unlabelled: 20, validation: 5, test: 5}\n"
        "pipeline: {stages: [hog, linear_svm]}\nnetwork: {family: lenet5}\n";
    struct keys base = keys_of(yaml);
    struct plan plan;
    char key[HASH_TEXT], data[HASH_TEXT];

    /* A stage's setting counts, wherever it stands. */
    CU_ASSERT_EQUAL_FATAL(
        plans_try(&plan, yaml, (const char *[]){"pipeline.stages[1].linear_svm.cost=0.5"}, 1, true),
        0);
    plans_keys(&plan, 0, key, data);
    CU_ASSERT_STRING_NOT_EQUAL(key, base.trial);
    CU_ASSERT_STRING_NOT_EQUAL(data, base.data);
    plan_release(&plan);
}

/* Versions and machines count: a plan is changed behind its back. */
static void test_versions(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;
    struct error error = {0};
    struct keys base = keys_of(plans_base), now;

    plans_load(&plan, "");
    double *watts = NULL;
    struct machine *machine = &plan.machines[0];
    for (const struct field *field = machine->model.kind->fields; field->name; field++)
        if (strcmp(field->name, "busy_power_w") == 0)
            watts = (double *)(void *)((char *)machine->model.config + field->offset);
    CU_ASSERT_PTR_NOT_NULL_FATAL(watts);
    plans_keys(&plan, 0, now.trial, now.data);
    CU_ASSERT_STRING_EQUAL(now.trial, base.trial);
    *watts += 1;
    plans_keys(&plan, 0, now.trial, now.data);
    CU_ASSERT_STRING_NOT_EQUAL(now.trial, base.trial);
    CU_ASSERT_STRING_EQUAL(now.data, base.data);
    *watts -= 1;
    struct descriptor newer = *machine->model.kind;
    newer.version++;
    machine->model.kind = &newer;
    CU_ASSERT_EQUAL(plan_trial(&plan, 0, &arena, &trial, &error), STATUS_OK);
    CU_ASSERT_STRING_NOT_EQUAL(trial.keys[TRIAL_EVALUATE], base.trial);
    arena_release(&arena);
    plan_release(&plan);
}

/* The keys of all trials of a plan, made each by itself and with what they share kept. */
static void expect_memo(const char *yaml, size_t trials)
{
    struct plan plan;
    struct arena arena = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    CU_ASSERT_EQUAL(plan.trial_count, trials);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < plan.trial_count; k++) {
            size_t i = pass ? plan.trial_count - 1 - k : k * 7 % plan.trial_count;
            char keys[TRIAL_STEPS][HASH_TEXT];
            struct trial trial;
            CU_ASSERT_EQUAL_FATAL(plan_keys(&plan, i, keys, &error), STATUS_OK);
            CU_ASSERT_EQUAL_FATAL(plan_trial(&plan, i, &arena, &trial, &error), STATUS_OK);
            for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
                bool same = strcmp(keys[s], trial.keys[s]) == 0;
                if (!same)
                    printf("trial %zu: another key of '%s'\n", i, trial_step_names[s]);
                CU_ASSERT(same);
            }
            arena_release(&arena);
        }
    plan_release(&plan);
}

static void test_memo(void)
{
    static const char *const grids[] = {
        "",
        "replicates: 3\n",
        "replicates: 2\ngrid: {network.width: [2, 4], filter: [{method: none}, {method: random},"
        " {method: residual_trim, folds: 3}], train.labels: [pipeline, manual], seed: [1, 2]}\n",
        "filter: {method: residual_trim}\n"
        "grid: {dataset.name: [digits, leaves], dataset.manual: [3, 10], train.epochs: [1, 2]}\n"
        "zip:\n  - {dataset.patch.size: [0, 8], dataset.patch.per_image: [1, 2]}\n"
        "exclude:\n  - {dataset.name: leaves, dataset.manual: 3}\n",
        "grid:\n  pipeline.replace.to: ['', median]\n"
        "  pipeline.stages[0].median.radius: [1, 2]\n  train.optimizer: [adam, sgd]\n"
        "  dataset.degrade: [[], [{gaussian_noise: {sigma: 5}}]]\n",
        "grid: {network: [{family: dncnn}, {family: autoencoder}], filter.method: [none, random],"
        " train: [{epochs: 2}, {epochs: 3, batch: 16}], filter.fraction: [0.1, 0.2]}\n"
        "exclude: [{filter.method: none}]\n",
        "grid: {pipeline.stages: [[median], [network: {family: dncnn}],"
        " [network: {family: dncnn, train: {epochs: 3}}]], train.engine: [openblas, reference],"
        " train.epochs: [2, 3]}\n",
    };
    static const size_t trials[] = {
        1, 3, 2 * 2 * 3 * 2 * 2, 3 * 2 * 2, 2 * 2 * 2 * 2, 2 * 2 * 2, 3 * 2 * 2};
    /* The loss follows from what the network gives. */
    static const char features[] =
        "experiment: test\ntask: classify\n"
        "dataset: {name: digits, manual: 10, unlabelled: 20, validation: 5, test: 5}\n"
        "pipeline: {stages: [hog, linear_svm]}\nnetwork: {family: lenet5}\n"
        "grid: {pipeline.replace.to: [hog, linear_svm], train.learning_rate: [0.1, 0.2]}\n";
    char yaml[8192];

    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
        snprintf(yaml, sizeof yaml, "%s%s", plans_base, grids[i]);
        expect_memo(yaml, trials[i]);
    }
    expect_memo(features, 4);
}

/* Any allocation of it may fail; what is asked for again is right. */
static void test_memo_memory(void)
{
    char keys[TRIAL_STEPS][HASH_TEXT], wanted[TRIAL_STEPS][HASH_TEXT];
    struct error error = {0};
    enum status status = STATUS_MEMORY;
    struct plan plan;

    plans_load(&plan, "grid: {network.width: [2, 4], train.epochs: [1, 2]}\n");
    CU_ASSERT_EQUAL_FATAL(plan_keys(&plan, 3, wanted, &error), STATUS_OK);
    plan_release(&plan);
    plans_load(&plan, "grid: {network.width: [2, 4], train.epochs: [1, 2]}\n");
    for (size_t n = 1; status != STATUS_OK && n < 1000; n++) {
        memory_fail_at(n);
        status = plan_keys(&plan, 3, keys, &error);
        memory_fail_at(0);
        CU_ASSERT_FATAL(status == STATUS_OK || status == STATUS_MEMORY);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(memcmp(keys, wanted, sizeof keys) == 0);
    plan_release(&plan);
}

static void resolved_of(const char *yaml, struct text *text)
{
    struct error error = {0};
    struct plan plan;

    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    CU_ASSERT_EQUAL(plan_resolved(&plan, text, &error), STATUS_OK);
    plan_release(&plan);
}

static void test_resolved(void)
{
    static const char grid[] = "replicates: 3\ngrid:\n  network.width: [4, 8]\n"
                               "  train.learning_rate: [0.10, 0.2]\n"
                               "exclude: [{network.width: 4, train.learning_rate: 2.0e-1}]\n";
    static const char spelt[] = "grid: {network.width: [0x4, 8], train.learning_rate: [1e-1, .2]}\n"
                                "exclude:\n  - network.width: 4 # too small\n"
                                "    train.learning_rate: 0.20\nreplicates: 3\n";
    struct text first = {0}, second = {0}, third = {0};
    char yaml[4096];

    snprintf(yaml, sizeof yaml, "%s%s", plans_base, grid);
    resolved_of(yaml, &first);
    snprintf(yaml, sizeof yaml, "%s%s", plans_base, spelt);
    resolved_of(yaml, &second);
    CU_ASSERT_STRING_EQUAL(first.bytes, second.bytes);
    CU_ASSERT_PTR_NOT_NULL(strstr(first.bytes, "\ngrid: {network.width: [4, 8], "
                                               "train.learning_rate: [0.1, 0.2]}\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(first.bytes, "\nreplicates: 3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(first.bytes, "\nengine_isa: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(first.bytes, "loss: mse\n"));
    /* But for what the machine adds, it reads as the same experiment. */
    char *machines = strstr(second.bytes, "\nmachines:");
    CU_ASSERT_PTR_NOT_NULL_FATAL(machines);
    machines[1] = '\0';
    resolved_of(second.bytes, &third);
    CU_ASSERT_STRING_EQUAL(third.bytes, first.bytes);
    text_release(&first);
    text_release(&second);
    text_release(&third);
}

/* Where the grid names families, each keeps its own defaults when the resolved text is read. */
static void test_resolved_kinds(void)
{
    static const char grid[] = "grid:\n  network.family: [dncnn, red_cnn, unet]\n";
    struct text text = {0};
    struct plan plan, again;
    struct arena arena = {0};
    struct error error = {0};
    char yaml[4096];

    snprintf(yaml, sizeof yaml, "%s%s", plans_base, grid);
    resolved_of(yaml, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\nnetwork:\n  family: dncnn\n  width: 4\n"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "depth"));
    char *machines = strstr(text.bytes, "\nmachines:");
    CU_ASSERT_PTR_NOT_NULL_FATAL(machines);
    machines[1] = '\0';
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, true), 0);
    CU_ASSERT_EQUAL_FATAL(plans_try(&again, text.bytes, NULL, 0, true), 0);
    CU_ASSERT_EQUAL_FATAL(again.trial_count, plan.trial_count);
    for (size_t i = 0; i < plan.trial_count; i++) {
        struct trial one, other;
        CU_ASSERT_EQUAL(plan_trial(&plan, i, &arena, &one, &error), STATUS_OK);
        CU_ASSERT_EQUAL(plan_trial(&again, i, &arena, &other, &error), STATUS_OK);
        CU_ASSERT(memcmp(one.keys, other.keys, sizeof one.keys) == 0);
    }
    arena_release(&arena);
    plan_release(&plan);
    plan_release(&again);
    text_release(&text);
}

static void families(void)
{
    plans_families();
}

void plan_keys_suite(void)
{
    CU_pSuite suite = CU_add_suite_with_setup_and_teardown("plan_keys", NULL, NULL, families, NULL);
    CU_add_test(suite, "spelling, order and comments do not count", test_spelling);
    CU_add_test(suite, "a trial has its key in any grid", test_grid);
    CU_add_test(suite, "a field counts from the stage on that uses it", test_stages);
    CU_add_test(suite, "a stage's settings count in classification", test_task);
    CU_add_test(suite, "machines and versions count", test_versions);
    CU_add_test(suite, "many keys at once are the same keys", test_memo);
    CU_add_test(suite, "no memory for keys: told, and no harm", test_memo_memory);
    CU_add_test(suite, "the resolved text is canonical and reads again", test_resolved);
    CU_add_test(suite, "resolved kinds of an axis keep their own defaults", test_resolved_kinds);
}
