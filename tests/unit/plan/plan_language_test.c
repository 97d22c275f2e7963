/* The grid's language: only, references, fragments, constraints; and that keys follow. */
#include "plan/plan.h"
#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include "data/registry.h"
#include "interfaces/dataset.h"

#include <CUnit/CUnit.h>
#include <unistd.h>

static struct error error;

static void resolve(struct plan *plan, size_t index, struct arena *arena, struct trial *trial)
{
    arena_release(arena);
    CU_ASSERT_EQUAL_FATAL(plan_trial(plan, index, arena, trial, &error), STATUS_OK);
}

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

static void expect_memo(struct plan *plan)
{
    struct arena arena = {0};
    struct trial trial;
    char keys[TRIAL_STEPS][HASH_TEXT];

    for (size_t i = 0; i < plan->trial_count; i++) {
        resolve(plan, i, &arena, &trial);
        CU_ASSERT_EQUAL_FATAL(plan_keys(plan, i, keys, &error), STATUS_OK);
        CU_ASSERT(memcmp(keys, trial.keys, sizeof keys) == 0);
    }
    arena_release(&arena);
}

static void test_only(void)
{
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "grid:\n  network.width: [4, 8, 16]\n  train.epochs: [1, 2, 3]\n"
                      "only:\n  - {network.width: [4, 16], train.epochs: 2}\n"
                      "  - {network.width: 8}\n"
                      "exclude:\n  - {network.width: 8, train.epochs: 3}\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 4);
    CU_ASSERT_EQUAL(plan.point_count, 9);
    static const int64_t widths[] = {4, 8, 8, 16}, epochs[] = {2, 1, 2, 2};
    for (size_t i = 0; i < 4; i++) {
        resolve(&plan, i, &arena, &trial);
        CU_ASSERT_EQUAL(parameter(&trial, "width"), widths[i]);
        CU_ASSERT_EQUAL(trial.experiment.train.epochs, epochs[i]);
    }
    CU_ASSERT_EQUAL_FATAL(plan.rule_count, 2);
    CU_ASSERT_STRING_EQUAL(plan.rules[0].section, "exclude");
    CU_ASSERT_STRING_EQUAL(plan.rules[0].text, "{network.width: 8, train.epochs: 3}");
    CU_ASSERT_EQUAL(plan.rules[0].mark.line, 24);
    CU_ASSERT_EQUAL(plan.rules[0].dropped, 1);
    CU_ASSERT_STRING_EQUAL(plan.rules[1].section, "only");
    CU_ASSERT_EQUAL(plan.rules[1].mark.line, 21);
    CU_ASSERT_EQUAL(plan.rules[1].dropped, 4);
    CU_ASSERT_EQUAL(plan.verdicts[0], 2); /* width 4, epochs 1: none of `only` */
    CU_ASSERT_EQUAL(plan.verdicts[5], 1);
    arena_release(&arena);
    plan_release(&plan);
}

static void test_references(void)
{
    static const char more[] = "about: width ${network.width} of $${x} and ${dataset.name}\n"
                               "train:\n  batch: ${dataset.unlabelled}\n  shard: ${train.batch}\n"
                               "  optimizer: ${filter.folds}\n"
                               "  learning_rate: ${train.weight_decay}\n  weight_decay: 0.5\n"
                               "filter: {method: argmax}\n";
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;
    char yaml[8192];

    /* In text, and by way of another; a wrong one among them is told, alone. */
    snprintf(yaml, sizeof yaml, "%s%s", plans_base, more);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, NULL, 0, false), 2);
    plan_release(&plan);
    plans_load(&plan, "about: width ${network.width} of $${x} and ${dataset.name}\n"
                      "train: {batch: \"${dataset.unlabelled}\", shard: \"${train.batch}\"}\n");
    CU_ASSERT_STRING_EQUAL(plan.base.about, "width 4 of ${x} and digits");
    resolve(&plan, 0, &arena, &trial);
    CU_ASSERT_EQUAL(trial.experiment.train.batch, 20);
    CU_ASSERT_EQUAL(trial.experiment.train.shard, 20);
    arena_release(&arena);
    plan_release(&plan);
}

