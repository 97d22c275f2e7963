/* What `understudy plan` shows of trials and rules. Texts are appended. */
#ifndef UNDERSTUDY_CLI_SUPPORT_PLAN_TEXT_H
#define UNDERSTUDY_CLI_SUPPORT_PLAN_TEXT_H

#include "forecast/forecast.h"

/* The stages that the network takes over, and those that stay. */
MUST_CHECK enum status plan_text_replaced(const struct experiment *experiment, struct text *text,
                                          struct error *error);
/* A line a trial: its values on the axes, its replicate, what has to be done. The first 20, or all.
 */
MUST_CHECK enum status plan_text_trials(const struct plan *plan, const struct forecast *forecast,
                                        bool all, struct text *text, struct error *error);
/* The rules with their lines, and the first 20 combinations that they leave out, or all. */
void plan_text_rules(const struct plan *plan, bool all, struct text *text);

/* A line that says so where something of the resolved plan asks for a precision that is slower than
 * float32 on a processor with or without tile registers (AMX). */
void plan_text_precision(const char *resolved, bool tiles, struct text *text);

#endif
