/* report/diff: two results files side by side. */
#include "results/diff.h"
#include "results/results_write.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

struct contents { /* of a made-up results file; zero: as the base */
    const char *resolved;
    double score; /* of trial 1 */
    float loss;   /* the third of trial 0 */
    bool more_columns, more_trials, more_sets, group, whole, positive;
    int64_t timing;
};

static const char plain[] =
    "experiment: x\ntrain:\n  epochs: 2\n  loss: {mse: {a: 1}}\nlist: [1]\n";

static void write_trials(struct hdf5 *file, const struct contents *contents)
{
    double scores[] = {NAN, contents->score != 0 ? contents->score : 0.25, 3};
    int64_t trials[] = {0, 1, 2};
    size_t count = contents->more_trials ? 3 : 2;
    struct hdf5_array array = {.type = HDF5_INT64, .rank = 1, .dims = {count}, .values = trials};

    OK(hdf5_write(file, "/trials/trial", &array, &error));
    if (contents->more_columns)
        OK(hdf5_write(file, "/trials/late", &array, &error));
    if (!contents->whole) {
        array.type = HDF5_FLOAT64;
        array.values = scores;
    }
    OK(hdf5_write(file, "/trials/score", &array, &error));
    OK(hdf5_attribute_text(file, "/trials", "columns",
                           contents->more_columns ? "trial\nscore\nlate" : "trial\nscore", &error));
}

static void make(struct hdf5 *file, const char *name, const struct contents *contents)
{
    char path[SCRATCH_PATH], digest[HASH_TEXT];
    float losses[2][2] = {
        {1, 0.5F},
        {contents->loss != 0 ? contents->loss : 0.125F, contents->positive ? 0.0F : -0.0F}};
    uint8_t byte = 7;
    int64_t timing = contents->timing;
    struct hdf5_array array = {.type = HDF5_FLOAT32, .rank = 2, .dims = {2, 2}, .values = losses};
    struct hdf5_array clock = {.type = HDF5_INT64, .values = &timing};
    struct hdf5_array scalar = {.type = HDF5_UINT8, .values = &byte};

    memset(file, 0, sizeof *file);
    OK(hdf5_create(file, scratch_path(path, name), &error));
    OK(hdf5_write_text(file, "/plan/resolved", contents->resolved ? contents->resolved : plain,
                       &error));
    write_trials(file, contents);
    OK(hdf5_write(file, "/curves/00000/loss", &array, &error));
    OK(hdf5_write(file, contents->group ? "/curves/00001/loss/x" : "/curves/00001/loss", &scalar,
                  &error));
    if (contents->more_sets)
        OK(hdf5_write(file, "/activations/00001/a", &scalar, &error));
    OK(hdf5_write(file, "/timing/total", &clock, &error));
    OK(store_digest(file, digest, &error));
    OK(hdf5_attribute_text(file, "/", "content_sha256", digest, &error));
}

/* The rows after the digests'; the numbers of differences in `diff`. */
static void compare(const struct contents *a, const struct contents *b, size_t most,
                    struct diff *diff, char rows[2048])
{
    struct hdf5 files[2];
    struct text csv = {0};

    make(&files[0], "a.h5", a);
    make(&files[1], "b.h5", b);
    OK(report_diff((struct hdf5 *const[2]){&files[0], &files[1]}, most, &csv, diff, &error));
    CU_ASSERT_EQUAL(strncmp(csv.bytes, "what,name,at,A,B\r\ncontent_sha256,,,", 35), 0);
    CU_ASSERT_FALSE(diff->altered[0] || diff->altered[1]);
    char *second = strstr(csv.bytes, "content_sha256");
    snprintf(rows, 2048, "%s", strstr(second, "\r\n") + 2);
    text_release(&csv);
    hdf5_abandon(&files[0]);
    hdf5_abandon(&files[1]);
}

static const struct contents base;

static void test_equal(void)
{
    struct contents later = {.timing = 9};
    struct diff diff;
    char rows[2048];

    compare(&base, &later, 0, &diff, rows);
    CU_ASSERT(diff.equal);
    CU_ASSERT_STRING_EQUAL(diff.digests[0], diff.digests[1]);
    CU_ASSERT_STRING_EQUAL(rows, "");
    CU_ASSERT_EQUAL(diff.counts[DIFF_METRIC] + diff.counts[DIFF_DATASET], 0);
}

