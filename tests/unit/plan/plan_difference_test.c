/* What is different between two plans: texts of stages, differences, the plan as one text. */
#include "plan/plan.h"
#include "tests/unit/plans.h"

#include <CUnit/CUnit.h>

static struct error error;

static void expect(const char *before, const char *after, const char *wanted, size_t fields)
{
    struct text text = {0};
    size_t count;

    text_append(&text, "%s", "");
    CU_ASSERT_EQUAL(plan_difference(before, after, &text, &count, &error), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(text.bytes, wanted);
    if (strcmp(text.bytes, wanted) != 0)
        printf("%s instead of %s\n", text.bytes, wanted);
    CU_ASSERT_EQUAL(count, fields);
    text_release(&text);
}

static void test_difference(void)
{
    expect("", "", "", 0);
    expect("stage: train\ninput: 1\na.b: 2\n", "stage: train\ninput: 2\na.b: 2\n", "", 0);
    expect("a.b: 2\nc: x\n", "a.b: 3\nc: y\n", "a.b 2 -> 3, c x -> y", 2);
    expect("a: 1\n", "a: 1\nb: 2\n", "b nothing -> 2", 1);
    expect("a: 1\nb: 2\n", "a: 1\n", "b 2 -> nothing", 1);
    /* Settings within values are named. */
    expect("o: {adam: {beta1: 0.9, beta2: 0.999}}\n", "o: {adam: {beta1: 0.8, beta2: 0.999}}\n",
           "o.adam.beta1 0.9 -> 0.8", 1);
    expect("s: [{median: {radius: 1}}, {gaussian: {sigma: 0.5}}]\n",
           "s: [{median: {radius: 2}}, {gaussian: {sigma: 0.7}}]\n",
           "s[0].median.radius 1 -> 2, s[1].gaussian.sigma 0.5 -> 0.7", 2);
    expect("o: {adam: {beta1: 0.9}}\n", "o: {sgd: {momentum: 0}}\n",
           "o {adam: {beta1: 0.9}} -> {sgd: {momentum: 0}}", 1);
    expect("s: [a]\n", "s: [a, b]\n", "s [a] -> [a, b]", 1);
    /* Lines of one path are told apart by their order. */
    expect("s version: a 1\ns version: b 1\n", "s version: a 1\ns version: b 2\n",
           "s version b 1 -> b 2", 1);
    /* Digests of layers say nothing beside what made them, and little alone. */
    expect("network.width: 4\nnetwork layers: aa\n", "network.width: 8\nnetwork layers: bb\n",
           "network.width 4 -> 8", 1);
    expect("network layers: aa\n", "network layers: bb\n", "network layers", 1);
    /* Long values are cut, between characters. */
    expect("", "a: 0123456789012345678901234567890123456789012345678901234567890123456789\n",
           "a nothing -> 012345678901234567890123456789012345678901234567890123456789…", 1);
    expect("a: \"0123456789012345678901234567890123456789012345678901234567é\"\n",
           "a: \"0123456789012345678901234567890123456789012345678901234567éé\"\n",
           "a \"0123456789012345678901234567890123456789012345678901234567… -> "
           "\"0123456789012345678901234567890123456789012345678901234567…",
           1);
    expect("a: {\n", "a: }\n", "a \"{\" -> \"}\"", 1);
}

static void test_difference_memory(void)
{
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status != STATUS_OK && n < 200; n++) {
        struct text text = {0};
        size_t count;
        memory_fail_at(n);
        status = plan_difference("o: {a: 1}\n", "o: {a: 2}\np: 1\n", &text, &count, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        text_release(&text);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
}

/* The texts are what keys are made from, and say what they are of. */
static void test_stage_texts(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;
    struct text text = {0};
    char line[128];

    plans_load(&plan, "filter: {method: residual_trim}\n");
    CU_ASSERT_EQUAL_FATAL(plan_trial(&plan, 0, &arena, &trial, &error), STATUS_OK);
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        char digest[HASH_TEXT];
        struct hash hash = {0};
        text_clear(&text);
        CU_ASSERT_EQUAL(plan_step_text(&plan, &trial, s, &text, &error), STATUS_OK);
        CU_ASSERT_EQUAL(hash_begin(&hash, &error), STATUS_OK);
        CU_ASSERT_EQUAL(hash_bytes(&hash, text.bytes, text.length, &error), STATUS_OK);
        CU_ASSERT_EQUAL(hash_end(&hash, digest, &error), STATUS_OK);
        bool idle = s == TRIAL_FINE_TUNE; /* it has the key of the stage before */
        CU_ASSERT_STRING_EQUAL(idle ? trial.keys[s - 1] : digest, trial.keys[s]);
        snprintf(line, sizeof line, "stage: %s\nversion: ", trial_step_names[s]);
        CU_ASSERT_EQUAL(strncmp(text.bytes, line, strlen(line)), 0);
        if (s > 0) {
            snprintf(line, sizeof line, "\ninput: %s\n", trial.keys[s - 1]);
            CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, line));
        }
        bool trains = s == TRIAL_TRAIN || s == TRIAL_FILTER;
        CU_ASSERT_EQUAL(strstr(text.bytes, "\ntrain.batch: 128\n") != NULL, trains);
    }
    text_release(&text);
    arena_release(&arena);
    plan_release(&plan);
}

