#include "trial/evaluation/evaluation_int8.h"

#include "quantize/run.h"
#include "trial/calibration.h"
#include "trial/evaluation/score_columns.h"
#include "trial/training_set.h"

enum { QUANTIZED_SPLITS = 2 };

static const struct {
    enum split_name name;
    const char *text;
} scored[QUANTIZED_SPLITS] = {{SPLIT_VALIDATION, "validation"}, {SPLIT_TEST, "test"}};

static enum status quantise(const struct trial *trial, const struct splits *splits,
                            const struct network *network, const struct trained *trained,
                            struct activation_ranges *ranges, struct quantized_network *quantized,
                            struct error *error)
{
    PASS(trial_ranges(trial, splits, trained, ranges, error));
    return quantized_new(quantized, network, trained->parameters, trained->statistics, ranges,
                         error);
}

/* Does a network stay in float32 for this reason? Others are faults of the trial. */
static bool stays_float(enum status status)
{
    return status == STATUS_UNAVAILABLE || status == STATUS_DIVERGED || status == STATUS_CONFIG;
}

/* What the quantised network gives, before the pipeline's last stages. */
static enum status answer(const struct trial *trial, const struct splits *splits,
                          const struct trained *trained, int threads,
                          struct image_set raw[QUANTIZED_SPLITS], size_t *bytes,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct activation_ranges ranges = {0};
    struct quantized_network quantized = {0};
    struct shape input;

    TRY(training_set_shape(&trial->experiment, splits, &input, error));
    TRY(trial_network(trial, splits, input, &network, error));
    TRY(quantise(trial, splits, &network, trained, &ranges, &quantized, error));
    *bytes = quantized_bytes(&quantized);
    for (size_t i = 0; i < QUANTIZED_SPLITS; i++) {
        const struct split *split = &splits->items[scored[i].name];
        if (split->network_in.count)
            TRY(quantized_apply(&quantized, &trial->experiment.network, &split->network_in,
                                splits_label(splits), threads, &raw[i], error));
    }
out:
    quantized_release(&quantized);
    activation_ranges_release(&ranges);
    network_release(&network);
    return status;
}

static enum status score(struct record *record, const struct splits *splits, size_t i,
                         const struct image_set *raw, int threads, struct text *notes,
                         struct error *error)
{
    static const char who[] = "network.int8";
    enum status status = STATUS_OK;
    enum split_name name = scored[i].name;
    struct image_set outputs = {0};
    struct scores scores;

    TRY(trial_carry_on(splits, &splits->items[name], raw, threads, &outputs, error));
    if (!truth_is_absent(&splits->truth[name])) {
        TRY(splits_score_stored(splits, name, &outputs, "the network in integers", threads, &scores,
                                NULL, error));
        TRY(score_columns_truth(record, who, scored[i].text, splits, &scores, notes, error));
    }
    TRY(score_columns_agreement(record, who, scored[i].text, splits, name, threads, &outputs,
                                error));
out:
    image_set_release(&outputs);
    return status;
}

enum status evaluation_int8(struct record *record, const struct trial *trial,
                            const struct splits *splits, const struct trained *trained, int threads,
                            struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set raw[QUANTIZED_SPLITS] = {{0}};
    struct error why = {0};
    size_t bytes = 0;

    if (!trial->experiment.quantize.given)
        return STATUS_OK;
    status = answer(trial, splits, trained, threads, raw, &bytes, &why);
    if (stays_float(status)) {
        text_append(notes, "%sno int8 scores: %s", notes->length ? "; " : "", why.message);
        status = STATUS_OK;
        goto out;
    }
    if (status != STATUS_OK) {
        if (error)
            *error = why;
        goto out;
    }
    for (size_t i = 0; i < QUANTIZED_SPLITS; i++)
        TRY(score(record, splits, i, &raw[i], threads, notes, error));
    TRY(record_integer(record, "network.int8.bytes", (int64_t)bytes, error));
out:
    for (size_t i = 0; i < QUANTIZED_SPLITS; i++)
        image_set_release(&raw[i]);
    return status;
}

static enum status record_ranges(struct record *record, const struct activation_ranges *ranges,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    size_t rows = 1 + ranges->count;
    float *values = NULL;

    TRY(memory_new(&values, rows, 2 * sizeof *values, error));
    for (size_t i = 0; i < rows; i++) {
        struct value_range range = i ? ranges->nodes[i - 1] : ranges->input;
        values[2 * i] = range.low;
        values[2 * i + 1] = range.high;
    }
    struct hdf5_array array = {
        .type = HDF5_FLOAT32, .rank = 2, .dims = {rows, 2}, .values = values};
    TRY(record_array(record, "network/ranges", &array, error));
out:
    memory_free(values);
    return status;
}

enum status evaluation_ranges(struct record *record, const struct trial *trial,
                              const struct splits *splits, const struct network *network,
                              const struct trained *trained, struct error *error)
{
    enum status status = STATUS_OK;
    struct activation_ranges ranges = {0};
    struct quantized_network quantized = {0};
    struct error why = {0};

    if (!trial->experiment.quantize.given)
        return STATUS_OK;
    status = quantise(trial, splits, network, trained, &ranges, &quantized, &why);
    if (status == STATUS_OK) {
        TRY(record_ranges(record, &ranges, error));
    } else if (stays_float(status)) {
        status = STATUS_OK; /* the trial's notes say why */
    } else if (error) {
        *error = why;
    }
out:
    quantized_release(&quantized);
    activation_ranges_release(&ranges);
    return status;
}
