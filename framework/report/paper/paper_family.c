/* Corrects the p-values of a family of tests together. */
#include "report/paper/paper_private.h"

#include <string.h>

static bool is_of(const struct paper_number *number, const char *family)
{
    return strcmp(number->family, family) == 0;
}

static bool is_test(const struct paper_number *number, const char *family)
{
    return number->reduce == P_VALUE && is_of(number, family);
}

/* Its tests before the correction; *whole is false where results of one are yet to come. */
static size_t list_tests(const struct paper *paper, const char *family, double *p, bool *whole)
{
    size_t count = 0;

    *whole = true;
    for (size_t i = 0; i < paper->number_count; i++)
        if (is_test(&paper->numbers[i], family)) {
            *whole = *whole && paper->numbers[i].source->there;
            p[count++] = paper->numbers[i].p;
        }
    return count;
}

/* The numbers of the family as texts; p: those of its tests, corrected. */
static enum status print(struct reading *reading, const char *family, const double *p, size_t count)
{
    enum status status = STATUS_OK;
    struct paper *paper = reading->paper;
    struct text text = {0};
    size_t below = 0;

    for (size_t i = 0; i < count; i++)
        below += p[i] < 0.05;
    for (size_t i = 0, test = 0; i < paper->number_count; i++) {
        struct paper_number *number = &paper->numbers[i];
        if (!is_of(number, family))
            continue;
        text_clear(&text);
        if (number->reduce == P_VALUE)
            paper_format_p(number, p[test++], &text);
        else
            paper_format(number, (double)(number->reduce == TESTS ? count : below), true, &text);
        TRY(text_keep(&text, &paper->arena, &number->text, reading->error));
    }
out:
    text_release(&text);
    return status;
}

/* The family that the number is the first of. */
static enum status correct(struct reading *reading, const struct paper_number *first, double *p)
{
    struct paper *paper = reading->paper;
    bool whole;
    size_t count = list_tests(paper, first->family, p, &whole);

    if (count == 0)
        return paper_mistake(reading, paper_mark(first->node, "family"), "numbers", first->place,
                             "no p_value is of the family '%.100s'", first->family);
    if (whole) {
        statistics_holm(p, count);
        return print(reading, first->family, p, count);
    }
    for (size_t i = 0; i < paper->number_count; i++)
        if (is_of(&paper->numbers[i], first->family))
            paper->numbers[i].text = NULL;
    return STATUS_OK;
}

enum status paper_families(struct reading *reading)
{
    struct paper *paper = reading->paper;
    double *p;

    PASS(arena_new(&paper->arena, &p, paper->number_count, sizeof *p, reading->error));
    for (size_t i = 0; i < paper->number_count; i++) {
        const char *family = paper->numbers[i].family;
        bool seen = !family[0];
        for (size_t k = 0; k < i && !seen; k++)
            seen = is_of(&paper->numbers[k], family);
        if (!seen)
            PASS(correct(reading, &paper->numbers[i], p));
    }
    return STATUS_OK;
}