static void test_stages(void)
{
    static const struct {
        const char *more;
        bool tunes, filters, fine_tunes;
    } cases[] = {
        {"", true, false, false},
        {"filter: {method: random}\n", true, true, false},
        {"filter: {method: random}\ntrain: {labels: manual}\n", true, false, false},
        {"grid: {pipeline.stages: [[median]]}\n", false, false, false},
        {"quantize: {}\ntrain: {quantize: {}}\n", true, false, true},
        {"quantize: {}\ntrain: {quantize: ~}\n", true, false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan plan;
        unsigned stages;
        plans_load(&plan, cases[i].more);
        CU_ASSERT_EQUAL(plan_steps(&plan, 0, &stages, &error), STATUS_OK);
        CU_ASSERT_EQUAL(stages >> TRIAL_TUNE & 1, cases[i].tunes);
        CU_ASSERT_EQUAL(stages >> TRIAL_FILTER & 1, cases[i].filters);
        CU_ASSERT_EQUAL(stages >> TRIAL_FINE_TUNE & 1, cases[i].fine_tunes);
        CU_ASSERT(stages >> TRIAL_LABEL & stages >> TRIAL_TRAIN & stages >> TRIAL_EVALUATE & 1);
        plan_release(&plan);
    }
}

/* A grid over fine-tuning trains each network once: keys part at that step, and go on to be those
 * of the plain training where there is none. */
static void test_fine_tuning(void)
{
    static const char *const overrides[] = {"quantize={}",
                                            "grid.train.quantize=[~, {}, {bits: 4}]"};
    struct plan plain, plan;
    char keys[4][TRIAL_STEPS][HASH_TEXT];

    CU_ASSERT_EQUAL_FATAL(plans_try(&plain, plans_base, overrides, 1, true), 0);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, plans_base, overrides, 2, true), 0);
    CU_ASSERT_EQUAL(plan_keys(&plain, 0, keys[3], &error), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(plan_keys(&plan, i * (size_t)plan.base.replicates, keys[i], &error),
                        STATUS_OK);
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        CU_ASSERT_STRING_EQUAL(keys[0][s], keys[3][s]);
        CU_ASSERT_EQUAL(strcmp(keys[1][s], keys[0][s]) == 0, s <= TRIAL_TRAIN);
        CU_ASSERT_EQUAL(strcmp(keys[2][s], keys[1][s]) == 0, s <= TRIAL_TRAIN);
    }
    plan_release(&plain);
    plan_release(&plan);
}

/* Ranges are found before the fine-tuning: how decides what it gives. */
static void test_calibration(void)
{
    static const char *const overrides[] = {"train.quantize={}",
                                            "grid.quantize.calibration=[mse, min_max]"};
    struct plan plan;
    char keys[2][TRIAL_STEPS][HASH_TEXT];

    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, plans_base, overrides, 2, true), 0);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(plan_keys(&plan, i * (size_t)plan.base.replicates, keys[i], &error),
                        STATUS_OK);
    CU_ASSERT_STRING_EQUAL(keys[0][TRIAL_TRAIN], keys[1][TRIAL_TRAIN]);
    CU_ASSERT_STRING_NOT_EQUAL(keys[0][TRIAL_FINE_TUNE], keys[1][TRIAL_FINE_TUNE]);
    plan_release(&plan);
}

