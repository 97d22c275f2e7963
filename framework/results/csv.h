/*
 * CSV as RFC 4180 says: fields are separated by commas, rows end with CR LF, a field with a comma,
 * quote or line break is quoted and its quotes are doubled. Numbers are in shortest round-trip
 * form; one that is not there (NaN) is an empty field. Failure is sticky, as in base/text.h.
 *
 * A field is never altered, so that programs read what was written: a text that begins with =, +, -
 * or @ is a formula to a spreadsheet that opens the file by itself. Import it with columns of text.
 */
#ifndef UNDERSTUDY_RESULTS_CSV_H
#define UNDERSTUDY_RESULTS_CSV_H

#include "base/text.h"

struct csv {
    struct text *text; /* borrowed */
    bool within;       /* the row has a field already */
};

/* Append a number: whole ones below 1e15 in full ("1000", not "1e+03"), nothing for NaN. */
void csv_number(struct text *text, double value);

void csv_text(struct csv *csv, const char *field);
void csv_real(struct csv *csv, double value);
void csv_end_row(struct csv *csv);

#endif
