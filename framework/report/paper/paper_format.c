/* Numbers as LaTeX. */
#include "report/paper/paper_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const paper_forms[] = {"number", "percent",   "points",   "minutes",
                                   "hours",  "thousands", "millions", "billions",
                                   "milli",  "micro",     "words",    NULL};
static const double scales[] = {1, 100, 100, 1.0 / 60, 1.0 / 3600, 1e-3, 1e-6, 1e-9, 1e3, 1e6, 1};

static bool is_form(const struct paper_number *number, const char *form)
{
    return strcmp(paper_forms[number->form], form) == 0;
}

/* Digits, in groups of three before the point. */
static void append_grouped(const char *digits, struct text *text)
{
    size_t whole = strcspn(digits, ".");

    for (size_t i = 0; i < whole; i++)
        text_append(text, "%s%c", i && (whole - i) % 3 == 0 ? "," : "", digits[i]);
    text_append(text, "%s", digits + whole);
}

/* As words, a million is told as such; below, every digit is. */
void paper_format(const struct paper_number *number, double value, bool suffix, struct text *text)
{
    double scaled = fabs(value * scales[number->form]);
    bool words = is_form(number, "words"), million = words && scaled >= 999999.5;
    char digits[400];

    snprintf(digits, sizeof digits, "%.*f", words && !million ? 0 : (int)number->digits,
             million ? scaled / 1e6 : scaled);
    bool zero = strspn(digits, "0.") == strlen(digits);
    if (!zero && value < 0)
        text_append(text, "$-$");
    else if (!zero && number->sign)
        text_append(text, "+");
    append_grouped(digits, text);
    text_append(text, "%s", million ? " million" : "");
    if (suffix && is_form(number, "percent"))
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
    text_append(text, "]%s", is_form(number, "percent") ? "\\,\\%" : "");
}
