/* Numbers as LaTeX. */
#include "report/paper_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const paper_forms[] = {"number", "percent",   "points",   "minutes",
                                   "hours",  "thousands", "millions", "billions",
                                   "milli",  "micro",     NULL};
static const double scales[] = {1, 100, 100, 1.0 / 60, 1.0 / 3600, 1e-3, 1e-6, 1e-9, 1e3, 1e6};

void paper_format(const struct paper_number *number, double value, bool suffix, struct text *text)
{
    char digits[400];

    snprintf(digits, sizeof digits, "%.*f", (int)number->digits,
             fabs(value * scales[number->form]));
    bool zero = strspn(digits, "0.") == strlen(digits);
    size_t whole = strcspn(digits, ".");
    if (!zero && value < 0)
        text_append(text, "$-$");
    else if (!zero && number->sign)
        text_append(text, "+");
    for (size_t i = 0; i < whole; i++)
        text_append(text, "%s%c", i && whole > 4 && (whole - i) % 3 == 0 ? "\\," : "", digits[i]);
    text_append(text, "%s", digits + whole);
    if (suffix && strcmp(paper_forms[number->form], "percent") == 0)
        text_append(text, "\\,\\%%");
}

void paper_format_p(const struct paper_number *number, double p, struct text *text)
{
    double least = pow(10, -(double)number->digits);

    if (p < least)
        text_append(text, "\\ensuremath{<}%.*f", (int)number->digits, least);
    else
        text_append(text, "%.*f", (int)number->digits, p);
}

void paper_format_interval(const struct paper_number *number, const struct interval *interval,
                           struct text *text)
{
    paper_format(number, interval->mean, false, text);
    text_append(text, " [");
    paper_format(number, interval->low, false, text);
    text_append(text, ", ");
    paper_format(number, interval->high, false, text);
    text_append(text, "]%s", strcmp(paper_forms[number->form], "percent") == 0 ? "\\,\\%" : "");
}

void paper_append_name(const char *name, struct text *text)
{
    for (; *name; name++)
        text_append(text, "%s%c", strchr("#$%&_{}", *name) ? "\\" : "", *name);
}
