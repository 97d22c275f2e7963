#include "trial/evaluation/evaluation.h"

#include "trial/evaluation/cases.h"
#include "trial/evaluation/difference.h"
#include "trial/evaluation/evaluation_int8.h"
#include "trial/evaluation/score_columns.h"
#include "trial/evaluation/weakest.h"
#include "trial/label_noise.h"
#include "trial/trial_network.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

/* Over how many images scores are, where some have no truth. */
static enum status record_known(struct record *record, const char *split, const struct truth *truth,
                                struct text *notes, struct error *error)
{
    char name[NAME];

    if (!truth->known)
        return STATUS_OK;
    if (truth_is_absent(truth) && strcmp(split, "test") == 0)
        text_append(notes, "%sno ground truth: agreement is what is judged",
                    notes->length ? "; " : "");
    snprintf(name, sizeof name, "%s.truth_images", split);
    return record_integer(record, name, (int64_t)truth->known_count, error);
}

/* Of one split against its truth: of all that gave outputs; on the test split, what the network
 * has more or less than the pipeline. */
static enum status score_truth(struct record *record, const struct splits *splits,
                               enum split_name name, const char *text, int threads,
                               const struct image_set *outputs, struct text *notes,
                               struct rankings *rankings, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_scores each = {{NULL}};
    struct scores scores;

    if (truth_is_absent(&splits->truth[name]))
        return name == SPLIT_TEST
                   ? weakest_agreement(record, splits, outputs, threads, rankings, error)
                   : STATUS_OK;
    if (name == SPLIT_TEST)
        TRY(difference_begin(splits->task, outputs->count, &each, error));
    TRY(splits_score_stored(splits, name, outputs, "the network", threads, &scores, &each, error));
    if (splits->task->judges_input)
        TRY(score_columns_truth(record, "degraded", text, splits, &splits->degraded[name], notes,
                                error));
    TRY(score_columns_truth(record, "pipeline", text, splits, &splits->pipeline[name], notes,
                            error));
    TRY(score_columns_truth(record, "network", text, splits, &scores, notes, error));
    if (name == SPLIT_TEST)
        TRY(difference_record(record, splits, &each, threads, rankings, error));
out:
    difference_end(&each);
    return status;
}

/* The network's outputs on one split, and their scores. */
static enum status score_split(struct record *record, const struct trial *trial,
                               const struct splits *splits, const struct trained *trained,
                               enum split_name name, const char *text, int threads,
                               struct image_set *outputs, struct text *notes,
                               struct rankings *rankings, struct error *error)
{
    PASS(trial_apply(trial, splits, &splits->items[name], trained->parameters, trained->statistics,
                     threads, outputs, error));
    PASS(record_known(record, text, &splits->truth[name], notes, error));
    PASS(score_truth(record, splits, name, text, threads, outputs, notes, rankings, error));
    PASS(evaluation_confusion(record, trial, splits, name, outputs, error));
    return score_columns_agreement(record, "network", text, splits, name, threads, outputs, error);
}

enum status evaluation_scores(struct record *record, const struct trial *trial,
                              const struct splits *splits, const struct trained *trained,
                              int threads, struct error *error)
{
    static const struct {
        enum split_name name;
        const char *text;
    } scored[] = {
        {SPLIT_UNLABELLED, "train"}, {SPLIT_VALIDATION, "validation"}, {SPLIT_TEST, "test"}};
    enum status status = STATUS_OK;
    struct image_set outputs = {0};
    struct text notes = {0};
    struct rankings rankings = {0}; /* of the test split alone */

    text_append(&notes, "%s", splits->notes.length ? splits->notes.bytes : "");
    for (size_t i = 0; i < sizeof scored / sizeof *scored; i++) {
        image_set_release(&outputs);
        TRY(score_split(record, trial, splits, trained, scored[i].name, scored[i].text, threads,
                        &outputs, &notes, &rankings, error));
    }
    TRY(evaluation_int8(record, trial, splits, trained, threads, &notes, error));
    TRY(text_status(&notes, error));
    if (notes.length)
        TRY(record_text(record, "notes", notes.bytes, error));
    TRY(label_noise_record(splits, trial, record, error));
    TRY(evaluation_examples(record, splits, &outputs, (size_t)trial->experiment.store.examples,
                            error)); /* outputs: of the test split, the last */
    TRY(cases_record(record, splits, &outputs, &rankings, (size_t)trial->experiment.store.cases,
                     error));
    TRY(evaluation_numbers(record, splits, &outputs, error));
    TRY(evaluation_activations(record, trial, splits, trained, threads, error));
out:
    text_release(&notes);
    image_set_release(&outputs);
    return status;
}
