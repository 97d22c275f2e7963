/* Lloyd's k-means. Private to pipelines/features. */
#ifndef UNDERSTUDY_PIPELINES_FEATURES_KMEANS_H
#define UNDERSTUDY_PIPELINES_FEATURES_KMEANS_H

#include "base/random.h"
#include "interfaces/stage.h"

struct kmeans {
    size_t count, depth; /* of the points */
    const float *points; /* [count][depth] */
    size_t clusters;     /* count at most */
    int iterations, threads;
};

/*
 * centroids[clusters][depth]: points drawn from `stream` at first; then each becomes the mean of
 * the points that are nearest to it (the first of equally near ones), until no point changes its
 * centroid or `iterations` are over. A centroid without points stays where it is.
 */
MUST_CHECK enum status kmeans_fit(const struct kmeans *kmeans, struct random_stream *stream,
                                  float *centroids, struct error *error);

#endif
