/*
 * Launching: which launcher's description (experiments/launchers/NAME.yaml) is meant, how many
 * tasks the trials make, and what became of a launch.
 *
 *     launcher: slurm
 *     about: one sentence
 *     system: slurm            # which launcher it is; its settings stand beside
 *     partition: short
 *
 * All that a launch leaves lies in RESULTS/runs/EXPERIMENT/LAUNCHER/.
 */
#ifndef UNDERSTUDY_LAUNCH_LAUNCH_H
#define UNDERSTUDY_LAUNCH_LAUNCH_H

#include "interfaces/launcher.h"
#include "plan/plan.h"

struct launch_site {
    const char *name, *about;
    struct component system;
};

extern const struct field launch_fields[]; /* of struct launch_site */

/* Load DIRECTORY/NAME.yaml. A description that is not there is a mistake in `found`, at `mark`; so
 * are those in the file. Lives in `arena`. */
MUST_CHECK enum status launch_load(const struct text_list *folders, const char *name,
                                   struct yaml_mark mark, struct arena *arena,
                                   struct launch_site *site, struct diagnostics *found,
                                   struct error *error);
/* How many tasks `trials` make that take `seconds` together, for each to last `minutes`: at least
 * one, at most one a trial. */
size_t launch_tasks(size_t trials, double seconds, double minutes);

/* What a trial of the experiment took on the average, of those that were ever done; NaN where none
 * was. */
double launch_trial_seconds(const char *results, const char *name);

/* What the trials that are left take, in seconds: as those did that were ever done, or, where it is
 * more, `core_seconds` of training, an estimate from the work that they are (forecast/forecast.h).
 * Too many tasks are the lesser evil. NaN: nothing is known. */
double launch_seconds(const struct plan *plan, const char *results, size_t left,
                      double core_seconds);

/* RESULTS/runs/NAME/LAUNCHER. */
void launch_folder(const char *results, const char *name, const char *launcher,
                   struct text *folder);

/*
 * Hand the experiment over; of `launch`, folder and plan are filled here. Where it was handed over
 * already and is not over, *before is true and nothing is done; where that was another plan of the
 * same name, it is STATUS_CONFIG. FOLDER/plan.yaml gets the resolved plan, for
 * launch_expect(), FOLDER/launcher.yaml the site, for launch_look().
 */
MUST_CHECK enum status launch_submit(const struct launch_site *site, const struct plan *plan,
                                     const char *results, struct launch *launch, bool *before,
                                     struct launch_told *told, struct error *error);

/* What became of what was launched, if anything was, into the launcher's folder (launcher->look),
 * with the settings that FOLDER/launcher.yaml keeps. */
MUST_CHECK enum status launch_look(const struct launcher *launcher, const char *folder,
                                   struct launch_state *state, struct text *told,
                                   struct error *error);

/* Is the plan the one that was launched, whose text `path` holds? STATUS_CONFIG where the
 * experiment's file has changed since, or the program, or this machine's engine has another
 * instruction set. */
MUST_CHECK enum status launch_expect(const struct plan *plan, const char *path,
                                     struct error *error);

/* What became of the experiment's launches, in lines for people; nothing where there was none. */
MUST_CHECK enum status launch_status(const char *results, const char *name, struct text *text,
                                     struct error *error);

#endif
