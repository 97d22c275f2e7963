/* Networks to be exported with stages of a pipeline beside them, for tests: every kind of step,
 * before the network and after it. */
#ifndef UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_STAGE_CASES_H
#define UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_STAGE_CASES_H

#include "export/exported.h"

/* `exported` has examples and what comes of them; `integers` the same network in 8-bit integers,
 * with what comes of the same examples. */
typedef enum status export_stage_visitor(void *context, const char *name,
                                         const struct exported_network *exported,
                                         const struct exported_network *integers,
                                         struct error *error);
/* Families have been loaded. Ends with the first error, whose context is the case's name. */
MUST_CHECK enum status export_stage_cases_each(export_stage_visitor *visit, void *context,
                                               struct error *error);

#endif
