/* results/results_write: whole results files of made-up records, and what is left of them when
 * the disk is full, memory runs out, or the program is killed. */
#include "interfaces/engine.h"
#include "results/results_write.h"
#include "tests/unit/made_record.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void store_suite(void);

/* A plan of two axes (three widths; two mixed values), one point of six left out. */

static struct yaml_node nodes[] = {
    {.kind = YAML_SCALAR, .text = "4"},      {.kind = YAML_SCALAR, .text = "8"},
    {.kind = YAML_SCALAR, .text = "16"},     {.kind = YAML_SCALAR, .text = "0"},
    {.kind = YAML_SCALAR, .text = "2.5e-1"},
};
static struct yaml_node *widths[] = {&nodes[0], &nodes[1], &nodes[2]};
static struct yaml_node *fractions[] = {&nodes[3], &nodes[4]};
static struct plan_axis axes[] = {
    {.path = "network.width", .values = widths, .count = 3, .group = 0},
    {.path = "filter.fraction", .values = fractions, .count = 2, .group = 1},
};
static size_t group_sizes[] = {3, 2};
static size_t kept[] = {0, 1, 2, 5};

static const char *fake_version(void)
{
    return "fake 1.2";
}

static const char *fake_isa(enum precision precision)
{
    (void)precision;
    return "none";
}

static const struct engine engine = {
    .descriptor = {.name = "fake"}, .version = fake_version, .isa = fake_isa};

static struct plan make_plan(void)
{
    struct plan plan = {.path = "x.yaml",
                        .yaml = "experiment: made_up\n# größer\n",
                        .axes = axes,
                        .axis_count = 2,
                        .group_count = 2,
                        .grid_sizes = group_sizes,
                        .kept = kept,
                        .kept_count = 4,
                        .trial_count = TRIALS};
    plan.base.name = "made_up";
    plan.base.about = "records that a test made up";
    plan.base.replicates = REPLICATES;
    plan.base.train.engine.kind = &engine.descriptor;
    return plan;
}

struct fixture {
    char paths[TRIALS][SCRATCH_PATH + 32], names[TRIALS][HASH_TEXT];
    const char *records[TRIALS], *keys[TRIALS];
    char results[SCRATCH_PATH + 32], part[SCRATCH_PATH + 40];
    struct store_timing timing;
    double seconds[TRIALS];
};

static void fixture_make(struct fixture *fixture, const char *name)
{
    char folder[SCRATCH_PATH];

    memset(fixture, 0, sizeof *fixture);
    mkdir(scratch_path(folder, name), 0777);
    for (int i = 0; i < TRIALS; i++) {
        struct record record = {0};
        snprintf(fixture->paths[i], sizeof fixture->paths[i], "%s/%d.h5", folder, i);
        snprintf(fixture->names[i], sizeof fixture->names[i], "key%d", i);
        fixture->records[i] = fixture->paths[i];
        fixture->keys[i] = fixture->names[i];
        fixture->seconds[i] = i;
        OK(fill_record(&record, i));
        OK(record_write(&record, fixture->paths[i], fixture->names[i], true, &error));
        record_release(&record);
    }
    fixture->timing = (struct store_timing){fixture->seconds, 12.5, 2};
    snprintf(fixture->results, sizeof fixture->results, "%s/made_up.h5", folder);
    snprintf(fixture->part, sizeof fixture->part, "%s/*.part", folder);
    remove(fixture->results);
}

