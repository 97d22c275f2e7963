/*
 * Checks of sizes, as far as they are known before any data are read: every image of some data sets
 * has one shape, and patches have that which the file gives them. What does not fit here, no run
 * could do.
 */
#include "chain/chain.h"
#include "filters/own_network.h"
#include "graph/network.h"
#include "interfaces/dataset.h"
#include "plan/check/checker.h"
#include "tasks/registry.h"

bool check_image_shape(struct checker *checker, struct shape *shape, struct answer *answer)
{
    const struct component *source = check_source(checker);
    const struct dataset *dataset = (const void *)source->kind;

    *shape = (struct shape){0, 0, 0};
    *answer = (struct answer){CONTENT_IMAGE, 0};
    if (!check_sound(checker, "dataset") || !check_sound(checker, "task") || !dataset ||
        !dataset->shape)
        return false;
    answer->content = checker->task->labels;
    dataset->shape(source->config, answer->content, shape, &answer->count);
    return shape_plane(*shape) > 0 && (answer->content == CONTENT_IMAGE || answer->count > 0);
}

/* Do images stay images, of one size, through all stages up to `last`? */
static bool keeps_size(struct checker *checker, size_t last)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);

    for (size_t i = 0; i < last; i++)
        if (!content_is_spatial(stages_output(stages, i + 1, checker->task)))
            return false;
    return true;
}

/* What the network takes and gives for whole images. `known` is false where that is open, or where
 * the pipeline has a mistake. */
static enum status whole_shapes(struct checker *checker, struct sizes *sizes, bool *known,
                                struct error *error)
{
    struct error fault = {0};
    struct shape image;
    struct answer answer;

    *known = check_image_shape(checker, &image, &answer) && check_part(checker)->known;
    if (!*known)
        return STATUS_OK;
    enum status status = experiment_shapes(checker->unrecorded, &sizes->input, &sizes->target,
                                           &sizes->answer, &fault);
    *known = status == STATUS_OK;
    if (status == STATUS_OK || status == STATUS_CONFIG)
        return STATUS_OK;
    *error = fault;
    return status;
}

enum status check_training_sizes(struct checker *checker, struct sizes *sizes, bool *known,
                                 struct error *error)
{
    const struct part *part = check_part(checker);
    int side = (int)READ(checker, dataset.patch.size);

    *known = false;
    if (!check_sound(checker, "dataset.patch") || !part->known)
        return STATUS_OK;
    PASS(whole_shapes(checker, sizes, known, error));
    if (side == 0 || !content_is_spatial(part->target) || !keeps_size(checker, part->last))
        return STATUS_OK;
    if (!*known) /* how many channels, the data will tell */
        *sizes = (struct sizes){{1, side, side}, {1, side, side}, {part->target, 1}};
    sizes->input.height = sizes->input.width = side;
    sizes->target.height = sizes->target.width = side;
    *known = true;
    return STATUS_OK;
}

/* Can the family be built so? Whole images that are too large are seen in tiles. */
static enum status check_family(struct checker *checker, const struct component *family,
                                const char *path, struct sizes sizes, bool whole,
                                struct error *error)
{
    struct network network = {0};
    struct error fault = {0};
    char text[sizeof fault.message];
    enum status status = network_new(&network, family, sizes.input, sizes.answer, &fault);

    if (status == STATUS_OK && content_is_spatial(sizes.answer.content) &&
        (sizes.target.height != sizes.input.height || sizes.target.width != sizes.input.width))
        status = error_set(&fault, STATUS_CONFIG,
                           "%s gives something for each pixel of %d x %d, and the stages that it "
                           "takes over make %d x %d of them",
                           family->kind->name, sizes.input.height, sizes.input.width,
                           sizes.target.height, sizes.target.width);
    if (status == STATUS_OK && !whole)
        status = network_check_size(&network, &fault);
    network_release(&network);
    if (status == STATUS_CONFIG) {
        error_text(&fault, text, sizeof text);
        return check_mistake(checker, path, error, "%s", text);
    }
    if (status != STATUS_OK)
        *error = fault;
    return status;
}

