/*
 * Whole runs with a cache: nothing is computed twice, whichever stages are there the bits are the
 * same, and what comes out of the cache knows no more of ground truth than what was computed.
 */
#include "results/stored_network.h"
#include "run/run.h"
#include "trial/trial.h"

#include "tests/unit/scratch.h"
#include "trial/step_cache.h"
#include "trial/training_set.h"

#include <CUnit/CUnit.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void recall_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const char denoise[] =
    "experiment: recall\ntask: denoise\nseed: 3\n"
    "dataset: {name: digits, manual: 4, unlabelled: 12, validation: 3, test: 4,\n"
    "          degrade: [gaussian_noise: {sigma: 40}]}\n"
    "pipeline: {stages: [median, gaussian: {sigma: {tune: [0.4, 0.8]}}, gaussian: {sigma: 0.3}],\n"
    "           replace: {from: gaussian, to: gaussian}}\n"
    "filter: {method: residual_trim, fraction: 0.25, epochs: 1}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 2, batch: 4, shard: 2}\n"
    "grid: {network.width: [2, 3]}\n";

/* Fine-tuned, on what the filter keeps. */
static const char tuned[] =
    "experiment: recall\ntask: denoise\nseed: 3\n"
    "dataset: {name: digits, manual: 4, unlabelled: 12, validation: 3, test: 4,\n"
    "          degrade: [gaussian_noise: {sigma: 40}]}\n"
    "pipeline: {stages: [median]}\n"
    "filter: {method: residual_trim, fraction: 0.25, epochs: 1}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "quantize: {images: 4}\n"
    "train: {epochs: 2, batch: 4, shard: 2}\n"
    "grid: {train.quantize: [~, {epochs: 3}]}\n";

static const char classify[] =
    "experiment: recall\ntask: classify\nseed: 3\n"
    "dataset: {name: digits, manual: 40, unlabelled: 40, validation: 5, test: 20}\n"
    "pipeline: {stages: [median, hog, linear_svm: {cost: {tune: [0.01, 1.0]}}],\n"
    "           replace: {from: hog}}\n"
    "filter: {method: argmax_disagreement, epochs: 1}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 1, batch: 16, shard: 8}\n"
    "grid: {filter.epochs: [1, 2]}\n";

/* A pipeline whose last stage learns, behind the part that is replaced. */
static const char behind[] =
    "experiment: recall\ntask: classify\nseed: 3\n"
    "dataset: {name: digits, manual: 40, unlabelled: 40, validation: 5, test: 20}\n"
    "pipeline: {stages: [median, hog, linear_svm: {cost: {tune: [0.01, 1.0]}}],\n"
    "           replace: {to: median}}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 1, batch: 16, shard: 8}\n";

/* A pipeline that is a network, and one whose last stage, behind the replaced part, is one. */
static const char network[] =
    "experiment: recall\ntask: classify\nseed: 3\n"
    "dataset: {name: digits, manual: 40, unlabelled: 40, validation: 5, test: 20}\n"
    "pipeline: {stages: [median: {radius: {tune: [1, 2]}}, network: {family: lenet5,\n"
    "           width: 2, train: {epochs: 1, batch: 16, shard: 8}}]}\n"
    "filter: {method: random, fraction: 0.25}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 1, batch: 16, shard: 8}\n"
    "grid: {network.width: [2, 3]}\n";
static const char network_behind[] =
    "experiment: recall\ntask: classify\nseed: 3\n"
    "dataset: {name: digits, manual: 40, unlabelled: 40, validation: 5, test: 20}\n"
    "pipeline: {stages: [median, network: {family: lenet5, width: 2, train: {epochs: 1,\n"
    "           batch: 16, shard: 8}}], replace: {to: median}}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 1, batch: 16, shard: 8}\n";

struct outcome {
    struct run_summary summary;
    char digest[HASH_TEXT];
    size_t damaged;
};

static void on_event(void *context, const struct plan *plan, const struct run_event *event)
{
    struct outcome *outcome = context;

    (void)plan;
    outcome->damaged += event->damaged != NULL;
}

