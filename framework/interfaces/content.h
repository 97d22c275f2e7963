/* What passes between the stages of a pipeline, and between pipeline, labels and network. */
#ifndef UNDERSTUDY_INTERFACES_CONTENT_H
#define UNDERSTUDY_INTERFACES_CONTENT_H

#include "math/image.h"

enum content {
    CONTENT_IMAGE,    /* pixels */
    CONTENT_FEATURES, /* (length, 1, 1) */
    CONTENT_SCORES,   /* (classes, 1, 1); the largest is the label */
    CONTENT_MASK,     /* (1, height, width): the number of each pixel's class; NaN: not known */
    CONTENT_NUMBERS,  /* (count, 1, 1), in their units */
    CONTENT_MAP,      /* (count, height, width): numbers of each pixel; NaN: not known */
    CONTENT_ANSWER,   /* of a stage's output alone: what the task asks for */
};
enum { CONTENTS = CONTENT_ANSWER };

/* Sets of contents, for what serves several. */
enum {
    SERVES_IMAGES = 1 << CONTENT_IMAGE,
    SERVES_SCORES = 1 << CONTENT_SCORES,
    SERVES_MASKS = 1 << CONTENT_MASK,
    SERVES_NUMBERS = 1 << CONTENT_NUMBERS,
    SERVES_MAPS = 1 << CONTENT_MAP,
    SERVES_ALL = SERVES_IMAGES | SERVES_SCORES | SERVES_MASKS | SERVES_NUMBERS | SERVES_MAPS,
};

/* By content: "an image", "features" …; and of several, "images", "features" … */
extern const char *const content_names[], *const content_plurals[];
/* What data sets have for it: "images", "classes", "masks" … */
extern const char *const content_labels[];

/* Is there something for each pixel of the image? Then patches can be cut, large images seen in
 * tiles, and answers turned along with their inputs. */
static inline bool content_is_spatial(enum content content)
{
    return content == CONTENT_IMAGE || content == CONTENT_MASK || content == CONTENT_MAP;
}

/* What a task asks for. */
struct answer {
    enum content content;
    int count; /* of classes, or numbers; 0: not known, or there are none */
};

/* Its shape for an image of shape `in`, as pipelines give it and labels have it. */
static inline struct shape answer_shape(struct answer answer, struct shape in)
{
    switch (answer.content) {
    case CONTENT_SCORES:
    case CONTENT_NUMBERS: return (struct shape){answer.count, 1, 1};
    case CONTENT_MASK: return (struct shape){1, in.height, in.width};
    case CONTENT_MAP: return (struct shape){answer.count, in.height, in.width};
    default: return in;
    }
}

/* The shape of what a network gives for it: masks as scores of each class at each pixel, and as
 * many channels as the images have where no count is known. */
static inline struct shape answer_outputs(struct answer answer, struct shape in)
{
    int channels = answer.count ? answer.count : in.channels;

    return content_is_spatial(answer.content) ? (struct shape){channels, in.height, in.width}
                                              : (struct shape){channels, 1, 1};
}

/* Can `given` be taken where `wanted` is asked for? Masks and maps are images, too. */
static inline bool content_fits(enum content given, enum content wanted)
{
    return given == wanted || (wanted == CONTENT_IMAGE && content_is_spatial(given));
}

#endif
