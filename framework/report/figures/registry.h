/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_REPORT_FIGURES_REGISTRY_H
#define UNDERSTUDY_REPORT_FIGURES_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_figures(void); /* of struct figure */

#endif