/* They follow the grid, point by point, and so do keys; whole sections can be meant. */
static void test_references_in_grid(void)
{
    static const int64_t widths[] = {4, 4, 8, 8};
    struct plan plan;
    struct arena arena = {0};
    struct trial trial;

    plans_load(&plan, "train:\n  batch: ${network.width}\n  shard: ${train.batch}\n"
                      "  epochs: ${seed}\n"
                      "grid:\n  network.width: [4, 8]\n  seed: [1, 2]\n");
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 4);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < 4; k++) {
            size_t i = pass ? 3 - k : k;
            resolve(&plan, i, &arena, &trial);
            CU_ASSERT_EQUAL(trial.experiment.train.batch, widths[i]);
            CU_ASSERT_EQUAL(trial.experiment.train.shard, widths[i]);
            CU_ASSERT_EQUAL(trial.experiment.train.epochs, (int64_t)i % 2 + 1);
        }
    expect_memo(&plan);
    struct text resolved = {0};
    CU_ASSERT_EQUAL(plan_resolved(&plan, &resolved, &error), STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(resolved.bytes, "\nreferences:\n  train.batch: "));
    text_release(&resolved);
    plan_release(&plan);
    /* The same trials, written out, have the same keys. */
    char keys[2][TRIAL_STEPS][HASH_TEXT];
    static const char *const twice[] = {
        "train:\n  batch: ${network.width}\n  shard: 4\ngrid:\n  network.width: [4, 8]\n",
        "zip:\n  - network.width: [4, 8]\n    train.batch: [4, 8]\ntrain: {shard: 4}\n"};
    for (size_t i = 0; i < 2; i++) {
        plans_load(&plan, twice[i]);
        CU_ASSERT_EQUAL_FATAL(plan.trial_count, 2);
        CU_ASSERT_EQUAL(plan_keys(&plan, 1, keys[i], &error), STATUS_OK);
        plan_release(&plan);
    }
    CU_ASSERT(memcmp(keys[0], keys[1], sizeof keys[0]) == 0);
    arena_release(&arena);
}

/* A whole list, and an override, can be referred to. */
static void test_references_to_lists(void)
{
    static const char *const overrides[] = {"train.shard=${train.batch}", "train.batch=8"};
    struct plan plan;
    char yaml[8192];

    snprintf(yaml, sizeof yaml, "%s%s", plans_base,
             "store: {activations: {layers: '${hardware}'}}\n");
    CU_ASSERT_EQUAL(plans_try(&plan, yaml, NULL, 0, false), 1); /* no layer of that name */
    plan_release(&plan);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, plans_base, overrides, 2, true), 0);
    CU_ASSERT_EQUAL(plan.base.train.shard, 8);
    plan_release(&plan);
}

