/*
 * The registries: every implementation of every kind, sorted by name. A kind's rows stand in its
 * .def file beside this one, one line each; adding an implementation is one file and one such line.
 * Network families are YAML files; network/family.h reads them.
 */
#ifndef UNDERSTUDY_KINDS_REGISTRY_H
#define UNDERSTUDY_KINDS_REGISTRY_H

#include "io/schema.h"

const struct registry *registry_augmentations(void); /* rows are struct augmentation */
const struct registry *registry_datasets(void);      /* struct dataset */
const struct registry *registry_degradations(void);  /* struct degradation */
const struct registry *registry_stages(void);        /* struct stage */
const struct registry *registry_filters(void);       /* struct filter */
const struct registry *registry_label_noises(void);  /* struct label_noise */
const struct registry *registry_launchers(void);     /* struct launcher */
const struct registry *families_registry(void);      /* network families: network/family.h */
const struct registry *registry_layers(void);        /* struct layer */
const struct registry *registry_engines(void);       /* struct engine */
const struct registry *registry_losses(void);        /* struct loss */
const struct registry *registry_optimizers(void);    /* struct optimizer */
const struct registry *registry_schedules(void);     /* struct schedule */
const struct registry *registry_cost_models(void);   /* struct cost_model */
const struct registry *registry_figures(void);       /* struct figure */
const struct registry *registry_searches(void);      /* struct search_method */

#endif
