/* Any bytes as the file that says which number of a paper is what, over a small results file. */
#include "base/folder.h"
#include "report/paper/paper.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIALS = 4 };

static char folder[] = "/tmp/paper_fuzz_XXXXXX", results[64], description[64];

static void check(enum status status, const struct error *error)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "status %d: %s\n", (int)status, error->message);
    abort();
}

static void clean(void)
{
    unlink(results);
    unlink(description);
    rmdir(folder);
}

static void write_reals(struct hdf5 *file, const char *path, size_t count, double *values)
{
    struct hdf5_array array = {HDF5_FLOAT64, 1, {count}, 0, values};
    struct error error;
    check(hdf5_write(file, path, &array, &error), &error);
}

static void write_integers(struct hdf5 *file, const char *path, int64_t *values)
{
    struct hdf5_array array = {HDF5_INT64, 1, {TRIALS}, 0, values};
    struct error error;
    check(hdf5_write(file, path, &array, &error), &error);
}

static void write_attributes(struct hdf5 *file)
{
    static const char *const attributes[][3] = {
        {"/", "experiment", "six"},
        {"/", "content_sha256", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
        {"/figures/curves", "kind", "curves"},
        {"/figures/curves", "config", "{}\n"},
        {"/trials", "columns",
         "trial\nreplicate\nnetwork.width\nnetwork.test.ssim\npipeline.test.ssim\nstatus"}};
    struct error error;

    check(hdf5_group(file, "/figures/curves", &error), &error);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        check(
            hdf5_attribute_text(file, attributes[i][0], attributes[i][1], attributes[i][2], &error),
            &error);
}

/* Two widths of two replicates, of which one trial failed; a curve each. */
static void make_results(void)
{
    int64_t trial[TRIALS] = {0, 1, 2, 3}, replicate[TRIALS] = {0, 1, 0, 1},
            width[TRIALS] = {4, 4, 8, 8};
    double network[TRIALS] = {0.5, 0.625, 0.75, 0.875}, pipeline[TRIALS] = {0.6, 0.6, 0.6, 0.6};
    static const char *const states[TRIALS] = {"done", "done", "done", "failed: by hand"};
    double curve[] = {0.25, 0.5};
    struct hdf5 file;
    struct error error;
    char path[64];

    check(hdf5_create(&file, results, &error), &error);
    check(hdf5_write_text(&file, "/plan/resolved", "grid: {network.width: [4, 8]}\n", &error),
          &error);
    write_integers(&file, "/trials/trial", trial);
    write_integers(&file, "/trials/replicate", replicate);
    write_integers(&file, "/trials/network.width", width);
    write_reals(&file, "/trials/network.test.ssim", TRIALS, network);
    write_reals(&file, "/trials/pipeline.test.ssim", TRIALS, pipeline);
    check(hdf5_write_texts(&file, "/trials/status", states, TRIALS, &error), &error);
    for (int i = 0; i < TRIALS - 1; i++) {
        snprintf(path, sizeof path, "/curves/%05d/validation.ssim", i);
        write_reals(&file, path, 2, curve);
    }
    write_attributes(&file);
    check(hdf5_close(&file, &error), &error);
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    if (!mkdtemp(folder))
        abort();
    snprintf(results, sizeof results, "%s/six.h5", folder);
    snprintf(description, sizeof description, "%s/paper.yaml", folder);
    make_results();
    atexit(clean);
    return 0;
}

/* What is sound must be told whole: each number and table has a text, or waits for results. */
static void print(const struct paper *paper)
{
    struct text text = {0};
    struct error error = {0};

    paper_numbers_text(paper, &text);
    paper_results_text(paper, &text);
    check(text_status(&text, &error), &error);
    for (size_t i = 0; i < paper->number_count; i++)
        if (!paper->numbers[i].text && paper->numbers[i].source && paper->numbers[i].source->there)
            abort();
    text_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct diagnostics found = {0};
    struct error error = {0};
    struct paper paper;
    FILE *file = fopen(description, "wb");

    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
    check(paper_load(&paper, description, folder, &found, &error), &error);
    if (found.count == 0)
        print(&paper);
    diagnostics_release(&found);
    paper_release(&paper);
    return 0;
}