static void write_file(const char *name, const char *text, char path[SCRATCH_PATH])
{
    FILE *file = fopen(scratch_path(path, name), "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void test_include(void)
{
    struct plan_options options = {.home = "."};
    struct diagnostics found = {0};
    struct plan plan, alone;
    struct arena arena = {0};
    struct trial trial;
    char main_path[SCRATCH_PATH], path[SCRATCH_PATH], keys[2][TRIAL_STEPS][HASH_TEXT];
    char yaml[4096];

    write_file("deeper.yaml", "train: {epochs: 5, batch: 64, weight_decay: 0.25}\n", path);
    write_file("first.yaml", "include: deeper.yaml\ntrain: {batch: 48}\ngrid: {seed: [1, 2]}\n",
               path);
    write_file("second.yaml", "train: {shard: 8}\nhardware: []\ngrid: {train.epochs: [1]}\n", path);
    snprintf(yaml, sizeof yaml, "%sinclude: [first.yaml, second.yaml]\ntrain: {epochs: 7}\n",
             plans_base);
    write_file("including.yaml", yaml, main_path);
    CU_ASSERT_EQUAL_FATAL(plan_load(&plan, main_path, &options, &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 2);
    resolve(&plan, 1, &arena, &trial);
    CU_ASSERT_EQUAL(trial.experiment.train.epochs, 1); /* the second's axis */
    CU_ASSERT_EQUAL(trial.experiment.train.batch, 48); /* the first's, over the deeper one's */
    CU_ASSERT_EQUAL(trial.experiment.train.shard, 8);
    CU_ASSERT_EQUAL(trial.experiment.train.weight_decay, 0.25);
    CU_ASSERT_EQUAL(trial.experiment.seed, 2);
    CU_ASSERT_EQUAL(trial.experiment.hardware.count, 1); /* the file's own wins */
    CU_ASSERT_EQUAL_FATAL(plan.fragment_count, 3);
    CU_ASSERT_STRING_EQUAL(plan.fragments[0].name, "second.yaml");
    CU_ASSERT_STRING_EQUAL(plan.fragments[2].name, "deeper.yaml");
    CU_ASSERT_PTR_NOT_NULL(strstr(plan.fragments[2].yaml, "weight_decay: 0.25"));
    memcpy(keys[0], trial.keys, sizeof keys[0]);
    plan_release(&plan);
    /* What is written in one file is the same. */
    plans_load(&alone, "seed: 2\ntrain: {epochs: 1, batch: 48, shard: 8, weight_decay: 0.25}\n");
    CU_ASSERT_EQUAL(plan_keys(&alone, 0, keys[1], &error), STATUS_OK);
    CU_ASSERT(memcmp(keys[0], keys[1], sizeof keys[0]) == 0);
    plan_release(&alone);
    arena_release(&arena);
    diagnostics_release(&found);
}

static void test_constraint(void)
{
    static const char grid[] = "grid:\n  train.epochs: [1, 2]\n  network.width: [4, 8, 16, 32]\n"
                               "replicates: 2\n";
    static const struct {
        const char *limit;
        size_t trials;
    } cases[] = {
        {"", 16},
        /* dncnn of depth 4 on one channel: 9 w + w, 2 (9 w w + 2 w), 9 w + 1 parameters */
        {"constraint: {network.parameters: {max: 1.0e6}}\n", 16},
        {"constraint: {network.parameters: {max: 5000}}\n", 12},
        {"constraint: {network.parameters: {min: 5000}}\n", 4},
        {"constraint: {network.parameters: {min: 700, max: 5000}}\n", 8},
        {"constraint: {hardware.tpu_v1.cycles: {min: 0, max: 1e12}}\n", 16},
        {"constraint: {hardware.tpu_v1.energy_j: {min: 1000}}\n", 0},
        /* four bytes a parameter; (2 w + 1) planes of 28 x 28: what a convolution reads and gives,
         * and the input, from which the last one's output is taken */
        {"constraint: {network.parameter_bytes: {max: 20000}}\n", 12},
        {"constraint: {network.peak_activation_bytes: {max: 53312}}\n", 8},
        {"constraint: {network.peak_activation_bytes: {min: 53313, max: 103488}}\n", 4},
    };
    char more[1024];
    struct plan plan;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(more, sizeof more, "%s%s%s", plans_base, grid, cases[i].limit);
        size_t mistakes = plans_try(&plan, more, NULL, 0, false);
        CU_ASSERT_EQUAL(mistakes, cases[i].trials == 0);
        CU_ASSERT_EQUAL(plan.trial_count, cases[i].trials);
        if (cases[i].trials && cases[i].trials < 16) {
            CU_ASSERT_EQUAL_FATAL(plan.rule_count, 1);
            CU_ASSERT_STRING_EQUAL(plan.rules[0].section, "constraint");
            CU_ASSERT_EQUAL(plan.rules[0].mark.line, 21);
            CU_ASSERT_EQUAL(plan.rules[0].dropped, 8 - cases[i].trials / 2);
        }
        if (!mistakes)
            expect_memo(&plan);
        plan_release(&plan);
    }
}

/* The pipeline's costs: of a median of radius 1 and a Gaussian they are known before anything runs,
 * and do not hang on the network. */
static void test_constraint_on_pipeline(void)
{
    static const struct {
        const char *limit;
        size_t trials;
    } cases[] = {
        {"pipeline.latency_s: {max: 1}", 3},
        {"pipeline.latency_s: {max: 1.0e-12}", 0},
        {"idle_energy_j: {max: 1}", 3},
        {"pipeline.energy_j: {min: 1.0e-12, max: 1}", 3},
    };
    char more[1200];
    struct plan plan;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(more, sizeof more,
                 "experiment: test\ntask: denoise\n"
                 "dataset: {name: digits, manual: 4, unlabelled: 8, validation: 4, test: 4}\n"
                 "pipeline: {stages: [median, gaussian: {sigma: 0.8}]}\nnetwork: {family: dncnn}\n"
                 "hardware: [tpu_v1, haswell_e5_2699v3]\ngrid: {network.width: [4, 8, 16]}\n"
                 "constraint: {hardware.haswell_e5_2699v3.%s}\n",
                 cases[i].limit);
        CU_ASSERT_EQUAL(plans_try(&plan, more, NULL, 0, false), cases[i].trials == 0);
        CU_ASSERT_EQUAL(plan.trial_count, cases[i].trials);
        plan_release(&plan);
    }
}

/* dncnn of width 256 and depth 8 does not fit the flash of a microcontroller; depth 4 does, and
 * what a constraint drops of the rest is its own rule's. */
static void test_fits(void)
{
    static const char base[] = "hardware: [tpu_v1, cortex_m4]\n"
                               "network: {family: dncnn, width: 256}\n"
                               "grid:\n  train.epochs: [1, 2]\n  network.depth: [3, 4, 8]\n";
    static const struct {
        const char *limit;
        size_t trials, rules;
    } cases[] = {{"", 4, 1},
                 {"constraint: {network.parameters: {max: 1.0e6}}\n", 2, 2},
                 {"constraint: {network.parameters: {min: 1.0e7}}\n", 0, 2}};
    char more[1024];
    struct plan plan;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *network = strstr(plans_base, "network:");
        snprintf(more, sizeof more, "%.*s%s%s", (int)(network - plans_base), plans_base, base,
                 cases[i].limit);
        CU_ASSERT_EQUAL(plans_try(&plan, more, NULL, 0, false), cases[i].trials == 0);
        CU_ASSERT_EQUAL(plan.trial_count, cases[i].trials);
        CU_ASSERT_EQUAL_FATAL(plan.rule_count, cases[i].rules);
        const struct plan_rule *rule = &plan.rules[0];
        if (cases[i].trials) {
            CU_ASSERT_STRING_EQUAL(rule->section, "hardware");
            CU_ASSERT_EQUAL(rule->index, 1);
            CU_ASSERT_EQUAL(rule->dropped, 2);
            CU_ASSERT_STRING_EQUAL(
                rule->text, "cortex_m4: the parameters are 3546881 bytes; flash_bytes is 2097152");
            expect_memo(&plan);
        }
        plan_release(&plan);
    }
}

