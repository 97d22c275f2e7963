/* Checks of the filter against what the network is to give. */
#include "filters/own_network.h"
#include "plan/check/checker.h"

/* The family of the filter's own networks: does it serve, and can it be laid out? */
static enum status check_own_network(struct checker *checker, struct error *error)
{
    static const char path[] = "filter.network";
    const struct component *family = filter_own_network(&READ(checker, filter));
    enum content target = check_part(checker)->target;
    struct arena arena = {0};
    struct error fault = {0};
    struct node_spec *nodes = NULL;
    size_t count = 0;
    enum status status = STATUS_OK;

    if (!check_sound(checker, "filter") || !family)
        goto out;
    if (!family_serves(family->kind, target)) {
        TRY(check_unfit(checker, path, family->kind->name, error));
        goto out;
    }
    enum status answer =
        family_expand(family, 1, family_example_answer(target), &arena, &nodes, &count, &fault);
    if (answer == STATUS_CONFIG) {
        char text[sizeof fault.message];
        error_text(&fault, text, sizeof text);
        TRY(check_mistake(checker, path, error, "%s", text));
    } else if (answer != STATUS_OK) {
        *error = fault;
        status = answer;
    }
out:
    arena_release(&arena);
    return status;
}

/* Are there enough of the pipeline's labels? Others are all kept. */
static enum status check_least(struct checker *checker, const struct filter *filter,
                               struct error *error)
{
    struct shape image;
    struct answer answer;

    if (!filter->least || !check_sound(checker, "filter") ||
        !check_sound(checker, "dataset.unlabelled") || !check_sound(checker, "train.labels") ||
        READ(checker, train.labels) != LABELS_PIPELINE)
        return STATUS_OK;
    int64_t images = READ(checker, dataset.unlabelled);
    check_image_shape(checker, &image, &answer);
    size_t least = filter->least(READ(checker, filter).config, answer.count);
    if (images == COUNT_ALL || images == 0 || (size_t)images >= least)
        return STATUS_OK;
    return check_mistake(checker, "dataset.unlabelled", error,
                         "filter '%s' needs at least %zu images that the pipeline labels",
                         filter->descriptor.name, least);
}

/* Can the pipeline be asked again? Where it begins with recorded answers, it cannot. */
static enum status check_asked(struct checker *checker, const struct filter *filter,
                               struct error *error)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);
    const struct part *part = check_part(checker);

    if (!filter->asks_again || !part->known || part->first > 0 || stages->count == 0)
        return STATUS_OK;
    const struct stage *stage = (const void *)stages->items[0].kind;
    if (!stage->recorded)
        return STATUS_OK;
    return check_mistake(checker, "filter.method", error,
                         "'%s' asks the pipeline about changed inputs, and its labels are recorded",
                         filter->descriptor.name);
}

enum status check_filter(struct checker *checker, struct error *error)
{
    const struct part *part = check_part(checker);
    const struct filter *filter = (const void *)READ(checker, filter).kind;

    if (!check_sound(checker, "filter.method") || !check_sound(checker, "task") || !filter)
        return STATUS_OK;
    enum content target = part->target == CONTENT_FEATURES ? CONTENT_IMAGE : part->target;
    if (!(filter->serves >> target & 1)) {
        PASS(check_unfit(checker, "filter.method", filter->descriptor.name, error));
        return STATUS_OK;
    }
    if (filter->sees_truth && part->cut)
        PASS(check_mistake(checker, "filter.method", error,
                           "'%s' compares labels with ground truth, which is what the whole "
                           "pipeline should give; the network takes over stages before its end",
                           filter->descriptor.name));
    PASS(check_asked(checker, filter, error));
    PASS(check_least(checker, filter, error));
    return check_own_network(checker, error);
}
