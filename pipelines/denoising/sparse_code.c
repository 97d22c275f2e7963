#include "pipelines/denoising/sparse_code.h"

#include "base/memory.h"
#include "base/vectors.h"
#include "math/product.h"
#include "pipelines/lanes.h"

#include <math.h>
#include <string.h>

enum { PANEL = 2 * LANES }; /* columns of a product come in as many */

enum status dictionary_new(struct dictionary *dictionary, size_t depth, size_t count,
                           struct error *error)
{
    size_t width = product_width(count);
    float *memory;

    *dictionary = (struct dictionary){.depth = depth, .count = count, .width = width};
    PASS(memory_new(&memory, count * depth + width * (depth + count), sizeof *memory, error));
    dictionary->atoms = memory;
    dictionary->packed = memory + count * depth;
    dictionary->gram = dictionary->packed + width * depth;
    return STATUS_OK;
}

void dictionary_release(struct dictionary *dictionary)
{
    memory_free(dictionary->atoms);
    *dictionary = (struct dictionary){0};
}

void dictionary_prepare(struct dictionary *dictionary)
{
    product_pack(dictionary->depth, dictionary->count, dictionary->atoms, dictionary->packed);
    product_packed(dictionary->count, dictionary->depth, dictionary->count, dictionary->atoms,
                   dictionary->packed, dictionary->gram);
}

enum status sparse_work_new(struct sparse_work *work, const struct dictionary *dictionary,
                            size_t terms, struct error *error)
{
    PASS(memory_new(&work->products, (SPARSE_BLOCK + terms) * dictionary->width, sizeof(float),
                    error));
    work->basis = work->products + SPARSE_BLOCK * dictionary->width;
    return STATUS_OK;
}

void sparse_work_release(struct sparse_work *work)
{
    memory_free(work->products);
}

void sparse_products(const struct dictionary *dictionary, size_t rows, const float *patches,
                     struct sparse_work *work)
{
    product_packed(rows, dictionary->depth, dictionary->count, patches, dictionary->packed,
                   work->products);
}

/* The atom of the largest magnitude; of equal ones the first of the least lane. */
WIDE_VECTORS static size_t strongest_atom(const float *products, size_t width)
{
    lanes best = {0};
    lanes_int found = {0};
    size_t lane = 0;

    for (size_t i = 0; i < width; i += LANES) {
        lanes value = *(const lanes_memory *)(products + i);
        lanes magnitude = (lanes)((lanes_int)value & 0x7fffffff);
        lanes_int larger = magnitude > best;
        best = (lanes)(((lanes_int)magnitude & larger) | ((lanes_int)best & ~larger));
        found = (((lanes_int){0} + (int32_t)i) & larger) | (found & ~larger);
    }
    for (size_t k = 1; k < LANES; k++)
        if (best[k] > best[lane])
            lane = k;
    return (size_t)found[lane] + lane;
}

/* The column of an atom, orthogonal to `count` others: (gram - sum of multiples of those) * scale.
 * Products lose `step` times it. */
WIDE_VECTORS static void extend_basis(size_t width, const float *gram, size_t atom, float scale,
                                      float step, float *basis, size_t count, float *products)
{
    float *column = basis + count * width;

    for (size_t i = 0; i < width; i += PANEL) {
        lanes left = *(const lanes_memory *)(gram + i);
        lanes right = *(const lanes_memory *)(gram + i + LANES);
        for (size_t j = 0; j < count; j++) {
            const float *other = basis + j * width;
            left -= other[atom] * *(const lanes_memory *)(other + i);
            right -= other[atom] * *(const lanes_memory *)(other + i + LANES);
        }
        left *= scale;
        right *= scale;
        *(lanes_memory *)(column + i) = left;
        *(lanes_memory *)(column + i + LANES) = right;
        *(lanes_memory *)(products + i) -= step * left;
        *(lanes_memory *)(products + i + LANES) -= step * right;
    }
}

/* From coefficients of orthogonal atoms to those of the atoms. */
static void solve_terms(const float *basis, size_t width, struct sparse_term *terms, size_t count)
{
    for (size_t k = count; k-- > 0;) {
        const float *column = basis + k * width;
        float sum = terms[k].value;
        for (size_t m = k + 1; m < count; m++)
            sum -= column[terms[m].atom] * terms[m].value;
        terms[k].value = sum / column[terms[k].atom];
    }
}

size_t sparse_code(const struct dictionary *dictionary, const struct sparse_goal *goal, size_t row,
                   float energy, struct sparse_work *work, struct sparse_term *terms)
{
    /* An atom that has no more of itself left than this depends on those taken. */
    const float dependent = 1e-5F;
    size_t width = dictionary->width, count = 0;
    float *products = work->products + row * width;

    while (energy > goal->energy && count < goal->terms) {
        size_t atom = strongest_atom(products, width);
        const float *gram = dictionary->gram + atom * width;
        float rest = gram[atom];
        for (size_t j = 0; j < count; j++) {
            float part = work->basis[j * width + atom];
            rest -= part * part;
        }
        float root = sqrtf(rest), step = products[atom] / root;
        if (!(rest > dependent) || !(step * step > 0))
            break;
        extend_basis(width, gram, atom, 1 / root, step, work->basis, count, products);
        energy -= step * step;
        terms[count++] = (struct sparse_term){(uint32_t)atom, step};
    }
    solve_terms(work->basis, width, terms, count);
    return count;
}

WIDE_VECTORS static void add_terms(const struct dictionary *dictionary,
                                   const struct sparse_term *terms, size_t count, float sign,
                                   float *patch)
{
    for (size_t t = 0; t < count; t++) {
        const float *atom = dictionary->atoms + terms[t].atom * dictionary->depth;
        float factor = sign * terms[t].value;
        for (size_t i = 0; i < dictionary->depth; i += LANES)
            *(lanes_memory *)(patch + i) += factor * *(const lanes_memory *)(atom + i);
    }
}

void sparse_add(const struct dictionary *dictionary, const struct sparse_term *terms, size_t count,
                float sign, float *patch)
{
    add_terms(dictionary, terms, count, sign, patch);
}

WIDE_VECTORS static float dot_product(size_t depth, const float *x, const float *y)
{
    lanes sums = {0};

    for (size_t i = 0; i < depth; i += LANES)
        sums += *(const lanes_memory *)(x + i) * *(const lanes_memory *)(y + i);
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) +
           ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

float sparse_dot(size_t depth, const float *x, const float *y)
{
    return dot_product(depth, x, y);
}

/* Term k of a code: the strongest of all atoms; its own rest, of k columns; its column, of as many;
 * a root, its step and scale; products; the energy. Then the terms are solved for, and added up. */
struct operations sparse_count(double depth, double atoms, double terms)
{
    double pairs = terms * (terms - 1) / 2;

    return (struct operations){
        .multiply_adds = atoms * depth + pairs * (1 + atoms + 1) + terms * (atoms + 1 + depth),
        .multiplications = terms * atoms,
        .comparisons = terms * (atoms + 1),
        .divisions = 4 * terms,
    };
}