/* Is there a file of this pattern? */
static bool left(const char *pattern)
{
    glob_t found;
    bool any = glob(pattern, 0, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static enum status open_record(void *context, size_t trial, struct record *record,
                               struct hdf5 *file, bool *found, struct error *fault)
{
    enum status status = STATUS_OK;
    const struct fixture *fixture = context;
    struct bytes bytes = {0};

    *file = (struct hdf5){0};
    *found = fixture->records[trial] != NULL;
    if (!*found)
        goto out;
    TRY(bytes_read(&bytes, fixture->records[trial], SIZE_MAX / 2, fault));
    TRY(record_open(bytes_span(&bytes, fixture->records[trial]), fixture->keys[trial], record, file,
                    fault));
out:
    bytes_release(&bytes);
    return status;
}

static enum status begin(struct store *store, const struct fixture *fixture)
{
    struct plan plan = make_plan();
    struct store_source source = {.open = open_record, .context = (void *)(uintptr_t)fixture};

    return store_begin(store, fixture->results, &plan, "resolved: true\n", &source, "mnist 00ff\n",
                       &fixture->timing, &error);
}

static enum status make_results(const struct fixture *fixture, char digest[65])
{
    enum status status = STATUS_OK;
    struct store store = {0};

    TRY(begin(&store, fixture));
    TRY(store_seal(&store, digest, &error));
out:
    store_discard(&store);
    return status;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* What is of the clock lies apart, by trial and as columns. */
static void check_times(struct hdf5 *file)
{
    struct arena arena = {0};
    struct hdf5_array array;
    const char *text;

    OK(hdf5_read_attribute_text(file, "/timing/trials", "columns", &arena, &text, &error));
    CU_ASSERT_STRING_EQUAL(text, "training.seconds");
    OK(hdf5_read(file, "/timing/trials/training.seconds", &arena, &array, &error));
    CU_ASSERT_FATAL(array.type == HDF5_FLOAT64 && array.dims[0] == TRIALS);
    CU_ASSERT_EQUAL(((const double *)array.values)[7], 17);
    CU_ASSERT(isnan(((const double *)array.values)[3])); /* it failed */
    CU_ASSERT(hdf5_exists(file, "/timing/curves/00007/train.seconds"));
    CU_ASSERT(!hdf5_exists(file, "/timing/curves/00003"));
    CU_ASSERT(!hdf5_exists(file, "/timing/00007"));
    arena_release(&arena);
}

static void test_whole_file(void)
{
    static const char columns[] = "trial\nreplicate\nnetwork.width\nfilter.fraction\nstatus\n"
                                  "network.test.ssim\nnetwork.parameters\nlate";
    static const int64_t trial_widths[] = {4, 4, 4, 4, 8, 8, 16, 16};
    static const double trial_fractions[] = {0, 0, 0.25, 0.25, 0, 0, 0.25, 0.25};
    struct fixture fixture;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct hdf5_array array;
    const char *text;
    char digest[65], again[65];

    fixture_make(&fixture, "whole");
    OK(make_results(&fixture, digest));
    CU_ASSERT(!left(fixture.part));
    OK(hdf5_open(&file, fixture.results, false, &error));
    OK(store_digest(&file, again, &error));
    CU_ASSERT_STRING_EQUAL(digest, again);
    OK(hdf5_read_attribute_text(&file, "/", "content_sha256", &arena, &text, &error));
    CU_ASSERT_STRING_EQUAL(digest, text);
    OK(hdf5_read_attribute_text(&file, "/trials", "columns", &arena, &text, &error));
    CU_ASSERT_STRING_EQUAL(text, columns);
    OK(hdf5_read(&file, "/trials/network.width", &arena, &array, &error));
    CU_ASSERT_FATAL(array.type == HDF5_INT64 && array.dims[0] == TRIALS);
    CU_ASSERT(memcmp(array.values, trial_widths, sizeof trial_widths) == 0);
    OK(hdf5_read(&file, "/trials/filter.fraction", &arena, &array, &error));
    CU_ASSERT_FATAL(array.type == HDF5_FLOAT64);
    CU_ASSERT(memcmp(array.values, trial_fractions, sizeof trial_fractions) == 0);
    OK(hdf5_read(&file, "/trials/network.test.ssim", &arena, &array, &error));
    for (int i = 0; i < TRIALS; i++) {
        double value = ((double *)array.values)[i];
        CU_ASSERT(i == 3 ? isnan(value) : value == 1.0 / (i + 1));
    }
    OK(hdf5_read(&file, "/trials/network.parameters", &arena, &array, &error));
    CU_ASSERT_FATAL(array.type == HDF5_FLOAT64); /* whole numbers, and one that is missing */
    CU_ASSERT(isnan(((double *)array.values)[3]) && ((double *)array.values)[7] == 107);
    OK(hdf5_read(&file, "/parameters/00007/conv1/weights", &arena, &array, &error));
    CU_ASSERT(array.rank == 3 && ((float *)array.values)[2] == 14);
    OK(hdf5_read(&file, "/examples/00007/degraded", &arena, &array, &error));
    CU_ASSERT(array.dims[0] == 5000 &&
              ((float *)array.values)[4999] == (float)((size_t)4999 * 2654435761U % 1000U) + 7);
    CU_ASSERT(!hdf5_exists(&file, "/curves/00003") && hdf5_exists(&file, "/curves/00004"));
    CU_ASSERT(hdf5_exists(&file, "/examples/00000/clean") && !hdf5_exists(&file, "/record"));
    check_times(&file);
    OK(hdf5_close(&file, &error));
    arena_release(&arena);
}

static void test_python_reads(void)
{
    static const char script[] =
        "import sys\n"
        "f = h5py.File(sys.argv[1], 'r')\n"
        "table = pandas.DataFrame({k: f['trials'][k][:] for k in f['trials']})\n"
        "assert len(table) == 8 and list(table['trial']) == list(range(8))\n"
        "assert list(table['replicate']) == [0, 1] * 4\n"
        "assert table['status'][0] == b'done' and table['status'][3].decode() == 'failed: größer'\n"
        "assert table['network.test.ssim'].isna().sum() == 1\n"
        "assert f.attrs['experiment'] == b'made_up'\n"
        "assert f.attrs['format_version'] == 1 and f.attrs['engine'] == b'fake'\n"
        "assert f.attrs['instruction_set'] == b'none' and f.attrs['engine_version'] == b'fake "
        "1.2'\n"
        "for k in ['git_commit', 'git_dirty', 'sources_sha256', 'compiler', 'flags', 'libraries', "
        "'datasets',\n"
        "          'content_sha256', 'about']:\n"
        "    assert k in f.attrs, k\n"
        "assert f['plan/yaml'].asstr()[()] == 'experiment: made_up\\n# größer\\n'\n"
        "assert f['timing/seconds'][7] == 7 and f['timing/total'][()] == 12.5\n"
        "for k in ['host', 'cpu', 'clock', 'system', 'processors']:\n"
        "    assert k in f['environment'], k\n"
        "assert f['activations/00002/conv1'].shape == (2, 3, 4)\n";
    struct fixture fixture;

    fixture_make(&fixture, "python");
    OK(make_results(&fixture, NULL));
    CU_ASSERT(scratch_python("import h5py, pandas", script, fixture.results));
}

static void test_digest_covers(void)
{
    struct fixture fixture;
    struct hdf5 file = {0};
    char digest[65], other[65];

    fixture_make(&fixture, "covers");
    OK(make_results(&fixture, digest));
    fixture.timing.total = 99; /* no content */
    fixture.seconds[0] = 4;
    OK(make_results(&fixture, other));
    CU_ASSERT_STRING_EQUAL(digest, other);
    OK(hdf5_open(&file, fixture.results, true, &error));
    OK(hdf5_write_text(&file, "/figures/f/x", "1", &error));
    OK(store_digest(&file, other, &error));
    CU_ASSERT_STRING_NOT_EQUAL(digest, other);
    OK(hdf5_close(&file, &error));
    struct record record = {0};
    OK(fill_record(&record, 5));
    OK(record_real(&record, "timing.training.seconds", 0.5, &error)); /* no content either */
    OK(record_real(&record, "timing.inference.batch_1.latency_s", 0.001, &error));
    OK(record_write(&record, fixture.paths[5], "key5", true, &error));
    OK(make_results(&fixture, other));
    CU_ASSERT_STRING_EQUAL(digest, other);
    OK(record_integer(&record, "network.parameters", 104, &error));
    OK(record_write(&record, fixture.paths[5], "key5", true, &error));
    OK(make_results(&fixture, other));
    CU_ASSERT_STRING_NOT_EQUAL(digest, other);
    record_release(&record);
}

static void test_mistaken_records(void)
{
    struct fixture fixture;
    struct record record = {0};

    fixture_make(&fixture, "mistaken");
    OK(record_text(&record, "network.test.ssim", "high", &error));
    OK(record_write(&record, fixture.paths[7], "key7", true, &error));
    CU_ASSERT_EQUAL(make_results(&fixture, NULL), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "trial 7: column 'network.test.ssim' is text"));
    fixture.keys[7] = "elsewhere";
    CU_ASSERT_EQUAL(make_results(&fixture, NULL), STATUS_DATA);
    fixture.keys[7] = "key7";
    record_release(&record);
    OK(record_real(&record, "network.width", 3, &error)); /* meets the axis: column is there */
    OK(record_text(&record, "a/b", "x", &error));
    OK(record_write(&record, fixture.paths[7], "key7", true, &error));
    CU_ASSERT_EQUAL(make_results(&fixture, NULL), STATUS_DATA);
    CU_ASSERT(!left(fixture.part) && !exists(fixture.results));
    record_release(&record);
    fixture.records[7] = NULL; /* a trial without a record is a row without values */
    OK(make_results(&fixture, NULL));
}

/* What a child does with files that may not grow beyond `limit` bytes. HDF5 forgets memory when it
 * cannot write; the child's end gives that back. */
static int limited_child(const struct fixture *fixture, size_t limit)
{
    struct rlimit size = {.rlim_cur = limit, .rlim_max = RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &size) != 0)
        return 2;
    size.rlim_cur = limit;
    if (setrlimit(RLIMIT_FSIZE, &size) != 0)
        return 2;
    enum status status = make_results(fixture, NULL);
    if (status != STATUS_OK && (status != STATUS_IO || !strstr(error.message, "File too large")))
        return 3;
    return status == STATUS_OK ? 0 : 1;
}

static int in_child(int (*act)(const struct fixture *, size_t), const struct fixture *fixture,
                    size_t number)
{
    int state = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(act(fixture, number));
    if (child < 0 || waitpid(child, &state, 0) != child)
        return -1;
    return WIFSIGNALED(state) ? 100 + WTERMSIG(state) : WEXITSTATUS(state);
}

static void test_full_disk(void)
{
    struct fixture fixture;
    struct stat whole;
    unsigned failures = 0, successes = 0;

    fixture_make(&fixture, "full");
    OK(make_results(&fixture, NULL));
    CU_ASSERT_EQUAL_FATAL(stat(fixture.results, &whole), 0);
    size_t size = (size_t)whole.st_size;
    for (size_t limit = 0; limit <= size + size / 9; limit += size / 37) {
        plant(fixture.results);
        int result = in_child(limited_child, &fixture, limit);
        CU_ASSERT(result == 0 || result == 1);
        CU_ASSERT(planted(fixture.results) == (result == 1));
        CU_ASSERT(!left(fixture.part));
        failures += result == 1;
        successes += result == 0;
    }
    CU_ASSERT(failures > 20 && successes > 0);
}

/* Killed with the file begun (0), or with it whole but not yet in its place (1). */
static int killed_child(const struct fixture *fixture, size_t when)
{
    struct store store = {0};

    if (begin(&store, fixture) != STATUS_OK ||
        (when == 1 && hdf5_close(&store.file, &error) != STATUS_OK))
        return 1;
    raise(SIGKILL);
    return 1;
}

static void test_killed(void)
{
    struct fixture fixture;
    char digest[65], other[65];

    fixture_make(&fixture, "killed");
    OK(make_results(&fixture, digest));
    for (size_t when = 0; when < 2; when++) {
        plant(fixture.results);
        CU_ASSERT_EQUAL(in_child(killed_child, &fixture, when), 100 + SIGKILL);
        CU_ASSERT(planted(fixture.results));
        CU_ASSERT(left(fixture.part)); /* what the killed one left is no hindrance */
        OK(make_results(&fixture, other));
        CU_ASSERT_STRING_EQUAL(digest, other);
    }
}

static void test_unwritable(void)
{
    struct fixture fixture;
    char folder[SCRATCH_PATH];

    fixture_make(&fixture, "unwritable");
    scratch_path(folder, "unwritable");
    snprintf(fixture.results, sizeof fixture.results, "%s/none/x.h5", folder);
    CU_ASSERT_EQUAL(make_results(&fixture, NULL), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, ".part: No such file or directory"));
    /* A file stands where a folder should, which is found at the very last step. */
    snprintf(fixture.results, sizeof fixture.results, "%s/x.h5", folder);
    fclose(fopen(strcat(folder, "/runs"), "w"));
    CU_ASSERT_EQUAL(make_results(&fixture, NULL), STATUS_IO);
    CU_ASSERT(!left(fixture.part));
}

static void test_memory_faults(void)
{
    struct fixture fixture;
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    fixture_make(&fixture, "memory");
    while (status != STATUS_OK && n < 5000) {
        plant(fixture.results);
        memory_fail_at(++n);
        status = make_results(&fixture, NULL);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        CU_ASSERT(planted(fixture.results) == (status != STATUS_OK));
        CU_ASSERT(!left(fixture.part));
    }
    CU_ASSERT(status == STATUS_OK && n > 100);
}

void store_suite(void)
{
    CU_pSuite suite = CU_add_suite("store", NULL, NULL);
    CU_add_test(suite, "a whole results file", test_whole_file);
    CU_add_test(suite, "h5py and pandas read it as README says", test_python_reads);
    CU_add_test(suite, "the digest covers contents, not times", test_digest_covers);
    CU_add_test(suite, "records that do not fit are refused", test_mistaken_records);
    CU_add_test(suite, "a full disk leaves the old file", test_full_disk);
    CU_add_test(suite, "a kill leaves the old file", test_killed);
    CU_add_test(suite, "an unwritable folder is told", test_unwritable);
    CU_add_test(suite, "every failing allocation leaves the old file", test_memory_faults);
}
