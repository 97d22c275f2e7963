/* What passes between the stages of a pipeline, and between pipeline, labels and network. */
#ifndef UNDERSTUDY_INTERFACES_CONTENT_H
#define UNDERSTUDY_INTERFACES_CONTENT_H

enum content {
    CONTENT_IMAGE,    /* pixels */
    CONTENT_FEATURES, /* (length, 1, 1) */
    CONTENT_SCORES,   /* (classes, 1, 1); the largest is the label */
    CONTENT_ANSWER,   /* of a stage's output alone: what the task asks for, scores or an image */
};

/* Sets of contents, for what serves several. */
enum {
    SERVES_IMAGES = 1 << CONTENT_IMAGE,
    SERVES_SCORES = 1 << CONTENT_SCORES,
};

#endif