static void load(struct plan *plan, const char *yaml, const char *override)
{
    struct diagnostics found = {0};
    struct plan_options options = {
        .overrides = &override, .override_count = override != NULL, .home = "."};

    OK(families_load(TEXTS("networks/families"), &found, &error));
    OK(plan_load_text(plan, "recall.yaml", yaml, strlen(yaml), &options, &found, &error));
    if (found.count)
        printf("%s: %s\n", found.items[0].where.path, found.items[0].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
}

/* Run all of it; `results` lies below the suite's folder. */
static void run_with(struct outcome *outcome, const char *yaml, const char *override,
                     const char *results, int threads)
{
    struct plan plan;
    struct store store;
    char path[SCRATCH_PATH];

    memset(outcome, 0, sizeof *outcome);
    load(&plan, yaml, override);
    struct run_options options = {.data = "data/raw",
                                  .results = scratch_path(path, results),
                                  .workers = 1, /* counts are of one that does all */
                                  .threads = threads,
                                  .checkpoint = -1,
                                  .event = on_event,
                                  .context = outcome};
    enum status status = run_experiment(&plan, &options, &store, &outcome->summary, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    if (outcome->summary.current)
        memcpy(outcome->digest, outcome->summary.digest, HASH_TEXT);
    else
        OK(store_seal(&store, outcome->digest, &error));
    store_discard(&store);
    plan_release(&plan);
    families_release();
}

/* A shell's command in the results folder. */
static void shell(const char *results, const char *command)
{
    char path[SCRATCH_PATH], line[3 * SCRATCH_PATH];

    snprintf(line, sizeof line, "cd '%s' && %s", scratch_path(path, results), command);
    CU_ASSERT_EQUAL_FATAL(system(line), 0);
}

static bool counts(const struct outcome *outcome, const size_t computed[TRIAL_STEPS],
                   const size_t recalled[TRIAL_STEPS])
{
    bool good = true;

    for (int s = 0; s < TRIAL_STEPS; s++) {
        bool same = outcome->summary.computed[s] == computed[s] &&
                    outcome->summary.recalled[s] == recalled[s];
        if (!same)
            printf("%s: computed %zu, recalled %zu; expected %zu, %zu\n", trial_step_names[s],
                   outcome->summary.computed[s], outcome->summary.recalled[s], computed[s],
                   recalled[s]);
        good = good && same;
    }
    return good;
}

#define COUNTS(...) ((const size_t[TRIAL_STEPS]){__VA_ARGS__})

/* Labels once for the two networks; then nothing at all. */
static void test_nothing_twice(void)
{
    struct outcome first, second, third;

    run_with(&first, denoise, NULL, "twice", 1);
    CU_ASSERT(counts(&first,
                     COUNTS([TRIAL_TUNE] = 1, [TRIAL_LABEL] = 1, [TRIAL_FILTER] = 2,
                            [TRIAL_TRAIN] = 2, [TRIAL_EVALUATE] = 2),
                     COUNTS(0)));
    CU_ASSERT(!first.summary.current && first.summary.cached == 0);
    run_with(&second, denoise, NULL, "twice", 2);
    CU_ASSERT(counts(&second, COUNTS(0), COUNTS(0)));
    CU_ASSERT(second.summary.current && second.summary.cached == 2);
    CU_ASSERT_STRING_EQUAL(first.digest, second.digest);
    shell("twice", "rm recall.h5");
    run_with(&third, denoise, NULL, "twice", 2);
    CU_ASSERT(counts(&third, COUNTS(0), COUNTS([TRIAL_EVALUATE] = 2)));
    CU_ASSERT(!third.summary.current && third.summary.cached == 2);
    CU_ASSERT_STRING_EQUAL(first.digest, third.digest);
}

/* A change of what is stored trains nothing, and one of the network labels nothing. */
static void test_changes(void)
{
    struct outcome outcome, anew;

    run_with(&outcome, denoise, NULL, "changes", 1);
    run_with(&outcome, denoise, "store.parameters=true", "changes", 1);
    CU_ASSERT(counts(&outcome, COUNTS([TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_LABEL] = 1, [TRIAL_TRAIN] = 2)));
    run_with(&anew, denoise, "store.parameters=true", "changes_anew", 1);
    CU_ASSERT_STRING_EQUAL(outcome.digest, anew.digest);
    run_with(&outcome, denoise, "hardware=[tpu_v1]", "changes", 1);
    CU_ASSERT(counts(&outcome, COUNTS([TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_LABEL] = 1, [TRIAL_TRAIN] = 2)));
    run_with(&outcome, denoise, "network.depth=3", "changes", 1);
    CU_ASSERT(counts(&outcome, COUNTS([TRIAL_FILTER] = 2, [TRIAL_TRAIN] = 2, [TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_LABEL] = 1)));
    run_with(&outcome, denoise, "dataset.unlabelled=11", "changes", 1);
    CU_ASSERT_EQUAL(outcome.summary.computed[TRIAL_LABEL], 1);
    CU_ASSERT_EQUAL(outcome.summary.computed[TRIAL_TUNE] + outcome.summary.recalled[TRIAL_TUNE], 1);
}

/* What calibration found is stored with the network where `quantize` asks, and can be read. */
static bool has_ranges(const char *results)
{
    struct stored_network stored;
    struct activation_ranges ranges;
    char path[SCRATCH_PATH];
    bool found;

    OK(stored_network_open(&stored, scratch_path(path, results), NULL, &error));
    size_t nodes = yaml_find(stored.root, "layers")->count;
    OK(stored_network_ranges(&stored, nodes, &ranges, &found, &error));
    CU_ASSERT_EQUAL(ranges.count, found ? nodes : 0);
    CU_ASSERT_EQUAL(ranges.input.high > 0.9F, found);
    activation_ranges_release(&ranges);
    if (found)
        CU_ASSERT_EQUAL(stored_network_ranges(&stored, nodes + 1, &ranges, &found, &error),
                        STATUS_DATA);
    stored_network_close(&stored);
    return found;
}

/* Asking for scores in integers trains nothing, and taking that back evaluates nothing. */
static void test_quantize(void)
{
    struct outcome plain, outcome, anew;

    run_with(&plain, denoise, NULL, "quantize", 1);
    CU_ASSERT_FALSE(has_ranges("quantize/recall.h5"));
    run_with(&outcome, denoise, "quantize={}", "quantize", 1);
    CU_ASSERT(counts(&outcome, COUNTS([TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_LABEL] = 1, [TRIAL_TRAIN] = 2)));
    CU_ASSERT(has_ranges("quantize/recall.h5"));
    run_with(&anew, denoise, "quantize={}", "quantize_anew", 3);
    CU_ASSERT_STRING_EQUAL(outcome.digest, anew.digest);
    run_with(&anew, denoise, "quantize={calibration: min_max}", "quantize", 1);
    CU_ASSERT(
        counts(&anew, COUNTS([TRIAL_EVALUATE] = 2), COUNTS([TRIAL_LABEL] = 1, [TRIAL_TRAIN] = 2)));
    CU_ASSERT_STRING_NOT_EQUAL(outcome.digest, anew.digest);
    run_with(&anew, denoise, "quantize=~", "quantize", 1);
    CU_ASSERT(counts(&anew, COUNTS(0), COUNTS([TRIAL_EVALUATE] = 2)));
    CU_ASSERT_STRING_EQUAL(plain.digest, anew.digest);
    CU_ASSERT_FALSE(has_ranges("quantize/recall.h5"));
}

/* Fine-tuning trains no network again, and goes on from the one that there is. */
static void test_fine_tuned(void)
{
    struct outcome outcome, anew;

    run_with(&outcome, tuned, "train.quantize=[~]", "tuned", 1);
    run_with(&outcome, tuned, NULL, "tuned", 1);
    CU_ASSERT(counts(
        &outcome, COUNTS([TRIAL_FINE_TUNE] = 1, [TRIAL_EVALUATE] = 1),
        COUNTS([TRIAL_LABEL] = 1, [TRIAL_FILTER] = 1, [TRIAL_TRAIN] = 1, [TRIAL_EVALUATE] = 1)));
    run_with(&anew, tuned, NULL, "tuned_anew", 3);
    CU_ASSERT_STRING_EQUAL(outcome.digest, anew.digest);
    CU_ASSERT(counts(&anew,
                     COUNTS([TRIAL_LABEL] = 1, [TRIAL_FILTER] = 1, [TRIAL_TRAIN] = 1,
                            [TRIAL_FINE_TUNE] = 1, [TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_FILTER] = 1, [TRIAL_TRAIN] = 1)));
    run_with(&outcome, tuned, "store.examples=2", "tuned", 1);
    CU_ASSERT_EQUAL(outcome.summary.computed[TRIAL_FINE_TUNE], 0);
    CU_ASSERT_EQUAL(outcome.summary.computed[TRIAL_FILTER], 0);
}

/* Remove or damage the entries of each stage in turn, and of all that come after it. */
static void each_stage(const char *yaml, const char *results, bool damage)
{
    static const char *const flip = "find cache/%s -name '*.h5' -exec sh -c "
                                    "'printf \"\\377\\376\\375\" | dd of=\"$1\" bs=1 seek=900 "
                                    "conv=notrunc 2>/dev/null' - {} \\;";
    struct outcome first, outcome;
    char command[512], all[2 * sizeof command] = "rm -f recall.h5";

    run_with(&first, yaml, NULL, results, 1);
    for (int stage = TRIAL_EVALUATE; stage >= TRIAL_TUNE; stage--) {
        if (first.summary.computed[stage] == 0)
            continue;
        shell(results, "rm -f recall.h5");
        if (damage)
            snprintf(command, sizeof command, flip, trial_step_names[stage]);
        else
            snprintf(command, sizeof command, "rm -r cache/%s", trial_step_names[stage]);
        shell(results, command);
        run_with(&outcome, yaml, NULL, results, 2); /* the last stage is enough, if it is there */
        CU_ASSERT_STRING_EQUAL(first.digest, outcome.digest);
        /* The network that the results file keeps is looked up, and its labels are. */
        bool kept = stage == TRIAL_FINE_TUNE || stage == TRIAL_TRAIN || stage == TRIAL_LABEL;
        size_t looked_up = stage == TRIAL_EVALUATE ? 2 : kept;
        CU_ASSERT_EQUAL(outcome.damaged, damage ? looked_up : 0);
        /* With the stages behind it. */
        snprintf(all + strlen(all), sizeof all - strlen(all), " && rm -rf cache/%s",
                 trial_step_names[stage]);
        shell(results, damage && stage != TRIAL_EVALUATE ? command : "true");
        for (int later = damage ? stage + 1 : stage; later < TRIAL_STEPS; later++) {
            snprintf(command, sizeof command, "rm -rf cache/%s recall.h5", trial_step_names[later]);
            shell(results, command);
        }
        run_with(&outcome, yaml, NULL, results, 1);
        CU_ASSERT_STRING_EQUAL(first.digest, outcome.digest);
        CU_ASSERT(outcome.damaged > 0 || !damage || stage == TRIAL_TUNE || stage == TRIAL_EVALUATE);
        CU_ASSERT(outcome.summary.computed[stage] == first.summary.computed[stage] ||
                  stage == TRIAL_TUNE || (damage && stage == TRIAL_EVALUATE));
    }
}

static void test_removed(void)
{
    each_stage(denoise, "removed", false);
    each_stage(tuned, "removed_tuned", false);
    each_stage(classify, "removed_classes", false);
    each_stage(behind, "removed_behind", false);
    each_stage(network, "removed_network", false);
    each_stage(network_behind, "removed_network_behind", false);
}

/* What a network in the pipeline learnt is kept: for other labels, and where only the stages behind
 * the replaced part have to run. */
static void test_fits(void)
{
    struct outcome outcome, anew;

    run_with(&outcome, network, NULL, "fits", 1);
    CU_ASSERT(counts(&outcome,
                     COUNTS([TRIAL_TUNE] = 1, [TRIAL_LABEL] = 1, [TRIAL_FILTER] = 1,
                            [TRIAL_TRAIN] = 2, [TRIAL_EVALUATE] = 2),
                     COUNTS([TRIAL_FILTER] = 1)));
    run_with(&outcome, network, "pipeline.replace.from=network", "fits", 2);
    CU_ASSERT(counts(
        &outcome,
        COUNTS([TRIAL_LABEL] = 1, [TRIAL_FILTER] = 1, [TRIAL_TRAIN] = 2, [TRIAL_EVALUATE] = 2),
        COUNTS([TRIAL_TUNE] = 1, [TRIAL_FILTER] = 1)));
    run_with(&anew, network, "pipeline.replace.from=network", "fits_anew", 1);
    CU_ASSERT_STRING_EQUAL(outcome.digest, anew.digest);
    run_with(&outcome, network_behind, NULL, "fits_behind", 1);
    run_with(&outcome, network_behind, "network.width=3", "fits_behind", 1);
    CU_ASSERT(counts(&outcome, COUNTS([TRIAL_TRAIN] = 1, [TRIAL_EVALUATE] = 1),
                     COUNTS([TRIAL_TUNE] = 1, [TRIAL_LABEL] = 1)));
    run_with(&anew, network_behind, "network.width=3", "fits_behind_anew", 1);
    CU_ASSERT_STRING_EQUAL(outcome.digest, anew.digest);
}

static void test_damaged(void)
{
    each_stage(denoise, "damaged", true);
    each_stage(tuned, "damaged_tuned", true);
    each_stage(network, "damaged_network", true);
}

/* Entries in shards are as good; a results file that was touched is looked at, a changed one is
 * written anew. */
static void test_shards_and_results(void)
{
    struct outcome first, outcome;
    struct cache cache;
    char path[SCRATCH_PATH], command[2 * SCRATCH_PATH];
    size_t folded, sum = 0;
    struct hdf5 file;

    run_with(&first, denoise, NULL, "folded", 1);
    OK(cache_open(&cache, scratch_path(path, "folded"), &error));
    for (enum trial_step step = 0; step < TRIAL_STEPS; step++) {
        OK(cache_pack(&cache, step, 1, &folded, &error));
        sum += folded;
    }
    CU_ASSERT_EQUAL(sum, 8 + 4); /* two filterings with two folds each */
    cache_close(&cache);
    shell("folded", "rm recall.h5");
    run_with(&outcome, denoise, NULL, "folded", 1);
    CU_ASSERT(counts(&outcome, COUNTS(0), COUNTS([TRIAL_EVALUATE] = 2)));
    CU_ASSERT_STRING_EQUAL(first.digest, outcome.digest);
    shell("folded", "cp recall.h5 copy && mv copy recall.h5"); /* another file, the same content */
    run_with(&outcome, denoise, NULL, "folded", 1);
    CU_ASSERT(outcome.summary.current);
    snprintf(command, sizeof command, "%s/recall.h5", scratch_path(path, "folded"));
    OK(hdf5_open(&file, command, true, &error));
    OK(hdf5_write_text(&file, "/figures/other", "drawn", &error));
    OK(hdf5_close(&file, &error));
    run_with(&outcome, denoise, NULL, "folded", 1);
    CU_ASSERT(!outcome.summary.current);
    CU_ASSERT_STRING_EQUAL(first.digest, outcome.digest);
    shell("folded", "head -c 5000 recall.h5 >cut && mv cut recall.h5");
    run_with(&outcome, denoise, NULL, "folded", 1);
    CU_ASSERT(!outcome.summary.current);
    CU_ASSERT_STRING_EQUAL(first.digest, outcome.digest);
}

/* ---- the wall stands for what comes out of the cache, too */

struct bench {
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache data;
    struct splits splits;
    struct cache cache;
    struct step_cache stages;
};

static void prepare_bench(struct bench *bench, const char *yaml, const char *results)
{
    char path[SCRATCH_PATH];

    memset(bench, 0, sizeof *bench);
    load(&bench->plan, yaml, NULL);
    OK(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error));
    const struct engine *engine = engine_of(bench->trial.experiment.train.engine.kind);
    OK(engine->start(&error));
    OK(cache_open(&bench->cache, scratch_path(path, results), &error));
    bench->stages.cache = &bench->cache;
    struct trial_options options = {.data = "data/raw", .threads = 2, .steps = &bench->stages};
    OK(trial_prepare(&bench->splits, &bench->trial, &bench->data, &options, &error));
}

static void release(struct bench *bench)
{
    splits_release(&bench->splits);
    dataset_cache_release(&bench->data);
    cache_close(&bench->cache);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

/* Train on what was recalled, every truth being wrong. */
static void blind(const char *yaml, const char *results)
{
    struct bench bench;
    struct outcome outcome;
    struct record before = {0}, after = {0};

    run_with(&outcome, yaml, NULL, results, 1);
    prepare_bench(&bench, yaml, results);
    CU_ASSERT_EQUAL(bench.stages.recalled[TRIAL_LABEL], 1);
    CU_ASSERT_EQUAL(bench.stages.computed[TRIAL_LABEL], 0);
    struct trial_options options = {.threads = 1};
    OK(trial_learn(&bench.trial, &bench.plan, &bench.splits, &options, &before, &error));
    for (int s = 0; s < SPLITS; s++) {
        struct truth *truth = &bench.splits.truth[s];
        for (size_t p = 0; truth->images.count && p < truth->images.offsets[truth->images.count];
             p++)
            truth->images.pixels[p] = 1 - truth->images.pixels[p];
        for (size_t i = 0; truth->classes && i < bench.splits.items[s].input.count; i++)
            truth->classes[i] = (uint8_t)(9 - truth->classes[i]);
    }
    OK(trial_learn(&bench.trial, &bench.plan, &bench.splits, &options, &after, &error));
    const struct hdf5_array *a = record_find(&before, "curves/train.loss");
    const struct hdf5_array *b = record_find(&after, "curves/train.loss");
    CU_ASSERT_FATAL(a && b && a->dims[0] == b->dims[0]);
    CU_ASSERT_EQUAL(memcmp(a->values, b->values, a->dims[0] * sizeof(double)), 0);
    record_release(&before);
    record_release(&after);
    release(&bench);
}

static void test_blind(void)
{
    blind(denoise, "blind");
    blind(classify, "blind_classes");
}

/* Another owner's claim is waited for; what it leaves is taken, not computed. */
static size_t asked, released;

static enum status claim(void *context, const char *key, bool *mine, struct error *fault)
{
    struct bench *bench = context;

    (void)fault;
    asked++;
    *mine = false;
    if (asked == 3) { /* meanwhile the other one finishes */
        struct record record = {0};
        OK(record_integer(&record, "answer", 42, &error));
        OK(cache_put(&bench->cache, TRIAL_TUNE, key, &record, &error));
        record_release(&record);
    }
    return STATUS_OK;
}

static void let_go(void *context, const char *key)
{
    (void)context;
    (void)key;
    released++;
}

static void test_waits(void)
{
    struct bench bench = {0};
    struct record record;
    char path[SCRATCH_PATH], key[HASH_TEXT];
    bool found;

    OK(cache_open(&bench.cache, scratch_path(path, "waits"), &error));
    bench.stages = (struct step_cache){
        .cache = &bench.cache, .claim = claim, .release = let_go, .context = &bench};
    memset(key, 'a', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    asked = released = 0;
    OK(step_cache_recall(&bench.stages, TRIAL_TUNE, key, &record, &found, &error));
    CU_ASSERT_FATAL(found && record_value(&record, "answer") != NULL);
    CU_ASSERT_EQUAL(record_value(&record, "answer")->integer, 42);
    CU_ASSERT(asked == 3 && released == 0);
    CU_ASSERT_EQUAL(bench.stages.recalled[TRIAL_TUNE], 1);
    OK(step_cache_keep(&bench.stages, TRIAL_TUNE, key, &record, &error));
    CU_ASSERT_EQUAL(released, 1);
    record_release(&record);
    cache_close(&bench.cache);
}

void recall_suite(void)
{
    CU_pSuite suite = CU_add_suite("recall", NULL, NULL);
    CU_add_test(suite, "nothing is computed twice", test_nothing_twice);
    CU_add_test(suite, "a change computes what depends on it", test_changes);
    CU_add_test(suite, "every stage removed in turn: the same bits", test_removed);
    CU_add_test(suite, "every stage damaged in turn: told, the same bits", test_damaged);
    CU_add_test(suite, "what networks in the pipeline learnt is kept", test_fits);
    CU_add_test(suite, "shards, and results files that are current", test_shards_and_results);
    CU_add_test(suite, "training on recalled labels is blind to ground truth", test_blind);
    CU_add_test(suite, "what another process computes is waited for", test_waits);
    CU_add_test(suite, "scores in integers train nothing", test_quantize);
    CU_add_test(suite, "fine-tuning goes on from what was trained", test_fine_tuned);
}