/* Each kind's first row, and each with its values. */
static void test_values(void)
{
    struct contents other = {
        .resolved = "experiment: x\ntrain:\n  epochs: 3\n  loss: {mse: {a: 2}}\nlist: [1]\n",
        .score = 0.5,
        .loss = 0.1F};
    struct diff diff;
    char rows[2048];

    compare(&base, &other, 0, &diff, rows);
    CU_ASSERT_FALSE(diff.equal);
    CU_ASSERT_STRING_EQUAL(rows, "configuration,train.epochs,,2,3\r\n"
                                 "metric,score,trial 1,0.25,0.5\r\n"
                                 "dataset,/curves/00000/loss,\"[1,0]\",0.125,0.100000001\r\n");
    CU_ASSERT_EQUAL(diff.counts[DIFF_CONFIGURATION], 2);
    CU_ASSERT_EQUAL(diff.counts[DIFF_METRIC], 1);
    CU_ASSERT_EQUAL(diff.counts[DIFF_DATASET], 1);
    compare(&base, &other, 2, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "configuration,train.epochs,,2,3\r\n"
                                 "configuration,train.loss.mse.a,,1,2\r\n");
    CU_ASSERT_EQUAL(diff.rows, 2);
}

static void test_fields(void)
{
    struct contents other = {
        .resolved = "experiment: x\ntrain:\n  loss: {l1: {}}\n  new: ~\nlist: [1, 2]\n"};
    struct diff diff;
    char rows[2048];

    compare(&base, &other, 10, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "configuration,train.epochs,,2,(none)\r\n"
                                 "configuration,train.loss,,{mse: {a: 1}},{l1: {}}\r\n"
                                 "configuration,train.new,,(none),~\r\n"
                                 "configuration,list[1],,(none),2\r\n");
}

/* What one of them lacks, and what is of another kind. */
static void test_forms(void)
{
    struct contents more = {
        .more_columns = true, .more_trials = true, .more_sets = true, .group = true};
    struct contents whole = {.whole = true};
    struct diff diff;
    char rows[2048];

    compare(&base, &more, 10, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "metric,,,2 trials,3 trials\r\n"
                                 "metric,late,,(none),a column\r\n"
                                 "dataset,/activations,,(none),a group\r\n"
                                 "dataset,/curves/00001/loss,,a dataset,a group\r\n");
    compare(&base, &whole, 10, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "metric,score,,float64 [2],integers [2]\r\n");
}

/* Bits count: zeros of both signs differ, one not-a-number equals itself. */
static void test_bits(void)
{
    struct contents zero = {.positive = true}, tiny = {.score = -1e-300};
    struct diff diff;
    char rows[2048];

    compare(&base, &zero, 10, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "dataset,/curves/00000/loss,\"[1,1]\",-0,0\r\n");
    compare(&tiny, &base, 10, &diff, rows);
    CU_ASSERT_STRING_EQUAL(rows, "metric,score,trial 1,-1e-300,0.25\r\n");
}

static void test_damaged(void)
{
    struct contents broken = {.resolved = "a: [1\n"};
    struct hdf5 files[2];
    struct hdf5 *const both[2] = {&files[0], &files[1]};
    struct text csv = {0};
    struct diff diff;

    make(&files[0], "a.h5", &base);
    make(&files[1], "b.h5", &broken);
    CU_ASSERT_EQUAL(report_diff(both, 0, &csv, &diff, &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/plan/resolved is damaged: line"));
    OK(hdf5_attribute_text(&files[1], "/", "content_sha256", "something else", &error));
    (void)!report_diff(both, 0, &csv, &diff, &error);
    CU_ASSERT(diff.altered[1] && !diff.altered[0]);
    text_release(&csv);
    hdf5_abandon(&files[0]);
    hdf5_abandon(&files[1]);
}

static void test_memory(void)
{
    struct contents other = {.resolved = "experiment: y\n", .score = 2, .more_sets = true};
    struct hdf5 files[2];
    struct diff diff;
    enum status status = STATUS_MEMORY;
    size_t n;

    make(&files[0], "a.h5", &base);
    make(&files[1], "b.h5", &other);
    for (n = 1; status != STATUS_OK && n < 5000; n++) {
        struct text csv = {0};
        memory_fail_at(n);
        status = report_diff((struct hdf5 *const[2]){&files[0], &files[1]}, 9, &csv, &diff, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        text_release(&csv);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 20);
    hdf5_abandon(&files[0]);
    hdf5_abandon(&files[1]);
}

void report_diff_suite(void);
void report_diff_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_diff", NULL, NULL);
    CU_add_test(suite, "two runs of one plan are equal", test_equal);
    CU_add_test(suite, "the first field, metric and dataset are named", test_values);
    CU_add_test(suite, "fields that one plan lacks", test_fields);
    CU_add_test(suite, "columns, trials and datasets that one file lacks", test_forms);
    CU_add_test(suite, "values are compared bit by bit", test_bits);
    CU_add_test(suite, "damage is told", test_damaged);
    CU_add_test(suite, "any allocation may fail", test_memory);
}
