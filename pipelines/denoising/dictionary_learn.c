#include "pipelines/denoising/dictionary_learn.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/vectors.h"
#include "base/work.h"
#include "pipelines/lanes.h"

#include <math.h>
#include <string.h>

enum { LEAST_USES = 4 }; /* of an atom that stays */

enum status learner_new(struct learner *learner, const struct dictionary *dictionary, size_t most,
                        size_t terms, int threads, struct error *error)
{
    enum status status = STATUS_OK;
    size_t depth = dictionary->depth;

    *learner = (struct learner){.most = most, .depth = depth, .terms = terms, .threads = threads};
    TRY(memory_new(&learner->patches, most * depth, sizeof *learner->patches, error));
    TRY(memory_new(&learner->rests, most * depth, sizeof *learner->rests, error));
    TRY(memory_new(&learner->energies, most, sizeof *learner->energies, error));
    TRY(memory_new(&learner->codes, most * terms, sizeof *learner->codes, error));
    TRY(memory_new(&learner->counts, most, sizeof *learner->counts, error));
    TRY(memory_new(&learner->uses, most * terms, sizeof *learner->uses, error));
    TRY(memory_new(&learner->starts, dictionary->count + 1, sizeof *learner->starts, error));
    TRY(memory_new(&learner->replaced, dictionary->count, sizeof *learner->replaced, error));
    TRY(memory_new(&learner->sum, depth, sizeof *learner->sum, error));
    TRY(memory_new(&learner->work, (size_t)threads, sizeof *learner->work, error));
    for (int t = 0; t < threads; t++)
        TRY(sparse_work_new(&learner->work[t], dictionary, terms, error));
out:
    if (status != STATUS_OK)
        learner_release(learner);
    return status;
}

void learner_release(struct learner *learner)
{
    for (int t = 0; learner->work && t < learner->threads; t++)
        sparse_work_release(&learner->work[t]);
    memory_free(learner->work);
    memory_free(learner->patches);
    memory_free(learner->rests);
    memory_free(learner->energies);
    memory_free(learner->codes);
    memory_free(learner->counts);
    memory_free(learner->uses);
    memory_free(learner->starts);
    memory_free(learner->replaced);
    memory_free(learner->sum);
    *learner = (struct learner){0};
}

struct coding {
    const struct dictionary *dictionary;
    const struct sparse_goal *goal;
    struct learner *learner;
    size_t count;
};

/* Code a block of patches; what they lack then. */
static void code_block(void *context, size_t index, int thread)
{
    const struct coding *coding = context;
    struct learner *learner = coding->learner;
    struct sparse_work *work = &learner->work[thread];
    size_t first = index * SPARSE_BLOCK, depth = learner->depth;
    size_t rows = coding->count - first < SPARSE_BLOCK ? coding->count - first : SPARSE_BLOCK;

    if (interrupt_requested())
        return;
    sparse_products(coding->dictionary, rows, learner->patches + first * depth, work);
    for (size_t i = 0; i < rows; i++) {
        size_t p = first + i;
        const float *patch = learner->patches + p * depth;
        struct sparse_term *terms = learner->codes + p * learner->terms;
        size_t count = sparse_code(coding->dictionary, coding->goal, i,
                                   sparse_dot(depth, patch, patch), work, terms);
        memcpy(learner->rests + p * depth, patch, depth * sizeof *patch);
        sparse_add(coding->dictionary, terms, count, -1, learner->rests + p * depth);
        learner->counts[p] = (uint16_t)count;
    }
}

/* Which terms use each atom, in the order of patches. */
static void sort_uses(struct learner *learner, size_t count, size_t atoms)
{
    uint32_t *starts = learner->starts, sum = 0;

    memset(starts, 0, (atoms + 1) * sizeof *starts);
    for (size_t p = 0; p < count; p++)
        for (size_t t = 0; t < learner->counts[p]; t++)
            starts[learner->codes[p * learner->terms + t].atom]++;
    for (size_t a = 0; a <= atoms; a++) {
        uint32_t more = starts[a];
        starts[a] = sum;
        sum += more;
    }
    for (size_t p = 0; p < count; p++)
        for (size_t t = 0; t < learner->counts[p]; t++) {
            size_t at = p * learner->terms + t;
            learner->uses[starts[learner->codes[at].atom]++] = (uint32_t)at;
        }
    memmove(starts + 1, starts, atoms * sizeof *starts); /* each became the next one's */
    starts[0] = 0;
}

WIDE_VECTORS static void add_to_sum(double *sum, const float *x, float factor, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        sum[i] += (double)(factor * x[i]);
}

WIDE_VECTORS static void add_atom(float *rest, const float *atom, float factor, size_t depth)
{
    for (size_t i = 0; i < depth; i += LANES)
        *(lanes_memory *)(rest + i) += factor * *(const lanes_memory *)(atom + i);
}

