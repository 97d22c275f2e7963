/*
 * Random forests.
 *
 * L. Breiman, "Random forests", Machine Learning 45(1), 2001; the trees: L. Breiman, J. Friedman,
 * R. Olshen, C. Stone, "Classification and regression trees", 1984.
 *
 * Each tree learns from as many hand-labelled images as there are, drawn with repetition. A node
 * tries some features, drawn at random, and splits halfway between two of the values where Gini's
 * impurity of the two parts is smallest (of equal ones, the first); features that do not vary there
 * are not counted. A class's score is the share of trees whose leaf it leads (of equal ones, the
 * first).
 *
 * Draws belong to a tree: trees grow side by side with the same bits.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "interfaces/stage.h"
#include "pipelines/feature_examples.h"
#include "pipelines/ordered_words.h"

#include <math.h>
#include <string.h>

enum { STREAM = 5 /* part of random_index() */, MOST_DEPTH = 64, FEW = 48, LEAF = -1 };

struct random_forest {
    int64_t trees, depth, features, leaf;
    bool bootstrap;
};

#define OF(name) offsetof(struct random_forest, name)
static const struct field fields[] = {
    {"trees", FIELD_INTEGER, OF(trees), .minimum = 1, .maximum = 10000, .default_value = "100",
     .help = "trees that vote"},
    {"depth", FIELD_INTEGER, OF(depth), .minimum = 1, .maximum = MOST_DEPTH, .default_value = "20",
     .help = "splits one after another at most. Operations are counted for as many"},
    {"features", FIELD_INTEGER, OF(features), .minimum = 0, .maximum = 10000000,
     .default_value = "0",
     .help = "features that a node tries; 0: the square root of their number"},
    {"leaf", FIELD_INTEGER, OF(leaf), .minimum = 1, .maximum = 1000000, .default_value = "1",
     .unit = "images", .help = "images in a leaf at least"},
    {"bootstrap", FIELD_BOOLEAN, OF(bootstrap), .default_value = "true",
     .help = "whether each tree draws its images; else it learns from all"},
    {0},
};

struct tree_node {
    int32_t feature; /* LEAF: there is none */
    uint32_t left;   /* the right one is the next; a leaf's class */
    float threshold; /* the left one's features are not larger */
};

struct forest {
    size_t trees, most;       /* nodes a tree has room for */
    struct tree_node nodes[]; /* [trees][most] */
};

/* One thread's working memory. */
struct grower {
    uint32_t *order, *features; /* images of the tree, node by node; a permutation */
    uint64_t *values, *moved;   /* of a node's images: value and image */
    double left[CLASSIFIER_MOST_CLASSES], right[CLASSIFIER_MOST_CLASSES];
    struct random_stream stream;
};

struct growth {
    const struct random_forest *settings;
    const struct stage_examples *examples;
    struct forest *forest;
    struct grower *growers; /* [threads] */
    size_t images, length, tries;
};

/* Images [first, first + count) of the order. */
struct node_images {
    size_t node, first, count;
    int depth;
};

struct tree_split {
    int32_t feature;
    float threshold;
    double purity;
};

static float feature_of(const struct growth *growth, size_t image, size_t feature)
{
    return growth->examples->inputs->pixels[image * growth->length + feature];
}

