#include "results/csv.h"

#include <math.h>
#include <string.h>

static void separate(struct csv *csv)
{
    if (csv->within)
        text_append_bytes(csv->text, ",", 1);
    csv->within = true;
}

void csv_text(struct csv *csv, const char *field)
{
    separate(csv);
    if (!strpbrk(field, ",\"\r\n")) {
        text_append_bytes(csv->text, field, strlen(field));
        return;
    }
    text_append_bytes(csv->text, "\"", 1);
    for (const char *at = field; *at; at++) {
        if (*at == '"')
            text_append_bytes(csv->text, "\"", 1);
        text_append_bytes(csv->text, at, 1);
    }
    text_append_bytes(csv->text, "\"", 1);
}

void csv_number(struct text *text, double value)
{
    if (isnan(value))
        return;
    text_append_real(text, value);
}

void csv_real(struct csv *csv, double value)
{
    separate(csv);
    csv_number(csv->text, value);
}

void csv_end_row(struct csv *csv)
{
    text_append_bytes(csv->text, "\r\n", 2);
    csv->within = false;
}
