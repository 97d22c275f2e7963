#include "findings/verdict_rule.h"

#include <math.h>

const char *const verdict_qualities[] = {[VERDICT_UNKNOWN] = "unknown",
                                         [VERDICT_WORSE] = "worse",
                                         [VERDICT_UNCLEAR] = "unclear",
                                         [VERDICT_AS_GOOD] = "as_good",
                                         [VERDICT_BETTER] = "better"};
const char *const verdict_actions[] = {
    [VERDICT_TAKE] = "take_the_network",  [VERDICT_GUARD] = "take_the_guarded_network",
    [VERDICT_KEEP] = "keep_the_pipeline", [VERDICT_WIDEN] = "wider_networks",
    [VERDICT_LABEL] = "more_labels",      [VERDICT_REPLICATE] = "more_replicates",
    [VERDICT_TEST] = "more_test_images",  [VERDICT_FIND_TRUTH] = "ground_truth"};

enum verdict_quality verdict_quality(const struct verdict_facts *facts)
{
    /* Without an interval the mean has to do. */
    double low = isnan(facts->low) ? facts->difference : facts->low;
    double high = isnan(facts->high) ? facts->difference : facts->high;

    if (!facts->judged || !isfinite(facts->difference))
        return VERDICT_UNKNOWN;
    if (low > -facts->margin)
        return low > 0 ? VERDICT_BETTER : VERDICT_AS_GOOD;
    return high < -facts->margin ? VERDICT_WORSE : VERDICT_UNCLEAR;
}

/* What brings the network closer to the pipeline. Does it lack more on images that it never saw
 * than on those that it learnt from, or did wider ones do no better, it wants more of these; else
 * it cannot hold what they say. */
static enum verdict_action closer(const struct verdict_facts *facts)
{
    return facts->wider_tried || facts->unseen - facts->seen > facts->seen ? VERDICT_LABEL
                                                                           : VERDICT_WIDEN;
}

static enum verdict_action as_good(const struct verdict_facts *facts, bool better)
{
    if (facts->none_selected)
        return closer(facts);
    if (facts->cost == VERDICT_NO_CHEAPER && !better)
        return VERDICT_KEEP;
    return facts->replicates < 2 || facts->as_good < facts->replicates ? VERDICT_REPLICATE
                                                                       : VERDICT_TAKE;
}

/* Of the network alone. */
static enum verdict_action alone(const struct verdict_facts *facts)
{
    enum verdict_quality quality = verdict_quality(facts);

    switch (quality) {
    case VERDICT_UNKNOWN:
        return facts->cost == VERDICT_NO_CHEAPER ? VERDICT_KEEP : VERDICT_FIND_TRUTH;
    case VERDICT_WORSE: return VERDICT_KEEP;
    case VERDICT_UNCLEAR:
        return facts->difference < -facts->margin || facts->none_selected ? closer(facts)
                                                                          : VERDICT_TEST;
    case VERDICT_AS_GOOD:
    case VERDICT_BETTER: break;
    }
    return as_good(facts, quality == VERDICT_BETTER);
}

bool verdict_is_cheaper(enum verdict_cost cost)
{
    return cost == VERDICT_CHEAPER || cost == VERDICT_PARTLY_CHEAPER;
}

/* With a guard where the network alone will not do. */
enum verdict_action verdict_action(const struct verdict_facts *facts)
{
    enum verdict_action action = alone(facts);
    bool does = action == VERDICT_TAKE || action == VERDICT_REPLICATE;

    return !does && facts->guarded && verdict_is_cheaper(facts->guarded_cost) ? VERDICT_GUARD
                                                                              : action;
}

bool verdict_asks_cost(const struct verdict_facts *facts)
{
    enum verdict_quality quality = verdict_quality(facts);

    return facts->guarded || quality == VERDICT_UNKNOWN ||
           (quality >= VERDICT_AS_GOOD && !facts->none_selected);
}

/* What actions ask for more of. */
static const struct {
    const char *words, *path;
} wants[VERDICT_ACTIONS] = {[VERDICT_WIDEN] = {"wider networks", "network.width"},
                            [VERDICT_LABEL] = {"more labels", "dataset.unlabelled"},
                            [VERDICT_REPLICATE] = {"more replicates", "replicates"},
                            [VERDICT_TEST] = {"more test images", "dataset.test"}};

/* "more labels (dataset.unlabelled: 2000)" */
static void say_more(const struct verdict_facts *facts, enum verdict_action action,
                     struct text *text)
{
    const struct verdict_change *change = &facts->changes[action];

