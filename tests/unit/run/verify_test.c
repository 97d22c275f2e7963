/* What `understudy verify` stands on: a plan back from its resolved text, the draw of trials, and
 * that a changed value is found wherever it stands. */
#include "run/run.h"
#include "run/verify.h"

#include "base/folder.h"
#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include <glob.h>
#include <stdlib.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

/* Load from `resolved` and resolve again: the same text. */
static void resolve_again(const char *name, const char *resolved)
{
    struct plan_options options = {.home = "."};
    struct diagnostics found = {0};
    struct text again = {0};
    struct plan plan;

    OK(plan_load_resolved(&plan, name, resolved, &options, &found, &error));
    for (size_t i = 0; i < found.count; i++)
        printf("%s:%d: %s: %s\n", name, found.items[i].where.line, found.items[i].where.path,
               found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_resolved(&plan, &again, &error));
    CU_ASSERT_STRING_EQUAL(again.bytes, resolved);
    text_release(&again);
    plan_release(&plan);
}

/* Whatever ships, with an override as well. */
static void test_resolved(void)
{
    static const char *const overrides[] = {"train.precision=float32", "seed=77"};
    struct plan_options options = {.overrides = overrides, .override_count = 2, .home = "."};
    glob_t files;

    plans_families();
    CU_ASSERT_EQUAL_FATAL(glob("experiments/*.yaml", 0, NULL, &files), 0);
    CU_ASSERT(files.gl_pathc >= 3);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct diagnostics found = {0};
        struct text resolved = {0};
        struct plan plan;
        OK(plan_load(&plan, files.gl_pathv[i], &options, &found, &error));
        CU_ASSERT_EQUAL_FATAL(found.count, 0);
        OK(plan_resolved(&plan, &resolved, &error));
        CU_ASSERT_PTR_NOT_NULL(strstr(resolved.bytes, "seed: 77\n"));
        resolve_again(files.gl_pathv[i], resolved.bytes);
        text_release(&resolved);
        plan_release(&plan);
    }
    globfree(&files);
    families_release();
}

static void choose(size_t count, uint64_t seed, size_t trials[20])
{
    for (size_t i = 0; i < 20; i++)
        trials[i] = 2 * i;
    OK(verify_choose(trials, 20, count, seed, &error));
}