static const char *axis_text(const struct plan *plan, size_t index, size_t axis)
{
    return plan_value(plan, index, axis)->text;
}

/* `also:` puts points behind the grid's, whose trials keep number and keys; what it does not name
 * runs through the grid's values; `exclude:` applies to them, `only:` does not. */
static void test_also(void)
{
    static const char grid[] = "grid:\n  network.width: [4, 8]\n"
                               "zip:\n  - {train.epochs: [1, 2], train.batch: [16, 32]}\n"
                               "only:\n  - {network.width: 8}\n";
    static const char *const expected[][3] = {{"8", "1", "16"},  {"8", "2", "32"},
                                              {"24", "1", "16"}, {"4", "3", "48"},
                                              {"12", "3", "48"}, {"12", "2", "16"}};
    char more[1024], keys[2][TRIAL_STEPS][HASH_TEXT];
    struct plan without, plan, again;
    struct text resolved = {0};
    struct diagnostics found = {0};
    struct plan_options options = {.home = "."};

    plans_load(&without, grid);
    snprintf(more, sizeof more, "%s%s", grid,
             "exclude:\n  - {network.width: 24, train.epochs: 2}\n"
             "also:\n  - {network.width: 24}\n"
             "  - {train.epochs: 3, train.batch: 48, network.width: 4}\n"
             "  - {train.batch: 48, train.epochs: 3, network.width: 12}\n"
             "  - {train.epochs: 2, train.batch: 16, network.width: 12}\n");
    plans_load(&plan, more);
    CU_ASSERT_EQUAL(plan.grid_count, 4);
    CU_ASSERT_EQUAL(plan.point_count, 9);
    CU_ASSERT_EQUAL_FATAL(plan.trial_count, 6);
    for (size_t i = 0; i < 6; i++)
        for (size_t a = 0; a < 3; a++)
            CU_ASSERT_STRING_EQUAL(axis_text(&plan, i, a), expected[i][a]);
    expect_memo(&plan);
    for (size_t i = 0; i < without.trial_count; i++) {
        CU_ASSERT_EQUAL_FATAL(plan_keys(&without, i, keys[0], &error), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(plan_keys(&plan, i, keys[1], &error), STATUS_OK);
        CU_ASSERT(memcmp(keys[0], keys[1], sizeof keys[0]) == 0);
    }
    CU_ASSERT_EQUAL(plan.rules[0].dropped, 1);
    CU_ASSERT_EQUAL(plan.rules[1].dropped, 2);
    CU_ASSERT_EQUAL_FATAL(plan_resolved(&plan, &resolved, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        plan_load_resolved(&again, "again", resolved.bytes, &options, &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, 0);
    CU_ASSERT_EQUAL_FATAL(again.trial_count, 6);
    CU_ASSERT_STRING_EQUAL(axis_text(&again, 4, 0), "12");
    text_release(&resolved);
    diagnostics_release(&found);
    plan_release(&again);
    plan_release(&plan);
    plan_release(&without);
}

static void expect_shape(const struct dataset *set, const void *config, enum content labels)
{
    struct dataset_request request = {"", 1, 2, 1, 1, NULL, labels};
    struct dataset_content content;
    struct shape shape;
    int count;

    set->shape(config, labels, &shape, &count);
    CU_ASSERT_EQUAL_FATAL(set->load(config, &request, &content, &error), STATUS_OK);
    CU_ASSERT(shape_equal(shape, content.train.images.shapes[0]));
    CU_ASSERT(labels == CONTENT_IMAGE || count == content.count);
    dataset_content_release(&content);
}

/* What a data set says of its images is what it gives. */
static void test_shapes(void)
{
    const struct registry *registry = registry_datasets();
    size_t known = 0;

    for (size_t i = 0; i < registry->count; i++) {
        const struct dataset *set = (const void *)registry->rows[i];
        if (!set->shape || !set->generated)
            continue;
        struct arena arena = {0};
        struct diagnostics found = {0};
        void *config;
        CU_ASSERT_EQUAL_FATAL(arena_new(&arena, &config, set->descriptor.config_size, 1, &error),
                              STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(
            schema_read(set->descriptor.fields, NULL, "", config, &arena, &found, &error),
            STATUS_OK);
        for (int labels = 0; labels < CONTENTS; labels++)
            if (set->serves >> labels & 1)
                expect_shape(set, config, (enum content)labels);
        diagnostics_release(&found);
        arena_release(&arena);
        known++;
    }
    CU_ASSERT(known >= 4);
}

static void test_no_memory(void)
{
    static const char yaml[] =
        "train:\n  batch: ${network.width}\n  shard: ${train.batch}\n"
        "about: a ${network.width}\nlabels: {network.depth: {name: d, values: {2: two}}}\n"
        "grid: {network.depth: [2, 3]}\nonly: [{network.depth: 2}]\nalso: [{network.depth: 4}]\n"
        "constraint: {hardware.tpu_v1.energy_j: {max: 1}}\ninclude: first.yaml\n";
    char text[8192];
    size_t n = 1;

    snprintf(text, sizeof text, "%s%s", plans_base, yaml);
    char path[SCRATCH_PATH], name[SCRATCH_PATH];
    write_file("first.yaml", "train: {batch: 48, epochs: 2}\n", path);
    scratch_path(name, "text.yaml");
    for (;; n++) {
        struct plan_options options = {.home = "."};
        struct diagnostics found = {0};
        struct plan plan = {0};
        memory_fail_at(n);
        size_t before = memory_count();
        enum status status =
            plan_load_text(&plan, name, text, strlen(text), &options, &found, &error);
        bool reached = memory_count() - before >= n;
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        if (status == STATUS_OK)
            CU_ASSERT_EQUAL_FATAL(found.count, 0);
        plan_release(&plan);
        diagnostics_release(&found);
        if (!reached)
            break;
        CU_ASSERT_EQUAL_FATAL(status, STATUS_MEMORY);
    }
    CU_ASSERT(n > 50);
}

static void families(void)
{
    plans_families();
}

void plan_language_suite(void);
void plan_language_suite(void)
{
    CU_pSuite suite =
        CU_add_suite_with_setup_and_teardown("plan_language", NULL, NULL, families, NULL);
    CU_add_test(suite, "only keeps what matches a rule", test_only);
    CU_add_test(suite, "also adds points behind the grid's", test_also);
    CU_add_test(suite, "references stand for what is elsewhere", test_references);
    CU_add_test(suite, "references follow the grid", test_references_in_grid);
    CU_add_test(suite, "references to lists, and from overrides", test_references_to_lists);
    CU_add_test(suite, "fragments are put together key by key", test_include);
    CU_add_test(suite, "networks that cost too much are dropped", test_constraint);
    CU_add_test(suite, "pipelines that cost too much", test_constraint_on_pipeline);
    CU_add_test(suite, "networks that a machine cannot hold are dropped", test_fits);
    CU_add_test(suite, "data sets tell their images' shape", test_shapes);
    CU_add_test(suite, "every allocation may fail", test_no_memory);
}
