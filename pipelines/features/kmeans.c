/* S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Information Theory 28(2), 1982. */
#include "pipelines/features/kmeans.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/work.h"
#include "math/product.h"

#include <string.h>

enum { BLOCK = 32 /* points at a time */ };

struct lloyd {
    const struct kmeans *kmeans;
    float *packed, *squares; /* the centroids; half of their squared lengths */
    float *products;         /* [threads][BLOCK][width] */
    uint32_t *nearest;       /* [count] */
    bool *changed;           /* [blocks] */
    double *sums;            /* [clusters][depth] */
    uint32_t *members;       /* [clusters] */
};

static void lloyd_release(struct lloyd *lloyd)
{
    memory_free(lloyd->packed);
    memory_free(lloyd->squares);
    memory_free(lloyd->products);
    memory_free(lloyd->nearest);
    memory_free(lloyd->changed);
    memory_free(lloyd->sums);
    memory_free(lloyd->members);
}

static enum status lloyd_new(struct lloyd *lloyd, const struct kmeans *kmeans, struct error *error)
{
    size_t width = product_width(kmeans->clusters), threads = (size_t)kmeans->threads;

    *lloyd = (struct lloyd){.kmeans = kmeans};
    PASS(memory_new(&lloyd->packed, width * kmeans->depth, sizeof(float), error));
    PASS(memory_new(&lloyd->squares, kmeans->clusters, sizeof(float), error));
    PASS(memory_new(&lloyd->products, threads * BLOCK * width, sizeof(float), error));
    PASS(memory_new(&lloyd->nearest, kmeans->count, sizeof(uint32_t), error));
    PASS(memory_new(&lloyd->changed, kmeans->count / BLOCK + 1, sizeof(bool), error));
    PASS(memory_new(&lloyd->sums, kmeans->clusters * kmeans->depth, sizeof(double), error));
    return memory_new(&lloyd->members, kmeans->clusters, sizeof(uint32_t), error);
}

/* Clusters' first centroids are different points. */
static enum status draw_centroids(const struct kmeans *kmeans, struct random_stream *stream,
                                  float *centroids, struct error *error)
{
    size_t count = kmeans->count, depth = kmeans->depth;
    uint32_t *order = NULL;

    PASS(memory_new(&order, count, sizeof *order, error));
    random_permutation(stream, order, (uint32_t)count);
    for (size_t c = 0; c < kmeans->clusters; c++)
        memcpy(centroids + c * depth, kmeans->points + order[c] * depth, depth * sizeof(float));
    memory_free(order);
    return STATUS_OK;
}

static void take_centroids(struct lloyd *lloyd, const float *centroids)
{
    const struct kmeans *kmeans = lloyd->kmeans;

    product_pack(kmeans->depth, kmeans->clusters, centroids, lloyd->packed);
    for (size_t c = 0; c < kmeans->clusters; c++) {
        double sum = 0;
        for (size_t k = 0; k < kmeans->depth; k++) {
            double value = (double)centroids[c * kmeans->depth + k];
            sum += value * value;
        }
        lloyd->squares[c] = (float)(0.5 * sum);
    }
}

/* The nearest centroid c is where c.x - |c|^2 / 2 is largest. */
static uint32_t nearest_centroid(const float *products, const float *squares, size_t clusters)
{
    size_t best = 0;

    for (size_t c = 1; c < clusters; c++)
        if (products[c] - squares[c] > products[best] - squares[best])
            best = c;
    return (uint32_t)best;
}

static void assign_block(void *context, size_t index, int thread)
{
    struct lloyd *lloyd = context;
    const struct kmeans *kmeans = lloyd->kmeans;
    size_t first = index * BLOCK, width = product_width(kmeans->clusters);
    size_t count = kmeans->count - first < BLOCK ? kmeans->count - first : BLOCK;
    float *products = lloyd->products + (size_t)thread * BLOCK * width;

    lloyd->changed[index] = false;
    if (interrupt_requested())
        return;
    product_packed(count, kmeans->depth, kmeans->clusters, kmeans->points + first * kmeans->depth,
                   lloyd->packed, products);
    for (size_t i = 0; i < count; i++) {
        uint32_t nearest = nearest_centroid(products + i * width, lloyd->squares, kmeans->clusters);
        lloyd->changed[index] |= nearest != lloyd->nearest[first + i];
        lloyd->nearest[first + i] = nearest;
    }
}

static void make_means(struct lloyd *lloyd, float *centroids)
{
    const struct kmeans *kmeans = lloyd->kmeans;
    size_t depth = kmeans->depth;

    memset(lloyd->sums, 0, kmeans->clusters * depth * sizeof *lloyd->sums);
    memset(lloyd->members, 0, kmeans->clusters * sizeof *lloyd->members);
    for (size_t i = 0; i < kmeans->count; i++) {
        double *sums = lloyd->sums + lloyd->nearest[i] * depth;
        lloyd->members[lloyd->nearest[i]]++;
        for (size_t k = 0; k < depth; k++)
            sums[k] += (double)kmeans->points[i * depth + k];
    }
    for (size_t c = 0; c < kmeans->clusters; c++)
        for (size_t k = 0; lloyd->members[c] && k < depth; k++)
            centroids[c * depth + k] = (float)(lloyd->sums[c * depth + k] / lloyd->members[c]);
}

static bool any_changed(const struct lloyd *lloyd, size_t blocks)
{
    for (size_t b = 0; b < blocks; b++)
        if (lloyd->changed[b])
            return true;
    return false;
}

enum status kmeans_fit(const struct kmeans *kmeans, struct random_stream *stream, float *centroids,
                       struct error *error)
{
    enum status status = STATUS_OK;
    size_t blocks = (kmeans->count + BLOCK - 1) / BLOCK;
    struct lloyd lloyd;
    int work = work_begin((size_t)kmeans->iterations, "iterations");

    TRY(lloyd_new(&lloyd, kmeans, error));
    TRY(draw_centroids(kmeans, stream, centroids, error));
    for (int i = 0; i < kmeans->iterations; i++) {
        take_centroids(&lloyd, centroids);
        parallel_for(kmeans->threads, blocks, assign_block, &lloyd);
        TRY(interrupt_check(error));
        if (i > 0 && !any_changed(&lloyd, blocks))
            break;
        make_means(&lloyd, centroids);
        work_did(work, 1);
    }
out:
    work_end(work);
    lloyd_release(&lloyd);
    return status;
}