/* sum = E g, of length 1; false where it has none. */
static bool better_atom(struct learner *learner, const float *atom, const uint32_t *uses,
                        size_t count)
{
    double *sum = learner->sum, squares = 0, length = 0;
    size_t depth = learner->depth;

    memset(sum, 0, depth * sizeof *sum);
    for (size_t u = 0; u < count; u++) {
        float value = learner->codes[uses[u]].value;
        add_to_sum(sum, learner->rests + uses[u] / learner->terms * depth, value, depth);
        squares += (double)value * (double)value;
    }
    for (size_t i = 0; i < depth; i++) {
        sum[i] += squares * (double)atom[i];
        length += sum[i] * sum[i];
    }
    if (!(length > 0) || !isfinite(length))
        return false;
    for (size_t i = 0; i < depth; i++)
        sum[i] /= sqrt(length);
    return true;
}

static void update_atom(struct dictionary *dictionary, struct learner *learner, size_t number)
{
    size_t depth = learner->depth, count = learner->starts[number + 1] - learner->starts[number];
    const uint32_t *uses = learner->uses + learner->starts[number];
    float *atom = dictionary->atoms + number * depth;

    if (!better_atom(learner, atom, uses, count))
        return;
    for (size_t u = 0; u < count; u++)
        add_atom(learner->rests + uses[u] / learner->terms * depth, atom,
                 learner->codes[uses[u]].value, depth);
    for (size_t i = 0; i < depth; i++)
        atom[i] = (float)learner->sum[i];
    for (size_t u = 0; u < count; u++) {
        float *rest = learner->rests + uses[u] / learner->terms * depth;
        add_atom(rest, atom, -sparse_dot(depth, rest, atom), depth);
    }
}

/* Is it almost another atom, of those that stay? */
static bool is_double(const struct dictionary *dictionary, const struct learner *learner,
                      size_t number)
{
    const float *gram = dictionary->gram + number * dictionary->width;

    for (size_t a = 0; a < dictionary->count; a++)
        if (a != number && !learner->replaced[a] && fabsf(gram[a]) > 0.99F)
            return true;
    return false;
}

/* The patch with the largest energy left, which is then 0; NULL where all are coded. */
static const float *worst_patch(struct learner *learner, size_t count)
{
    size_t worst = 0;

    for (size_t p = 1; p < count; p++)
        if (learner->energies[p] > learner->energies[worst])
            worst = p;
    if (!(learner->energies[worst] > 0))
        return NULL;
    learner->energies[worst] = 0;
    return learner->patches + worst * learner->depth;
}

/* Whether any atom was replaced. */
static bool replace_atoms(struct dictionary *dictionary, struct learner *learner, size_t count)
{
    size_t depth = learner->depth;
    bool any = false;

    for (size_t p = 0; p < count; p++) {
        const float *rest = learner->rests + p * depth;
        float energy = sparse_dot(depth, rest, rest);
        learner->energies[p] = isfinite(energy) ? energy : 0;
    }
    memset(learner->replaced, 0, dictionary->count * sizeof *learner->replaced);
    for (size_t a = 0; a < dictionary->count; a++) {
        if (learner->starts[a + 1] - learner->starts[a] >= LEAST_USES &&
            !is_double(dictionary, learner, a))
            continue;
        const float *patch = worst_patch(learner, count);
        if (!patch)
            break;
        float length = sqrtf(sparse_dot(depth, patch, patch));
        for (size_t i = 0; i < depth; i++)
            dictionary->atoms[a * depth + i] = patch[i] / length;
        learner->replaced[a] = any = true;
    }
    return any;
}

void dictionary_learn(struct dictionary *dictionary, struct learner *learner, size_t count,
                      const struct sparse_goal *goal, int iterations)
{
    struct coding coding = {dictionary, goal, learner, count};
    int work = work_begin((size_t)iterations, "iterations");

    dictionary_prepare(dictionary);
    for (int i = 0; i < iterations; i++) {
        parallel_for(learner->threads, (count + SPARSE_BLOCK - 1) / SPARSE_BLOCK, code_block,
                     &coding);
        if (interrupt_requested()) /* then some patches have no code */
            break;
        sort_uses(learner, count, dictionary->count);
        for (size_t a = 0; a < dictionary->count && !interrupt_requested(); a++)
            update_atom(dictionary, learner, a);
        dictionary_prepare(dictionary);
        if (replace_atoms(dictionary, learner, count))
            dictionary_prepare(dictionary);
        work_did(work, 1);
    }
    work_end(work);
}

/* Codes and what is left; E g and the new values, of each term; energies, and what atoms have in
 * common. */
struct operations dictionary_learn_count(double depth, double atoms, double terms, double patches,
                                         double iterations)
{
    struct operations pass = operations_repeat(sparse_count(depth, atoms, terms), patches);
    double uses = patches * terms;

    pass.multiply_adds += patches * depth;        /* energies before */
    pass.multiply_adds += uses * (4 * depth + 1); /* E g, E, g, E - d g; squares */
    pass.multiply_adds += atoms * 2 * depth;      /* E g: its own part; its length */
    pass.divisions += atoms * (depth + 1);        /* a root */
    pass.multiply_adds += patches * depth;        /* energies after */
    pass.multiply_adds += atoms * atoms * depth;  /* products of atoms */
    pass.comparisons += atoms * (atoms - 1) + patches;
    return operations_repeat(pass, iterations);
}
