/* What the filter said of the labels: how many it dropped and why, how suspect all of them are, and
 * the most suspect ones, with their images where the file holds them. */
#include "interfaces/filter.h"
#include "report/page/page_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_FLAGGED = 60, MOST_FILTERS = 24, LEAST_BINS = 8, MOST_BINS = 40 };

static const char *const reasons[FILTER_REASONS] = {
    [FILTER_KEPT] = "kept",
    [FILTER_RANDOM] = "drawn at random",
    [FILTER_RESIDUAL] = "largest residual",
    [FILTER_DISAGREEMENT] = "prediction disagrees",
    [FILTER_CONFIDENT] = "confident prediction disagrees",
    [FILTER_MARGIN] = "smallest margin while training",
    [FILTER_LOSS] = "largest loss early on",
    [FILTER_PATCH] = "a part has a large residual",
    [FILTER_TRUTH] = "truly wrong",
    [FILTER_REGION] = "region contradicted",
    [FILTER_UNSTABLE] = "pipeline answers unsteadily",
};

/* A trial's rows of /filter. */
struct flags {
    struct arena arena;
    size_t count;
    const uint8_t *reason;
    const float *score;
    const int64_t *image;
};

static enum status read_row(struct page *page, struct flags *flags, size_t trial, const char *name,
                            enum hdf5_type type, const void **values, struct error *error)
{
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/filter/%05zu/%s", trial, name);
    PASS(hdf5_read(page->results->file, path, &flags->arena, &array, error));
    if (array.rank != 1 || array.type != type || (flags->count && array.dims[0] != flags->count))
        return error_set(error, STATUS_DATA, "%s: expected one value of each label", path);
    flags->count = array.dims[0];
    *values = array.values;
    return STATUS_OK;
}

static enum status flags_read(struct flags *flags, struct page *page, size_t trial,
                              struct error *error)
{
    const void *reason, *score, *image;

    PASS(read_row(page, flags, trial, "reason", HDF5_UINT8, &reason, error));
    PASS(read_row(page, flags, trial, "score", HDF5_FLOAT32, &score, error));
    PASS(read_row(page, flags, trial, "image", HDF5_INT64, &image, error));
    flags->reason = reason;
    flags->score = score;
    flags->image = image;
    return STATUS_OK;
}

/* How many labels have each reason. */
static void add_reasons(struct page *page, const struct flags *flags)
{
    size_t counts[FILTER_REASONS + 1] = {0};

    for (size_t i = 0; i < flags->count; i++)
        counts[flags->reason[i] < FILTER_REASONS ? flags->reason[i] : FILTER_REASONS]++;
    json_key(&page->json, "reasons");
    json_open(&page->json, "{");
    for (size_t r = 0; r <= FILTER_REASONS; r++)
        if (counts[r])
            page_count(page, r < FILTER_REASONS ? reasons[r] : "unknown", counts[r]);
    json_close(&page->json, "}");
}

/* Labels by score, kept and dropped: the bins' edges, and how many lie in each. */
static void add_histogram(struct page *page, const struct flags *flags)
{
    size_t bins = (size_t)fmin(fmax(sqrt((double)flags->count), LEAST_BINS), MOST_BINS);
    double counts[2][MOST_BINS] = {{0}}, low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < flags->count; i++)
        if (isfinite(flags->score[i])) {
            low = fmin(low, (double)flags->score[i]);
            high = fmax(high, (double)flags->score[i]);
        }
    if (!(high > low))
        return;
    for (size_t i = 0; i < flags->count; i++)
        if (isfinite(flags->score[i])) {
            size_t bin = (size_t)(((double)flags->score[i] - low) / (high - low) * (double)bins);
            counts[flags->reason[i] != FILTER_KEPT][bin < bins ? bin : bins - 1]++;
        }
    page_numbers(page, "range", (double[]){low, high}, 2, PAGE_SHORT);
    page_numbers(page, "kept", counts[0], bins, PAGE_SHORT);
    page_numbers(page, "dropped", counts[1], bins, PAGE_SHORT);
}

/* Is label `a` to be told before `b`? The more suspect, then the earlier one. */
static bool before(const struct flags *flags, size_t a, size_t b)
{
    if (flags->score[a] != flags->score[b])
        return flags->score[a] > flags->score[b];
    return a < b;
}

/* The most suspect ones of those that were dropped. */
static void add_flagged(struct page *page, const struct flags *flags)
{
    size_t most[MOST_FLAGGED], count = 0;

    for (size_t i = 0; i < flags->count; i++) {
        if (flags->reason[i] == FILTER_KEPT)
            continue;
        size_t at = count < MOST_FLAGGED ? count++ : MOST_FLAGGED;
        if (at == MOST_FLAGGED && !before(flags, i, most[--at]))
            continue;
        for (; at > 0 && before(flags, i, most[at - 1]); at--)
            most[at] = most[at - 1];
        most[at] = i;
    }
    json_key(&page->json, "flagged");
    json_open(&page->json, "[");
    for (size_t k = 0; k < count; k++) {
        uint8_t reason = flags->reason[most[k]];
        json_next(&page->json);
        json_open(&page->json, "{");
        page_count(page, "item", most[k]);
        page_count(page, "image", (size_t)flags->image[most[k]]);
        json_pair(&page->json, "reason", reason < FILTER_REASONS ? reasons[reason] : "unknown");
        json_key(&page->json, "score");
        page_number(page, (double)flags->score[most[k]], PAGE_SHORT);
        json_close(&page->json, "}");
    }
    json_close(&page->json, "]");
}

static enum status add_filter(struct page *page, size_t trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct flags flags = {0};

    TRY(flags_read(&flags, page, trial, error));
    json_next(&page->json);
    json_open(&page->json, "{");
    page_count(page, "trial", trial);
    page_count(page, "labels", flags.count);
    add_reasons(page, &flags);
    add_histogram(page, &flags);
    add_flagged(page, &flags);
    TRY(page_flagged(page, trial, error));
    json_close(&page->json, "}");
out:
    arena_release(&flags.arena);
    return status;
}

enum status page_labels(struct page *page, struct error *error)
{
    size_t filters = 0;
    char group[64];

    json_key(&page->json, "filters");
    json_open(&page->json, "[");
    for (size_t p = 0; p < page->points.count && filters < MOST_FILTERS; p++) {
        size_t trial = page_first_done(page, p);
        snprintf(group, sizeof group, "/filter/%05zu", trial);
        if (trial >= page->shown || !hdf5_is_group(page->results->file, group))
            continue;
        PASS(add_filter(page, trial, error));
        filters++;
    }
    json_close(&page->json, "]");
    return STATUS_OK;
}
