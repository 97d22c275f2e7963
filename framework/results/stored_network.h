/* Reads the network of a results file: /network/TRIAL/graph and ranges, and /parameters/TRIAL; of a
 * selection by times, the same below /timing. */
#ifndef UNDERSTUDY_RESULTS_STORED_NETWORK_H
#define UNDERSTUDY_RESULTS_STORED_NETWORK_H

#include "graph/network.h"
#include "io/hdf5/hdf5.h"
#include "io/images/imagefile.h"
#include "io/yaml/yaml.h"
#include "quantize/calibrate.h"

struct stored_network {
    struct hdf5 file;
    struct arena arena;
    const char *path;     /* of the file, borrowed */
    const char *resolved; /* /plan/resolved */
    const char *graph;    /* as stored */
    struct yaml_node *root;
    size_t trial;
    struct shape input;        /* that it was trained on */
    int channels;              /* of the images */
    int answer_count;          /* classes, numbers or channels; 0: as many as the images have */
    size_t combination;        /* of the pipeline's tuned values */
    const char *names, *units; /* of classes or numbers, with ", " between; NULL: none */
};

/*
 * Open the file. `trial` is a number, or NULL for the one that the file's /network names.
 * STATUS_DATA where there is no such network, with those that there are; or where the graph is not
 * what this program writes.
 */
MUST_CHECK enum status stored_network_open(struct stored_network *stored, const char *path,
                                           const char *trial, struct error *error);
void stored_network_close(struct stored_network *stored);

/* Which stored values were 0 and 1 for it: {0, 0}, the files' own scale. *automatic: it was found
 * from the training images. */
MUST_CHECK enum status stored_network_scale(const struct stored_network *stored,
                                            struct imagefile_scale *scale, bool *automatic,
                                            struct error *error);
/* Its parameters and statistics, flat, for memory_free(); *count of
 * the parameters. STATUS_DATA where the family as it is
 * now does not give the graph that is stored. */
MUST_CHECK enum status stored_network_parameters(struct stored_network *stored,
                                                 const struct component *family,
                                                 struct answer answer, float **parameters,
                                                 float **statistics, size_t *count,
                                                 struct error *error);
/* Of a network with `nodes` nodes, what calibration found, by which it can be quantised
 * (quantize/quantized.h). *found is false, and nothing is to be released, where the file has none:
 * the experiment has no section `quantize`, or the network cannot be quantised. */
MUST_CHECK enum status stored_network_ranges(struct stored_network *stored, size_t nodes,
                                             struct activation_ranges *ranges, bool *found,
                                             struct error *error);
/* [count] names of classes or numbers, and of numbers their units, in `arena`; NULL: none. */
MUST_CHECK enum status stored_network_names(const struct stored_network *stored,
                                            struct arena *arena, const char ***names,
                                            const char ***units, struct error *error);

#endif