/* Whole images are raised to sides that the family takes, where labels are of pixels. */
static enum status check_whole(struct checker *checker, const struct component *family,
                               struct error *error)
{
    struct sizes sizes;
    bool known;

    PASS(whole_shapes(checker, &sizes, &known, error));
    if (!known || !content_is_spatial(check_part(checker)->target) ||
        sizes.input.height != sizes.target.height || sizes.input.width != sizes.target.width)
        return STATUS_OK;
    PASS(family_fit(family, &sizes.input, error));
    sizes.target.height = sizes.input.height;
    sizes.target.width = sizes.input.width;
    return check_family(checker, family, "network", sizes, true, error);
}

/* Other mistakes are reported first, since sizes follow from them. */
enum status check_pipeline_size(struct checker *checker, struct error *error)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);
    struct shape image;
    struct answer answer;

    if (checker->found->count || !check_sound(checker, "pipeline.stages") ||
        !check_image_shape(checker, &image, &answer))
        return STATUS_OK;
    return chain_check(stages, checker->task, image, answer, "pipeline.stages", checker->found,
                       error);
}

enum status check_network_size(struct checker *checker, struct error *error)
{
    const struct component *family = &READ(checker, network);
    struct sizes sizes;
    bool known;

    if (checker->found->count || !check_sound(checker, "network") || !family->kind)
        return STATUS_OK;
    PASS(check_training_sizes(checker, &sizes, &known, error));
    if (known)
        PASS(check_family(checker, family, "network", sizes, false, error));
    if (checker->found->count == 0 && READ(checker, dataset.patch.size) > 0)
        PASS(check_whole(checker, family, error));
    return STATUS_OK;
}

enum status check_filter_size(struct checker *checker, struct error *error)
{
    const struct component *family = filter_own_network(&READ(checker, filter));
    struct sizes sizes;
    bool known;

    if (checker->found->count || !check_sound(checker, "filter") || !family)
        return STATUS_OK;
    PASS(check_training_sizes(checker, &sizes, &known, error));
    if (known)
        PASS(check_family(checker, family, "filter.network", sizes, false, error));
    return STATUS_OK;
}

enum status check_patch_size(struct checker *checker, struct error *error)
{
    int side = (int)READ(checker, dataset.patch.size);
    struct shape image;
    struct answer answer;

    if (side == 0 || !check_sound(checker, "dataset.patch") ||
        !check_image_shape(checker, &image, &answer) ||
        (image.height >= side && image.width >= side))
        return STATUS_OK;
    return check_mistake(checker, "dataset.patch.size", error,
                         "a patch of %d pixels does not fit in an image of %d x %d", side,
                         image.height, image.width);
}

/* Images that the data set has for training and for testing, where that never changes. */
enum status check_pools(struct checker *checker, struct error *error)
{
    const struct dataset *source =
        (const void *)READ_AT(checker, dataset.source.kind, "dataset.name");

    if (!check_sound(checker, "dataset") || !source || source->train == 0)
        return STATUS_OK;
    int64_t manual = READ(checker, dataset.manual), validation = READ(checker, dataset.validation);
    int64_t unlabelled = READ(checker, dataset.unlabelled), test = READ(checker, dataset.test);
    bool overlap = READ(checker, dataset.overlap);
    int64_t asked = validation + (overlap ? 0 : manual);
    asked += unlabelled == COUNT_ALL ? 1 : unlabelled;
    asked = asked > validation + manual ? asked : validation + manual;
    if (asked > (int64_t)source->train)
        PASS(check_mistake(checker, "dataset.unlabelled", error,
                           "manual, unlabelled and validation images are more than the %zu that "
                           "data set '%s' has for training%s",
                           source->train, source->descriptor.name,
                           overlap ? ", even though the first two may overlap" : ""));
    if (test > (int64_t)source->test)
        PASS(check_mistake(checker, "dataset.test", error,
                           "data set '%s' has %zu images for testing", source->descriptor.name,
                           source->test));
    return STATUS_OK;
}
