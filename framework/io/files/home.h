/*
 * The home: the folder with networks/families, experiments/hardware and plots, which the program
 * reads. It is found from where the program lies, so that a copied or moved checkout reads its own.
 */
#ifndef UNDERSTUDY_IO_FILES_HOME_H
#define UNDERSTUDY_IO_FILES_HOME_H

#include "base/text.h"

/* In a build folder outside of its checkout, this file holds the checkout's path; `make` writes it.
 */
#define HOME_FILE "understudy.home"

/* STATUS_CONFIG where the folder is no home; `said_by` ("--home") says who named it. */
MUST_CHECK enum status home_check(const char *said_by, const char *folder, struct error *error);

/* The home of a program: the nearest folder above the file `program`, links followed, that is a
 * home, or has one in share/understudy, or a HOME_FILE that names one. STATUS_CONFIG where there is
 * none. */
MUST_CHECK enum status home_above(const char *program, struct text *home, struct error *error);

/* That of the program that runs. */
MUST_CHECK enum status home_of_this(struct text *home, struct error *error);

#endif
