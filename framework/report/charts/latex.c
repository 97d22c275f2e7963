#include "report/charts/latex.h"

#include <string.h>

static const struct {
    char character;
    const char *latex;
} special[] = {
    {'#', "\\#"},
    {'$', "\\$"},
    {'%', "\\%"},
    {'&', "\\&"},
    {'_', "\\_"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'\\', "\\textbackslash{}"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'<', "\\textless{}"},
    {'>', "\\textgreater{}"},
    {'|', "\\textbar{}"},
    {'"', "\\symbol{34}"},
    {'`', "\\textasciigrave{}"},
    {'\'', "\\textquotesingle{}"},
};

static const char *find_special(char character)
{
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].character == character)
            return special[i].latex;
    return NULL;
}

void latex_append(struct text *text, const char *bytes)
{
    struct text plain = {0};

    text_append_printable(&plain, bytes, strlen(bytes));
    for (const char *at = plain.length ? plain.bytes : ""; *at; at++) {
        const char *latex = find_special(*at);
        text_append_bytes(text, latex ? latex : at, latex ? strlen(latex) : 1);
        if (*at == '-' && at[1] == '-') /* no dash of two */
            text_append(text, "{}");
    }
    text->failed |= plain.failed;
    text_release(&plain);
}