static void sort_few(uint64_t *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t value = values[i];
        size_t at = i;
        for (; at > 0 && value < values[at - 1]; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/* By the upper half, a byte at a time: four passes end where they began. */
static void sort_many(uint64_t *values, uint64_t *moved, size_t count)
{
    for (int shift = 32; shift < 64; shift += 8) {
        size_t starts[257] = {0};
        for (size_t i = 0; i < count; i++)
            starts[(values[i] >> shift & 255) + 1]++;
        for (size_t b = 0; b < 256; b++)
            starts[b + 1] += starts[b];
        for (size_t i = 0; i < count; i++)
            moved[starts[values[i] >> shift & 255]++] = values[i];
        uint64_t *kept = values;
        values = moved;
        moved = kept;
    }
}

/* The node's images in the order of a feature. */
static void sort_images(const struct growth *growth, struct grower *grower,
                        const struct node_images *node, size_t feature)
{
    for (size_t i = 0; i < node->count; i++) {
        uint32_t image = grower->order[node->first + i];
        grower->values[i] =
            (uint64_t)ordered_word(feature_of(growth, image, feature)) << 32 | image;
    }
    if (node->count <= FEW)
        sort_few(grower->values, node->count);
    else
        sort_many(grower->values, grower->moved, node->count);
}

static float value_at(const struct grower *grower, size_t i)
{
    return ordered_value((uint32_t)(grower->values[i] >> 32));
}

static float halfway(float a, float b)
{
    float middle = a / 2 + b / 2;
    return middle < b && middle >= a ? middle : a;
}

/* Try all thresholds; false where the feature does not vary. */
static bool try_feature(const struct growth *growth, struct grower *grower,
                        const struct node_images *node, size_t feature, struct tree_split *best)
{
    const uint8_t *classes = growth->examples->classes;
    size_t count = node->count, leaf = (size_t)growth->settings->leaf;
    size_t known = (size_t)growth->examples->answer.count;
    double left = 0, right = 0; /* sums of squares */
    bool varies = false;

    sort_images(growth, grower, node, feature);
    memset(grower->left, 0, known * sizeof(double));
    memset(grower->right, 0, known * sizeof(double));
    for (size_t i = 0; i < count; i++)
        grower->right[classes[(uint32_t)grower->values[i]]]++;
    for (size_t c = 0; c < known; c++)
        right += grower->right[c] * grower->right[c];
    for (size_t i = 1; i < count; i++) {
        size_t class = classes[(uint32_t)grower->values[i - 1]];
        left += 2 * grower->left[class]++ + 1;
        right -= 2 * grower->right[class]-- - 1;
        float below = value_at(grower, i - 1), above = value_at(grower, i);
        if (!(below < above))
            continue;
        varies = true;
        double purity = left / (double)i + right / (double)(count - i);
        if (i >= leaf && count - i >= leaf && purity > best->purity)
            *best = (struct tree_split){(int32_t)feature, halfway(below, above), purity};
    }
    return varies;
}

/* The best of some features; LEAF where none splits. */
static struct tree_split find_split(const struct growth *growth, struct grower *grower,
                                    const struct node_images *node)
{
    struct tree_split best = {LEAF, 0, 0};
    size_t tried = 0;

    for (size_t i = 0; i < growth->length; i++) {
        if (interrupt_requested() || (tried >= growth->tries && best.feature != LEAF))
            break;
        uint32_t drawn = random_below(&grower->stream, (uint32_t)(growth->length - i));
        uint32_t *next = &grower->features[i], *other = next + drawn, feature = *other;
        *other = *next;
        *next = feature;
        tried += try_feature(growth, grower, node, feature, &best);
    }
    return best;
}

/* The class that leads in a node; *pure where there is no other. */
static uint32_t leading_class(const struct growth *growth, const struct grower *grower,
                              const struct node_images *node, bool *pure)
{
    uint32_t counts[CLASSIFIER_MOST_CLASSES] = {0}, best = 0;

    for (size_t i = 0; i < node->count; i++)
        counts[growth->examples->classes[grower->order[node->first + i]]]++;
    for (uint32_t c = 1; c < CLASSIFIER_MOST_CLASSES; c++)
        if (counts[c] > counts[best])
            best = c;
    *pure = counts[best] == node->count;
    return best;
}

/* Images of the left part first; their number. */
static size_t part_images(const struct growth *growth, struct grower *grower,
                          const struct node_images *node, const struct tree_split *split)
{
    size_t left = node->first;

    for (size_t i = node->first; i < node->first + node->count; i++) {
        uint32_t image = grower->order[i];
        if (feature_of(growth, image, (size_t)split->feature) <= split->threshold) {
            grower->order[i] = grower->order[left];
            grower->order[left++] = image;
        }
    }
    return left - node->first;
}

/* The left part is grown first, so that as many wait as there are splits above. */
static void grow(const struct growth *growth, struct grower *grower, struct tree_node *nodes)
{
    struct node_images waiting[MOST_DEPTH + 2] = {{0, 0, growth->images, 0}};
    size_t count = 1;
    uint32_t used = 1;

    while (count > 0) {
        struct node_images node = waiting[--count];
        struct tree_split split = {LEAF, 0, 0};
        bool pure;
        uint32_t class = leading_class(growth, grower, &node, &pure);
        if (!pure && node.depth < (int)growth->settings->depth)
            split = find_split(growth, grower, &node);
        if (split.feature == LEAF) {
            nodes[node.node] = (struct tree_node){LEAF, class, 0};
            continue;
        }
        size_t left = part_images(growth, grower, &node, &split);
        nodes[node.node] = (struct tree_node){split.feature, used, split.threshold};
        waiting[count++] =
            (struct node_images){used + 1, node.first + left, node.count - left, node.depth + 1};
        waiting[count++] = (struct node_images){used, node.first, left, node.depth + 1};
        used += 2;
    }
}

static void grow_tree(void *context, size_t index, int thread)
{
    const struct growth *growth = context;
    struct grower *grower = &growth->growers[thread];
    const struct stage_examples *examples = growth->examples;
    uint64_t item = (uint64_t)examples->number << 20 | index;

    if (interrupt_requested())
        return;
    grower->stream = random_stream(examples->key, RANDOM_FIT, random_index(STREAM, item));
    for (size_t i = 0; i < growth->images; i++)
        grower->order[i] = growth->settings->bootstrap
                               ? random_below(&grower->stream, (uint32_t)growth->images)
                               : (uint32_t)i;
    for (size_t k = 0; k < growth->length; k++)
        grower->features[k] = (uint32_t)k;
    grow(growth, grower, growth->forest->nodes + index * growth->forest->most);
}

static void growers_release(struct grower *growers, int threads)
{
    for (int t = 0; growers && t < threads; t++) {
        memory_free(growers[t].order);
        memory_free(growers[t].features);
        memory_free(growers[t].values);
        memory_free(growers[t].moved);
    }
    memory_free(growers);
}

static enum status growers_new(struct growth *growth, int threads, struct error *error)
{
    PASS(memory_new(&growth->growers, (size_t)threads, sizeof *growth->growers, error));
    for (int t = 0; t < threads; t++) {
        struct grower *grower = &growth->growers[t];
        PASS(memory_new(&grower->order, growth->images, sizeof(uint32_t), error));
        PASS(memory_new(&grower->features, growth->length, sizeof(uint32_t), error));
        PASS(memory_new(&grower->values, growth->images, sizeof(uint64_t), error));
        PASS(memory_new(&grower->moved, growth->images, sizeof(uint64_t), error));
    }
    return STATUS_OK;
}

static enum status forest_new(const struct growth *growth, struct forest **forest,
                              struct error *error)
{
    const struct random_forest *settings = growth->settings;
    size_t most = 2 * growth->images, trees = (size_t)settings->trees, nodes;

    if (settings->depth < 30 && most > (size_t)2 << settings->depth)
        most = (size_t)2 << settings->depth;
    if (!memory_multiply(trees, most, &nodes))
        return error_set(error, STATUS_MEMORY, "too many nodes: %zu trees of %zu", trees, most);
    PASS(memory_new(forest, 1, sizeof **forest + nodes * sizeof(struct tree_node), error));
    (*forest)->trees = trees;
    (*forest)->most = most;
    return STATUS_OK;
}

static enum status forest_fit(const void *config, const struct stage_examples *examples,
                              void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct random_forest *settings = config;
    struct growth growth = {.settings = settings, .examples = examples};

    *state = NULL;
    PASS(examples_classified(examples, error));
    growth.images = examples->inputs->count;
    growth.length = shape_size(examples->inputs->shapes[0]);
    growth.tries = (size_t)settings->features;
    if (growth.tries == 0)
        growth.tries = (size_t)sqrt((double)growth.length);
    TRY(forest_new(&growth, &growth.forest, error));
    TRY(growers_new(&growth, examples->threads, error));
    parallel_count(examples->threads, growth.forest->trees, "trees", grow_tree, &growth);
    TRY(interrupt_check(error));
    *state = growth.forest;
    growth.forest = NULL;
out:
    growers_release(growth.growers, examples->threads);
    memory_free(growth.forest);
    return status;
}

static void forest_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    const struct forest *forest = state;
    size_t classes = shape_size(out.shape);

    (void)config, (void)scratch;
    memset(out.pixels, 0, classes * sizeof *out.pixels);
    for (size_t t = 0; t < forest->trees; t++) {
        const struct tree_node *nodes = forest->nodes + t * forest->most, *node = nodes;
        while (node->feature != LEAF)
            node = nodes + node->left + (in.pixels[node->feature] <= node->threshold ? 0 : 1);
        out.pixels[node->left]++;
    }
    for (size_t c = 0; c < classes; c++)
        out.pixels[c] /= (float)forest->trees;
}

/* As deep as trees may be. */
static struct operations forest_count(const void *config, struct shape in, struct answer answer)
{
    const struct random_forest *settings = config;
    double trees = (double)settings->trees, steps = trees * (double)settings->depth;

    (void)in;
    return (struct operations){
        .additions = trees, .comparisons = steps, .divisions = answer.count, .lookups = 2 * steps};
}

const struct stage stage_random_forest = {
    .descriptor = {"random_forest", "decision trees that vote",
                   "Breiman, Random forests, Machine Learning 45(1), 2001", fields,
                   sizeof(struct random_forest), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_SCORES,
    .shape = features_to_scores,
    .fit = forest_fit,
    .release = memory_free,
    .run = forest_run,
    .scalar = true,
    .count = forest_count,
};
