/*
 * gnuplot, as a program: a script of assignments is handed to it on its standard input, and loads a
 * template of plots/. Settings of the user (~/.gnuplot) and of the locale do not reach it.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_GNUPLOT_H
#define UNDERSTUDY_REPORT_CHARTS_GNUPLOT_H

#include "base/text.h"

/* Run the script; what gnuplot has against it is in the message. STATUS_UNAVAILABLE when there is
 * no gnuplot on the PATH. */
MUST_CHECK enum status gnuplot_run(const char *script, struct error *error);

/* Append "name = 'text'", the one way in which text reaches gnuplot: nothing in it is code, and
 * what cannot be shown (text_append_printable()) is replaced. */
void gnuplot_set_text(struct text *script, const char *name, const char *value);
/* The same for a path, byte by byte: relative ones get "./" in front, so that no name is read as a
 * pipe. */
void gnuplot_set_path(struct text *script, const char *name, const char *path);
void gnuplot_set_real(struct text *script, const char *name, double value);

#endif
