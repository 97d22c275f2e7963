/* A record made again against what is stored of the trial; private to verify*.c. */
#ifndef UNDERSTUDY_RUN_VERIFY_COMPARE_H
#define UNDERSTUDY_RUN_VERIFY_COMPARE_H

#include "run/verify.h"

/* A column of the stored table, NULL where there is none. */
const struct hdf5_array *verifier_column(const struct verifier *verifier, const char *name);

/* Tell every difference, and count it in verifier->differences. */
MUST_CHECK enum status verify_compare(struct verifier *verifier,
                                      const struct verify_options *options,
                                      const struct record *record, size_t trial,
                                      struct error *error);

#endif
