/* What a trial leaves behind: scores, costs, activations, examples, as values of its record. */
#ifndef UNDERSTUDY_TRIAL_EVALUATION_H
#define UNDERSTUDY_TRIAL_EVALUATION_H

#include "cache/record.h"
#include "filters/regions.h"
#include "trial/training_set.h"
#include "trial/trial_network.h"

/*
 * filter.items, filter.dropped; of a filter that looked at labels, filter/keep, reason and score of
 * every item, and filter/image, the image of the data set's training pool that it comes from.
 * Where it is known what the labels should be: filter.errors (labels that are wrong), how well the
 * filter named them, as filter.precision, filter.recall and filter.auroc, and filter.sees_truth, 1
 * for a control that was shown them. What counts as wrong: filters/errors.h. Of masks, items are
 * regions (else NULL); filter.pixels_dropped and filter/pixels tell how large they are.
 */
MUST_CHECK enum status evaluation_filter(struct record *record, const struct trial *trial,
                                         const struct splits *splits,
                                         const struct training_set *items,
                                         const struct regions *regions, const uint8_t *reasons,
                                         const float *scores, struct error *error);
/*
 * The most suspect items that the filter dropped, as `filtered` says of it (filter/reason,
 * filter/score): flagged/item, their rows there; flagged/input, the images; flagged/label, what the
 * filter judged: an image, a class or numbers. At most `most`; nothing of masks, of which regions
 * are judged, or where the filter looked at nothing.
 */
MUST_CHECK enum status evaluation_flagged(struct record *record, const struct record *filtered,
                                          const struct training_set *items, size_t most,
                                          struct error *error);

/*
 * {degraded,pipeline,network}.{train,validation,test}.{ssim,psnr} or .accuracy, against ground
 * truth, where there is some, with the network's difference from the pipeline on the test images
 * (trial/evaluation/difference.h); network.{train,validation,test}.agreement.{ssim,psnr} or
 * .{accuracy,kappa}, against the pipeline's answers; .psnr_capped, the images whose PSNR is at its
 * cap, where there are some; `notes`, what stood out; STATUS_DIVERGED where an image has no score
 * (docs/scores.md). Examples and chosen activations of the test split.
 */
MUST_CHECK enum status evaluation_scores(struct record *record, const struct trial *trial,
                                         const struct splits *splits, const struct trained *trained,
                                         int threads, struct error *error);

/* Where the task is about numbers: numbers/{truth,pipeline,network} of the test split,
 * [row][number], if its truth is known. `outputs` are the network's. */
MUST_CHECK enum status evaluation_numbers(struct record *record, const struct splits *splits,
                                          const struct image_set *outputs, struct error *error);
/* The images at `places` of the test split, and what was made of them, as arrays GROUP/… */
MUST_CHECK enum status evaluation_keep(struct record *record, const char *group,
                                       const struct splits *splits, const struct image_set *outputs,
                                       const uint32_t *places, size_t count, struct error *error);
/* Where `store.confusion` asks for it and the task is about classes: confusion/{pipeline,network}
 * of its split, [true class][named class]. `outputs` are the network's on split `name`. */
MUST_CHECK enum status evaluation_confusion(struct record *record, const struct trial *trial,
                                            const struct splits *splits, enum split_name name,
                                            const struct image_set *outputs, struct error *error);
/*
 * The first `most` test images and what was made of them, as arrays examples/…; layers' outputs for
 * some, as activations/LAYER: [images][channels][height][width] where these images have one size,
 * else a [channels][height][width] for each, …/00000 and so on. `outputs`: the network's, of the
 * test split.
 */
MUST_CHECK enum status evaluation_examples(struct record *record, const struct splits *splits,
                                           const struct image_set *outputs, size_t most,
                                           struct error *error);
MUST_CHECK enum status evaluation_activations(struct record *record, const struct trial *trial,
                                              const struct splits *splits,
                                              const struct trained *trained, int threads,
                                              struct error *error);

/* network.parameters, network.multiply_adds, pipeline.OPERATIONS (of the replaced part), and
 * hardware.MACHINE.* for every machine of the plan: means over the test images; with the section
 * `quantize`, hardware.MACHINE.bytes_per_value; where the machine runs programs,
 * hardware.MACHINE.pipeline.* of the replaced part. Where images differ in size, test.sizes
 * says how many sizes there are, and NAME.sd, NAME.min, NAME.max how far a cost differs.
 * Parameters, multiply-adds, latency and energy of each layer as arrays layers/…, with the same.
 */
MUST_CHECK enum status evaluation_costs(struct record *record, const struct trial *trial,
                                        const struct plan *plan, const struct splits *splits,
                                        struct error *error);

/* Where another precision than float32 was asked for: in which each layer computes in training, as
 * the array layers/precision. Those with parameters are in the one that was asked for, or nothing
 * runs (graph/program.h). */
MUST_CHECK enum status evaluation_precision(struct record *record, const struct trial *trial,
                                            const struct network *network, struct error *error);

/* Every parameter as parameters/NODE/NAME. */
MUST_CHECK enum status evaluation_parameters(struct record *record, const struct network *network,
                                             const struct trained *trained, struct error *error);
/* network/graph: the graph that they belong to, as JSON (docs/taking_it_out.md). */
MUST_CHECK enum status evaluation_graph(struct record *record, const struct trial *trial,
                                        const struct splits *splits, const struct network *network,
                                        struct error *error);

#endif
