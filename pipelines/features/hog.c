/*
 * Histograms of oriented gradients, by VLFeat.
 *
 * N. Dalal, B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005; the
 * variant `uoctti` is P. Felzenszwalb, R. Girshick, D. McAllester, D. Ramanan, "Object detection
 * with discriminatively trained part-based models", PAMI 32(9), 2010.
 *
 * The image is cut into cells. Every pixel adds its gradient's length to the histogram of
 * directions of the four cells around it. Histograms are divided by the energy of the blocks of 2 x
 * 2 cells that hold them, and cut at 0.2. `dalal_triggs` keeps the four normalised copies, 4 o
 * numbers a cell for o orientations; `uoctti` keeps their sums, over signed and unsigned
 * directions, and four sums of texture, 3 o + 4 numbers. Features are ordered [number][cell
 * row][cell column].
 *
 * VLFeat keeps its working memory in an object; each call makes its own, so that images can be
 * processed side by side. VLFeat allocates there by itself.
 */
#include "interfaces/stage.h"

#include <limits.h>
#include <vl/hog.h>

enum variant { VARIANT_DALAL_TRIGGS, VARIANT_UOCTTI };

static const char *const variant_names[] = {"dalal_triggs", "uoctti", NULL};

struct hog {
    int64_t cell_size, orientations, variant;
};

static const struct field fields[] = {
    {"cell_size", FIELD_INTEGER, offsetof(struct hog, cell_size), .minimum = 1, .maximum = 64,
     .default_value = "4", .unit = "pixels", .help = "side of a cell"},
    {"orientations", FIELD_INTEGER, offsetof(struct hog, orientations), .minimum = 2, .maximum = 36,
     .default_value = "9", .help = "directions between 0 and 180 degrees"},
    {"variant", FIELD_CHOICE, offsetof(struct hog, variant), .default_value = "uoctti",
     .help = "how histograms are normalised and which sums are kept", .choices = variant_names},
    {0},
};

/* Numbers a cell. */
static size_t cell_numbers(const struct hog *hog)
{
    size_t orientations = (size_t)hog->orientations;
    return hog->variant == VARIANT_UOCTTI ? 3 * orientations + 4 : 4 * orientations;
}

/* VLFeat's rule: the last cell counts when at least half of it lies in the image. */
static size_t cells_along(const struct hog *hog, int side)
{
    return ((size_t)side + (size_t)hog->cell_size / 2) / (size_t)hog->cell_size;
}

static enum status hog_shape(const void *config, struct shape in, struct answer answer,
                             struct shape *out, struct error *error)
{
    const struct hog *hog = config;
    int side = hog->cell_size < 3 ? 3 : (int)hog->cell_size;

    (void)answer;
    if (in.height < side || in.width < side)
        return error_set(error, STATUS_CONFIG,
                         "images of %d x %d pixels are too small for cells of %d x %d; expected at "
                         "least %d x %d",
                         in.height, in.width, (int)hog->cell_size, (int)hog->cell_size, side, side);
    size_t cells = cells_along(hog, in.height) * cells_along(hog, in.width);
    if (cells > INT_MAX / cell_numbers(hog))
        return error_set(error, STATUS_CONFIG, "too many features: %zu cells of %zu numbers", cells,
                         cell_numbers(hog));
    *out = (struct shape){(int)(cells * cell_numbers(hog)), 1, 1};
    return STATUS_OK;
}

static void hog_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct hog *hog = config;
    VlHogVariant variant =
        hog->variant == VARIANT_UOCTTI ? VlHogVariantUoctti : VlHogVariantDalalTriggs;
    VlHog *work = vl_hog_new(variant, (vl_size)hog->orientations, VL_FALSE);

    (void)state, (void)scratch;
    vl_hog_put_image(work, in.pixels, (vl_size)in.shape.width, (vl_size)in.shape.height,
                     (vl_size)in.shape.channels, (vl_size)hog->cell_size);
    vl_hog_extract(work, out.pixels);
    vl_hog_delete(work);
}

/* Read off VLFeat's loops: gradients and voting for each inner pixel, normalising for each cell. */
static struct operations hog_count(const void *config, struct shape in, struct answer answer)
{
    const struct hog *hog = config;
    double channels = in.channels, orientations = (double)hog->orientations;
    double pixels = (in.height - 2.0) * (in.width - 2.0);
    double cells = (double)(cells_along(hog, in.height) * cells_along(hog, in.width));
    bool uoctti = hog->variant == VARIANT_UOCTTI;
    struct operations pixel = {
        .multiply_adds = channels + orientations + 4,
        .additions = 2 * channels + 6,
        .multiplications = channels + orientations + 8,
        .comparisons = channels + 3 * orientations,
        .divisions = 3,
        .lookups = 4,
    };
    struct operations cell = {
        .multiply_adds = orientations,
        .additions = (9 + (uoctti ? 9 : 0)) * orientations + 16,
        .multiplications = (8 + (uoctti ? 3 : 0)) * orientations + (uoctti ? 4 : 0),
        .comparisons = 12 * orientations,
        .divisions = 8,
    };

    (void)answer;
    return (struct operations){
        .multiply_adds = pixels * pixel.multiply_adds + cells * cell.multiply_adds,
        .additions = pixels * pixel.additions + cells * cell.additions,
        .multiplications = pixels * pixel.multiplications + cells * cell.multiplications,
        .comparisons = pixels * pixel.comparisons + cells * cell.comparisons,
        .divisions = pixels * pixel.divisions + cells * cell.divisions,
        .lookups = pixels * pixel.lookups,
    };
}

const struct stage stage_hog = {
    .descriptor =
        {"hog", "histograms of oriented gradients",
         "Dalal, Triggs, Histograms of oriented gradients for human detection, CVPR 2005; "
         "Felzenszwalb et al., PAMI 32(9), 2010; VLFeat",
         fields, sizeof(struct hog), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_FEATURES,
    .shape = hog_shape,
    .run = hog_run,
    .scalar = true,
    .count = hog_count,
};
