#include "graph/whiten.h"

#include "math/eigen.h"

#include <math.h>

enum { MOST_IMAGES = 2048 };
static const double FLOOR = 5e-4; /* added to eigenvalues (Jordan 2024), of values about 1 */

struct patches {
    int channels, height, width; /* of a patch */
    size_t size, count;          /* values of a patch; patches seen */
    double *mean;                /* [size]: sums, then means */
    double *covariance;          /* [size][size] */
    double *values, *vectors, *patch;
};

static bool is_whitening(const struct network_node *node)
{
    return node->parameter_count && node->parameters[0].initial == INITIAL_WHITEN;
}

static enum status patches_new(struct patches *patches, const int *dims, struct error *error)
{
    *patches = (struct patches){.channels = dims[1], .height = dims[2], .width = dims[3]};
    patches->size = (size_t)dims[1] * (size_t)dims[2] * (size_t)dims[3];
    size_t square = patches->size * patches->size;
    PASS(memory_new(&patches->mean, patches->size, sizeof(double), error));
    PASS(memory_new(&patches->covariance, square, sizeof(double), error));
    PASS(memory_new(&patches->values, patches->size, sizeof(double), error));
    PASS(memory_new(&patches->vectors, square, sizeof(double), error));
    return memory_new(&patches->patch, patches->size, sizeof(double), error);
}

static void patches_release(struct patches *patches)
{
    memory_free(patches->mean);
    memory_free(patches->covariance);
    memory_free(patches->values);
    memory_free(patches->vectors);
    memory_free(patches->patch);
}

/* Every second place each way: neighbours are much alike. */
static void add_image(struct patches *p, struct image image)
{
    size_t width = (size_t)image.shape.width, plane = (size_t)image.shape.height * width;

    for (int y = 0; y + p->height <= image.shape.height; y += 2)
        for (int x = 0; x + p->width <= image.shape.width; x += 2) {
            size_t n = 0;
            for (int c = 0; c < p->channels; c++)
                for (int i = 0; i < p->height; i++)
                    for (int j = 0; j < p->width; j++)
                        p->patch[n++] =
                            (double)image.pixels[(size_t)c * plane + (size_t)(y + i) * width +
                                                 (size_t)(x + j)];
            for (size_t a = 0; a < p->size; a++) {
                p->mean[a] += p->patch[a];
                for (size_t b = 0; b <= a; b++)
                    p->covariance[a * p->size + b] += p->patch[a] * p->patch[b];
            }
            p->count++;
        }
}

static void finish(struct patches *p)
{
    double count = p->count ? (double)p->count : 1;

    for (size_t a = 0; a < p->size; a++)
        p->mean[a] /= count;
    for (size_t a = 0; a < p->size; a++)
        for (size_t b = 0; b <= a; b++) {
            double value = p->covariance[a * p->size + b] / count - p->mean[a] * p->mean[b];
            p->covariance[a * p->size + b] = p->covariance[b * p->size + a] = value;
        }
    eigen_symmetric(p->size, p->covariance, p->values, p->vectors);
}

static void write_filters(const struct patches *p, const struct network_node *node,
                          float *parameters)
{
    float *weights = parameters + node->parameter_offset[0];
    size_t filters = (size_t)node->parameters[0].dims[0];

    for (size_t f = 0; f < filters && f / 2 < p->size; f++) {
        double scale = (f % 2 ? -1 : 1) / sqrt(fmax(p->values[f / 2], 0) + FLOOR), offset = 0;
        for (size_t k = 0; k < p->size; k++) {
            double value = scale * p->vectors[f / 2 * p->size + k];
            weights[f * p->size + k] = (float)value;
            offset += value * p->mean[k];
        }
        if (node->parameter_count > 1)
            parameters[node->parameter_offset[1] + f] = (float)-offset;
    }
}

enum status network_whiten(const struct network *network, const struct image_set *images,
                           const uint32_t *chosen, size_t count, float *parameters,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct patches patches = {0};

    for (size_t i = 0; i < network->count; i++) {
        if (!is_whitening(&network->nodes[i]))
            continue;
        TRY(patches_new(&patches, network->nodes[i].parameters[0].dims, error));
        for (size_t k = 0; k < count && k < MOST_IMAGES; k++)
            add_image(&patches, image_set_at(images, chosen[k]));
        finish(&patches);
        write_filters(&patches, &network->nodes[i], parameters);
        patches_release(&patches);
        patches = (struct patches){0};
    }
out:
    patches_release(&patches);
    return status;
}
