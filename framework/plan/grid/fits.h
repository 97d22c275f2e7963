/* Machines that hold no network of any size. Private to plan/. */
#ifndef UNDERSTUDY_PLAN_GRID_FITS_H
#define UNDERSTUDY_PLAN_GRID_FITS_H

#include "plan/steps.h"

/* Drop the points whose networks one of the machines cannot hold. The machines are loaded. */
MUST_CHECK enum status fits_apply(struct plan *plan, struct diagnostics *found,
                                  struct error *error);

#endif