/* As many as asked for, different, ascending; the same for the same seed. */
static void test_choose(void)
{
    size_t a[20], b[20], hits[40] = {0}, changed = 0;

    for (uint64_t seed = 0; seed < 400; seed++) {
        choose(5, seed, a);
        choose(5, seed, b);
        CU_ASSERT_EQUAL(memcmp(a, b, 5 * sizeof *a), 0);
        choose(5, seed + 1, b);
        changed += memcmp(a, b, 5 * sizeof *a) != 0;
        for (size_t i = 0; i < 5; i++) {
            CU_ASSERT(a[i] < 40 && a[i] % 2 == 0 && (i == 0 || a[i - 1] < a[i]));
            hits[a[i]]++;
        }
    }
    CU_ASSERT(changed > 390);
    for (size_t i = 0; i < 40; i += 2)
        CU_ASSERT(hits[i] > 60 && hits[i] < 140); /* of 100 expected, 8.7 a standard deviation */
    choose(20, 1, a);
    for (size_t i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(a[i], 2 * i);
    CU_ASSERT_EQUAL(verify_choose(a, 20, 21, 1, &error), STATUS_CONFIG);
}

/* A results file of two trials, made once. */

static const char tiny[] =
    "experiment: tiny\ntask: denoise\nreplicates: 1\n"
    "dataset: {name: digits, manual: 4, unlabelled: 16, validation: 4, test: 8,\n"
    "          degrade: [gaussian_noise: {sigma: 32}]}\n"
    "pipeline: {stages: [median, gaussian: {sigma: 0.5}]}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 1, batch: 8, shard: 4}\n"
    "store: {parameters: true, examples: 2}\n"
    "grid: {network.width: [2, 4]}\n";

struct told {
    size_t count;
    char name[200], at[40], stored[100], again[100]; /* of the last */
};

static void on_difference(void *context, size_t trial, const struct verify_difference *difference)
{
    struct told *told = context;

    CU_ASSERT(trial < 2);
    told->count++;
    snprintf(told->name, sizeof told->name, "%s", difference->name);
    snprintf(told->at, sizeof told->at, "%s", difference->at);
    snprintf(told->stored, sizeof told->stored, "%s", difference->stored);
    snprintf(told->again, sizeof told->again, "%s", difference->again);
}

static void make_results(struct plan *plan, char path[SCRATCH_PATH])
{
    struct run_options options = {.threads = 1, .checkpoint = -1};
    struct run_summary summary;
    struct store store;
    char folder[SCRATCH_PATH];

    plans_families();
    CU_ASSERT_EQUAL_FATAL(plans_try(plan, tiny, NULL, 0, true), 0);
    options.data = "data/raw";
    options.results = scratch_path(folder, "results");
    OK(run_experiment(plan, &options, &store, &summary, &error));
    if (!summary.current)
        OK(store_seal(&store, NULL, &error));
    scratch_path(path, "results/tiny.h5");
}

/* Verify trial 1 of the file as it is now. */
static void verify(struct plan *plan, struct hdf5 *file, struct told *told)
{
    struct verify_options options = {"data/raw", 2, on_difference, told};
    struct verifier verifier;
    size_t *trials, count, differences = 99;

    memset(told, 0, sizeof *told);
    OK(verifier_begin(&verifier, plan, file, &error));
    OK(verifier_done(&verifier, &trials, &count, &error));
    CU_ASSERT_EQUAL_FATAL(count, 2);
    OK(verifier_trial(&verifier, 1, &options, &differences, &error));
    CU_ASSERT_EQUAL(differences, told->count);
    verifier_release(&verifier);
}

/* Python puts `change` into a copy of the file; the difference that is told. */
static void change(struct plan *plan, const char *path, const char *change, struct told *told)
{
    char copy[SCRATCH_PATH], script[2048];
    struct hdf5 file = {0};

    snprintf(script, sizeof script,
             "import sys, shutil\nshutil.copy('%s', sys.argv[1])\n"
             "with h5py.File(sys.argv[1], 'r+') as f:\n    %s\n",
             path, change);
    CU_ASSERT_FATAL(scratch_python("import h5py", script, scratch_path(copy, "copy.h5")));
    OK(hdf5_open(&file, copy, false, &error));
    verify(plan, &file, told);
    hdf5_abandon(&file);
}

static void test_differences(void)
{
    static const struct {
        const char *change, *name, *at, *stored;
        size_t count;
    } cases[] = {
        {"f['trials/trial'][0] = 0", "", "", "", 0},
        {"f['trials/network.test.ssim'][0] = 2", "", "", "", 0}, /* of trial 0 */
        {"f['timing/threads'][()] = 9", "", "", "", 0},
        {"f['trials/network.test.ssim'][1] = 2", "network.test.ssim", "", "2", 1},
        {"f['trials/network.parameters'][1] = 5", "network.parameters", "", "5", 1},
        {"f['trials/pipeline.chosen'][1] = b'x'", "pipeline.chosen", "", "x", 1},
        {"del f['trials/network.test.psnr']", "network.test.psnr", "", "(none)", 1},
        {"f['trials/extra'] = [float('nan'), 3.5]", "extra", "", "3.5", 1},
        {"f['trials/extra'] = [3.5, float('nan')]", "", "", "", 0},
        {"f['curves/00001/train.loss'][0] = 7", "/curves/00001/train.loss", "[0]", "7", 1},
        {"f['curves/00000/train.loss'][0] = 7", "", "", "", 0},
        {"f['curves/00001/new'] = [1]", "/curves/00001/new", "", "an array", 1},
        {"del f['curves/00001/train.loss']", "/curves/00001/train.loss", "", "(none)", 1},
        {"del f['parameters/00001']; f['parameters/00001/a/b'] = 1.0", "/parameters/00001/a/b", "",
         "an array", 0},
    };
    struct plan plan;
    struct told told;
    struct hdf5 file = {0};
    char path[SCRATCH_PATH];

    make_results(&plan, path);
    OK(hdf5_open(&file, path, false, &error));
    verify(&plan, &file, &told);
    CU_ASSERT_EQUAL(told.count, 0);
    hdf5_abandon(&file);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") != 0)
            break; /* scratch_python() tells */
        change(&plan, path, cases[i].change, &told);
        bool several = strncmp(cases[i].change, "del f['parameters", 17) == 0;
        bool good = (several ? told.count > 2 : told.count == cases[i].count) &&
                    strcmp(told.name, cases[i].name) == 0 && strcmp(told.at, cases[i].at) == 0 &&
                    strcmp(told.stored, cases[i].stored) == 0;
        CU_ASSERT(good);
        if (!good)
            printf("%s: %zu, the last '%s' '%s' '%s' '%s'\n", cases[i].change, told.count,
                   told.name, told.at, told.stored, told.again);
    }
    plan_release(&plan);
    families_release();
}

/* A table of another length is not this plan's. */
static void test_other_plan(void)
{
    struct plan plan;
    struct verifier verifier;
    struct hdf5 file = {0};
    char path[SCRATCH_PATH];

    make_results(&plan, path);
    plan.trial_count = 1;
    OK(hdf5_open(&file, path, false, &error));
    CU_ASSERT_EQUAL(verifier_begin(&verifier, &plan, &file, &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "has 2 rows; the plan has 1 trials"));
    hdf5_abandon(&file);
    plan_release(&plan);
    families_release();
}

void verify_suite(void);
void verify_suite(void)
{
    CU_pSuite suite = CU_add_suite("verify", NULL, NULL);
    CU_add_test(suite, "a plan comes back from its resolved text", test_resolved);
    CU_add_test(suite, "trials are drawn by the seed", test_choose);
    CU_add_test(suite, "a changed value is found wherever it stands", test_differences);
    CU_add_test(suite, "results of another plan are refused", test_other_plan);
}
