/*
 * The k nearest neighbours.
 *
 * T. Cover, P. Hart, "Nearest neighbor pattern classification", IEEE Trans. Information Theory
 * 13(1), 1967; `distance`: S. Dudani, "The distance-weighted k-nearest-neighbor rule", IEEE Trans.
 * Systems, Man, and Cybernetics 6(4), 1976, here with weights 1 / distance.
 *
 * A class's score is its share of the votes of those k hand-labelled images whose features lie
 * nearest by Euclidean distance (of equally near ones, the first). With `distance`, an image that
 * lies at one of them, or at several, hears these alone.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "pipelines/feature_examples.h"

#include <math.h>
#include <string.h>

enum { LANES = 16, STREAM = 4 /* part of random_index() */ };
enum weights { WEIGHTS_UNIFORM, WEIGHTS_DISTANCE };

static const char *const weight_names[] = {"uniform", "distance", NULL};

struct knn {
    int64_t neighbours, weights, examples;
};

static const struct field fields[] = {
    {"neighbours", FIELD_INTEGER, offsetof(struct knn, neighbours), .minimum = 1, .maximum = 1000,
     .default_value = "5", .help = "neighbours that vote (k)"},
    {"weights", FIELD_CHOICE, offsetof(struct knn, weights), .default_value = "uniform",
     .help = "whether near neighbours weigh more than far ones", .choices = weight_names},
    {"examples", FIELD_INTEGER, offsetof(struct knn, examples), .minimum = 1, .maximum = 10000000,
     .default_value = "10000",
     .help = "images to remember; drawn at random where there are more. Operations are counted for "
             "as many"},
    {0},
};

struct memory_of_examples {
    size_t count, length;
    float *features;   /* [count][length] */
    uint8_t classes[]; /* [count] */
};

static void knn_release(void *state)
{
    struct memory_of_examples *memory = state;

    memory_free(memory->features);
    memory_free(memory);
}

/* All of them in order, or some in a random one. */
static enum status remember(const struct stage_examples *examples,
                            struct memory_of_examples *memory, struct error *error)
{
    size_t length = memory->length, all = examples->inputs->count;
    struct random_stream stream =
        random_stream(examples->key, RANDOM_FIT, random_index(STREAM, examples->number));
    uint32_t *order = NULL;

    PASS(memory_new(&memory->features, memory->count * length, sizeof(float), error));
    PASS(memory_new(&order, all, sizeof *order, error));
    for (size_t i = 0; i < all; i++)
        order[i] = (uint32_t)i;
    if (memory->count < all)
        random_permutation(&stream, order, (uint32_t)all);
    for (size_t i = 0; i < memory->count; i++) {
        memory->classes[i] = examples->classes[order[i]];
        memcpy(memory->features + i * length, image_set_at(examples->inputs, order[i]).pixels,
               length * sizeof(float));
    }
    memory_free(order);
    return STATUS_OK;
}

static enum status knn_fit(const void *config, const struct stage_examples *examples, void **state,
                           struct error *error)
{
    const struct knn *knn = config;
    struct memory_of_examples *memory = NULL;
    size_t count = examples->inputs->count;

    *state = NULL;
    PASS(examples_classified(examples, error));
    count = count < (size_t)knn->examples ? count : (size_t)knn->examples;
    if (count < (size_t)knn->neighbours)
        return error_set(error, STATUS_CONFIG, "%d neighbours cannot be found among %zu images",
                         (int)knn->neighbours, count);
    PASS(memory_new(&memory, 1, sizeof *memory + count, error));
    memory->count = count;
    memory->length = shape_size(examples->inputs->shapes[0]);
    enum status status = remember(examples, memory, error);
    if (status == STATUS_OK)
        *state = memory;
    else
        knn_release(memory);
    return status;
}

/* The squared distance, by lanes that are added in order. */
WIDE_VECTORS
static float squared_distance(const float *a, const float *b, size_t length)
{
    size_t whole = length / LANES * LANES;
    float sums[LANES] = {0}, sum = 0;

    for (size_t k = 0; k < whole; k += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            sums[lane] += (a[k + lane] - b[k + lane]) * (a[k + lane] - b[k + lane]);
    for (size_t k = whole; k < length; k++)
        sums[k - whole] += (a[k] - b[k]) * (a[k] - b[k]);
    for (size_t lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

/* The nearest so far, nearest first. */
struct neighbours {
    float *distances, *classes; /* [most] */
    size_t count, most;
};

static void meet(struct neighbours *near, float distance, float class)
{
    if (near->count == near->most && !(distance < near->distances[near->most - 1]))
        return;
    if (near->count < near->most)
        near->count++;
    size_t at = near->count - 1;
    for (; at > 0 && distance < near->distances[at - 1]; at--) {
        near->distances[at] = near->distances[at - 1];
        near->classes[at] = near->classes[at - 1];
    }
    near->distances[at] = distance;
    near->classes[at] = class;
}

static float weight_of(const struct knn *knn, const struct neighbours *near, size_t i)
{
    if (knn->weights == WEIGHTS_UNIFORM)
        return 1;
    if (near->distances[0] == 0)
        return near->distances[i] == 0 ? 1 : 0;
    return 1 / sqrtf(near->distances[i]);
}

static void knn_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct knn *knn = config;
    const struct memory_of_examples *memory = state;
    size_t most = (size_t)knn->neighbours, classes = shape_size(out.shape);
    struct neighbours near = {scratch, scratch + most, 0, most};
    float total = 0;

    for (size_t i = 0; i < memory->count && !interrupt_requested(); i++)
        meet(&near,
             squared_distance(in.pixels, memory->features + i * memory->length, memory->length),
             memory->classes[i]);
    memset(out.pixels, 0, classes * sizeof *out.pixels);
    for (size_t i = 0; i < near.count; i++) {
        float weight = weight_of(knn, &near, i);
        out.pixels[(size_t)near.classes[i]] += weight;
        total += weight;
    }
    for (size_t c = 0; c < classes; c++)
        out.pixels[c] /= total;
}

static size_t knn_scratch(const void *config, struct shape in)
{
    const struct knn *knn = config;

    (void)in;
    return 2 * (size_t)knn->neighbours;
}

/* Of as many examples as may be remembered; in the mean, few of them are among the nearest. */
static struct operations knn_count(const void *config, struct shape in, struct answer answer)
{
    const struct knn *knn = config;
    double examples = (double)knn->examples, length = (double)shape_size(in);
    bool weighs = knn->weights == WEIGHTS_DISTANCE;

    return (struct operations){
        .multiply_adds = examples * length,
        .additions = examples * length + 2 * (double)knn->neighbours,
        .comparisons = examples,
        .divisions = answer.count + (weighs ? 2 * (double)knn->neighbours : 0),
        .lookups = (double)knn->neighbours,
    };
}

const struct stage stage_knn = {
    .descriptor = {"knn", "classes of the k nearest hand-labelled images",
                   "Cover, Hart, Nearest neighbor pattern classification, IEEE Trans. Information "
                   "Theory 13(1), 1967",
                   fields, sizeof(struct knn), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_SCORES,
    .shape = features_to_scores,
    .fit = knn_fit,
    .release = knn_release,
    .scratch = knn_scratch,
    .run = knn_run,
    .count = knn_count,
};
