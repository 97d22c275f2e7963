/* Steps of exporting_open(), for what exports two networks. Private to deploy/. */
#ifndef UNDERSTUDY_DEPLOY_EXPORTING_PRIVATE_H
#define UNDERSTUDY_DEPLOY_EXPORTING_PRIVATE_H

#include "deploy/exporting.h"

/* The network, the stages beside it, and all of `exported` but the examples and facts. */
MUST_CHECK enum status exporting_network(struct exporting *exporting, const char *path,
                                         const struct exporting_options *wanted,
                                         const struct model_options *options,
                                         struct diagnostics *found, struct error *error);
/* At most `most` inputs, as examples. */
MUST_CHECK enum status exporting_inputs(struct exporting *exporting, const char *path, size_t most,
                                        struct error *error);
/* What comes of images that the stages before the network have seen: by it, and the stages after
 * it. */
MUST_CHECK enum status exporting_answer(const struct exporting *exporting,
                                        const struct image_set *seen, struct image_set *out,
                                        struct error *error);
/* Facts of the file and of the trial, and one more. */
MUST_CHECK enum status exporting_facts(struct exporting *exporting, const char *path,
                                       struct error *error);
MUST_CHECK enum status exporting_fact(struct exporting *exporting, const char *name,
                                      const char *value, struct error *error);

#endif