/* The plan as one text is the plan, overrides and references and all. */
static void test_source(void)
{
    static const char more[] = "about: \"a: b, ${network.width}\"\n"
                               "train:\n  batch: ${network.width}\n  shard: 4\n"
                               "grid:\n  network.width: [4, 8]\n  seed: [1, 2]\n"
                               "only:\n  - network.width: 4\n  - seed: 2\n";
    static const char *const overrides[] = {"train.epochs=3", "grid.filter.method=[none, random]"};
    struct plan plan, again;
    struct text source = {0}, other = {0};
    char yaml[8192], keys[2][TRIAL_STEPS][HASH_TEXT];

    snprintf(yaml, sizeof yaml, "%s%s", plans_base,
             more + strlen("about: \"a: b, ${network.width}\"\n"));
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, overrides, 2, true), 0);
    CU_ASSERT_EQUAL(plan_keys(&plan, 2, keys[0], &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(plan_source(&plan, &source, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(plans_try(&again, source.bytes, NULL, 0, true), 0);
    CU_ASSERT_EQUAL(again.trial_count, plan.trial_count);
    CU_ASSERT_EQUAL(plan.trial_count, 6);
    for (size_t i = 0; i < plan.trial_count; i++) {
        CU_ASSERT_EQUAL(plan_keys(&plan, i, keys[0], &error), STATUS_OK);
        CU_ASSERT_EQUAL(plan_keys(&again, i, keys[1], &error), STATUS_OK);
        CU_ASSERT(memcmp(keys[0], keys[1], sizeof keys[0]) == 0);
    }
    CU_ASSERT_EQUAL(plan_source(&again, &other, &error), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(source.bytes, other.bytes);
    text_release(&source);
    text_release(&other);
    plan_release(&plan);
    plan_release(&again);
}

static void test_work(void)
{
    struct plan plan;
    double work[4];

    plans_load(&plan, "grid:\n  network.width: [4, 8]\n  train.epochs: [10, 20]\n");
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(plan_work(&plan, i, 1U << TRIAL_TRAIN, &work[i], &error), STATUS_OK);
    CU_ASSERT(work[0] > 0);
    CU_ASSERT_DOUBLE_EQUAL(work[1], 2 * work[0], 1e-9 * work[1]);
    CU_ASSERT(work[2] > 2 * work[0]); /* the inner layers' work goes with the width's square */
    CU_ASSERT_EQUAL(plan_inputs(&plan), 1);
    plan_release(&plan);
    plans_load(&plan, "grid:\n  dataset.name: [digits, leaves]\n  dataset.manual: [10, 20]\n");
    CU_ASSERT_EQUAL(plan_inputs(&plan), 2);
    CU_ASSERT_EQUAL(plan_input(&plan, 0), plan_input(&plan, 1));
    CU_ASSERT_NOT_EQUAL(plan_input(&plan, 1), plan_input(&plan, 2));
    plan_release(&plan);
}

static void families(void)
{
    plans_families();
}

void plan_difference_suite(void);
void plan_difference_suite(void)
{
    CU_pSuite suite =
        CU_add_suite_with_setup_and_teardown("plan_difference", NULL, NULL, families, NULL);
    CU_add_test(suite, "fields that differ are named, with both values", test_difference);
    CU_add_test(suite, "no memory: told", test_difference_memory);
    CU_add_test(suite, "stages' texts are what keys are made from", test_stage_texts);
    CU_add_test(suite, "which stages give something of their own", test_stages);
    CU_add_test(suite, "fine-tuning has a key of its own", test_fine_tuning);
    CU_add_test(suite, "fine-tuning depends on the calibration", test_calibration);
    CU_add_test(suite, "the plan as one text is the same plan", test_source);
    CU_add_test(suite, "work, and which trials read the same", test_work);
}