    text_append(text, "%s", wants[action].words);
    if (change->value)
        text_append(text, " (%s: %lld)", wants[action].path, change->value);
    else if (action != VERDICT_WIDEN) /* which not every family has */
        text_append(text, " (a larger %s)", wants[action].path);
}

void verdict_setting(const struct verdict_facts *facts, struct text *text)
{
    enum verdict_action action = verdict_action(facts);

    if (action == VERDICT_KEEP && verdict_quality(facts) == VERDICT_WORSE)
        action = closer(facts);
    const struct verdict_change *change = &facts->changes[action];
    if (change->value && change->set)
        text_append(text, "%s=%lld", wants[action].path, change->value);
    else if (change->value && change->also)
        text_append(text, "also=[{%s: %lld}]", wants[action].path, change->value);
}

static void say_take(const struct verdict_facts *facts, struct text *text)
{
    static const char *const costs[] = {
        [VERDICT_NOT_COMPARED] =
            (", but no machine under 'hardware' prices both: add one that does, "
             "as raspberry_pi_4"),
        [VERDICT_CHEAPER] = ", and costs less",
        [VERDICT_PARTLY_CHEAPER] = ", and costs less in part: the lines above say where",
        [VERDICT_NO_CHEAPER] = ", but costs no less"};

    text_append(text, "Take the network%s: it is %s the pipeline%s.",
                facts->cost == VERDICT_NO_CHEAPER ? " where the score counts more than the cost"
                                                  : "",
                verdict_quality(facts) == VERDICT_BETTER ? "better than" : "as good as",
                costs[facts->cost]);
    text_append(text, " 'understudy export' writes it as ONNX or C.");
}

static void say_keep(const struct verdict_facts *facts, struct text *text)
{
    text_append(text, "Keep the pipeline: ");
    switch (verdict_quality(facts)) {
    case VERDICT_WORSE:
        text_append(text, "the network is worse by more than the margin; ");
        say_more(facts, closer(facts), text);
        text_append(text, " may bring it closer.");
        break;
    case VERDICT_UNKNOWN:
        text_append(text, "the network costs no less, and nothing says that it is better.");
        break;
    case VERDICT_UNCLEAR:
    case VERDICT_AS_GOOD:
    case VERDICT_BETTER:
        text_append(text, "the network is as good, but neither better nor cheaper.");
        break;
    }
}

static void say_replicate(const struct verdict_facts *facts, struct text *text)
{
    text_append(text, "Run ");
    say_more(facts, VERDICT_REPLICATE, text);
    text_append(text, ": ");
    if (facts->replicates < 2)
        text_append(text, "the network is %s the pipeline, but was trained only once.",
                    verdict_quality(facts) == VERDICT_BETTER ? "better than" : "as good as");
    else
        text_append(text, "%zu of %zu trainings gave a network as good as the pipeline.",
                    facts->as_good, facts->replicates);
}

static void say_guard(const struct verdict_facts *facts, struct text *text)
{
    text_append(text,
                "Take the small network with its guard, which hands %.3g %% of the images on to "
                "%s: together they are as good as the pipeline, and cost less%s.",
                100 * facts->handed_on, facts->to,
                facts->guarded_cost == VERDICT_CHEAPER ? "" : " in part");
    text_append(text, " 'understudy export --what guarded' writes them as C.");
}

void verdict_sentence(const struct verdict_facts *facts, struct text *text)
{
    enum verdict_action action = verdict_action(facts);

    switch (action) {
    case VERDICT_TAKE: say_take(facts, text); break;
    case VERDICT_GUARD: say_guard(facts, text); break;
    case VERDICT_KEEP: say_keep(facts, text); break;
    case VERDICT_REPLICATE: say_replicate(facts, text); break;
    case VERDICT_TEST:
        text_append(text, "Try ");
        say_more(facts, action, text);
        text_append(text, ": these do not tell whether the network is as good as the pipeline.");
        break;
    case VERDICT_FIND_TRUTH:
        text_append(text, "Label test images by hand: agreement alone does not tell whether the "
                          "network is as good as the pipeline.");
        break;
    case VERDICT_WIDEN:
    case VERDICT_LABEL:
        text_append(text, "Try ");
        say_more(facts, action, text);
        text_append(text, facts->none_selected
                              ? ": no network is good enough on the validation images."
                              : ": the network is probably worse by more than the margin.");
        break;
    case VERDICT_ACTIONS: break;
    }
}
