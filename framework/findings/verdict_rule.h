/*
 * What to do next, from what a run came to: the rule behind the verdict's last line, on its own.
 * docs/reading_results.md has it in words.
 *
 * The network was chosen on the validation images; what is judged here are the test images, at
 * which nobody looked before. Differences are the network's score less the pipeline's, turned so
 * that larger is better, on the metric's own scale.
 */
#ifndef UNDERSTUDY_FINDINGS_VERDICT_RULE_H
#define UNDERSTUDY_FINDINGS_VERDICT_RULE_H

#include "base/text.h"

enum verdict_quality {                  /* of the network beside the pipeline */
                       VERDICT_UNKNOWN, /* no ground truth */
                       VERDICT_WORSE,   /* the whole interval lies below the margin */
                       VERDICT_UNCLEAR, /* the interval holds the margin */
                       VERDICT_AS_GOOD, /* the whole interval lies above the margin … */
                       VERDICT_BETTER,  /* … and above 0 */
};
extern const char *const verdict_qualities[]; /* "unknown" … */

enum verdict_cost { /* on any machine, in time or energy */
                    VERDICT_NOT_COMPARED,
                    VERDICT_CHEAPER,
                    VERDICT_PARTLY_CHEAPER, /* and dearer in the other, or on another machine */
                    VERDICT_NO_CHEAPER,
};

enum verdict_action {
    VERDICT_TAKE,
    VERDICT_GUARD, /* take the small network with its guard */
    VERDICT_KEEP,  /* the pipeline */
    VERDICT_WIDEN,
    VERDICT_LABEL,      /* more images, by the pipeline */
    VERDICT_REPLICATE,  /* more trainings */
    VERDICT_TEST,       /* more test images */
    VERDICT_FIND_TRUTH, /* of test images */
    VERDICT_ACTIONS,
};
extern const char *const verdict_actions[]; /* "take_the_network" … */

/* A setting that may be larger. */
struct verdict_change {
    long long value; /* what it should become; 0: not known */
    bool set, also;  /* by an override of the setting; by a point of `also:`; else in the file */
};

struct verdict_facts {
    bool judged; /* by truth, or by agreement where `select` says so; else there is no truth */
    bool none_selected;           /* `select` found no network that is good enough */
    double difference, low, high; /* with its 95 % interval; NaN: there is none */
    double margin;
    size_t replicates, as_good; /* trainings of this network; those that are as good or better */
    double seen, unseen; /* what agreement lacks on images trained on, and on validation images */
    enum verdict_cost cost;
    bool wider_tried; /* wider networks of the same family were, and did no better */
    bool guarded;     /* a small network with a guard is as good as the pipeline … */
    enum verdict_cost guarded_cost;
    double handed_on; /* … as the guard hands on this share of the images */
    const char *to;   /* … to this */
    struct verdict_change changes[VERDICT_ACTIONS]; /* by the action that asks for them */
};

bool verdict_is_cheaper(enum verdict_cost cost); /* in part at least */
enum verdict_quality verdict_quality(const struct verdict_facts *facts);
enum verdict_action verdict_action(const struct verdict_facts *facts);
/* Does the action hang on `cost`? */
bool verdict_asks_cost(const struct verdict_facts *facts);
/* One sentence: what to do, and why. */
void verdict_sentence(const struct verdict_facts *facts, struct text *text);
/* What the sentence asks to change, as an override: "replicates=6"; nothing where it does not, or
 * where no override does it. */
void verdict_setting(const struct verdict_facts *facts, struct text *text);

#endif
