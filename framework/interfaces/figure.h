/*
 * Figures: each turns the columns of the results into series (computed once, stored under /figures
 * or /timing/figures), and series into a picture through its gnuplot template. Drawn from stored
 * results alone.
 */
#ifndef UNDERSTUDY_INTERFACES_FIGURE_H
#define UNDERSTUDY_INTERFACES_FIGURE_H

#include "interfaces/content.h"
#include "interfaces/figure_style.h"
#include "io/schema/schema.h"

struct results; /* io to a results file: results/results.h */
struct hdf5;
struct drawing; /* report/charts/drawing.h */

struct figure {
    struct descriptor descriptor; /* its settings begin with a struct figure_style */
    unsigned serves;              /* tasks by their labels: SERVES_IMAGES | … */
    bool images;    /* shows stored images: nothing to draw where they were left out */
    bool truth;     /* shows scores against ground truth alone */
    bool guard;     /* draws what the experiment's `guard` comes to */
    bool int8;      /* draws scores in 8-bit integers, which `quantize` asks for */
    bool confusion; /* draws the counts that `store.confusion` keeps */
    bool selects;   /* shows which network was selected */
    /* Does it draw times? It is stored under /timing/figures then, out of the digest's reach, as is
     * one that shows a selection by times. NULL: never. */
    bool (*timed)(const void *config);
    /* What is wrong with the settings, known before anything runs; NULL: nothing (or no such
     * function). `examples`: how many example images each trial stores. */
    const char *(*objection)(const void *config, int64_t examples);
    /* Compute the series from the results and write them below `group` ("/figures/NAME" or
     * "/timing/figures/NAME") of the same file, still being written. */
    enum status (*compute)(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error);
    const char *template; /* of plots/, that draws the series */
    /* Which axes are logarithmic, what scores can be; NULL: there is nothing to say. */
    enum status (*shape)(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error);
    /* Draw what is more than series: images. NULL: there are series alone. */
    enum status (*draw)(const void *config, const struct results *results,
                        const struct drawing *drawing, struct error *error);
};
DESCRIPTOR_OF(figure);

#endif
