#include "report/charts/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The largest magnitude on an axis, and the smallest that differs from 0. */
static const double largest = 1e100, smallest = 1e-100;
/* Values that differ by less, relative to their size, are drawn as equal: tics between them would
 * be lost in rounding. */
static const double finest = 1e-11;

const struct axis_limits axis_no_limits = {-INFINITY, INFINITY};

bool axis_shows(double value)
{
    return fabs(value) <= largest;
}

double axis_hold(const struct axis_limits *limits, double value)
{
    return value < limits->least ? limits->least : value > limits->most ? limits->most : value;
}

struct axis axis_empty(void)
{
    struct axis axis = {INFINITY, -INFINITY, false};
    return axis;
}

void axis_include(struct axis *axis, double value)
{
    if (!axis_shows(value))
        return;
    axis->low = value < axis->low ? value : axis->low;
    axis->high = value > axis->high ? value : axis->high;
}

static void widen_log(struct axis *axis)
{
    /* the 16th root of the range, by square roots: these are exact on every machine */
    double factor = sqrt(sqrt(sqrt(sqrt(axis->high / axis->low))));

    factor = axis->low == axis->high ? 2 : factor < 1.06 ? 1.06 : factor;
    axis->low /= factor;
    axis->high *= factor;
}

void axis_finish(struct axis *axis, bool log)
{
    if (axis->low > axis->high) {
        axis->low = 0;
        axis->high = 1;
    }
    axis->log = log && axis->low >= smallest;
    if (axis->log) {
        widen_log(axis);
        return;
    }
    double span = axis->high - axis->low, size = fmax(fabs(axis->high), fabs(axis->low));
    double least = 0.02 * (fabs(axis->high) + fabs(axis->low));
    double pad = span > finest * size && span >= smallest ? 0.06 * span
                 : size >= smallest                       ? least
                                                          : 0.5;
    axis->low -= pad;
    axis->high += pad;
}

void axis_finish_within(struct axis *axis, bool log, const struct axis_limits *limits)
{
    const struct axis values = *axis;

    axis_finish(axis, log);
    if (values.low >= limits->least)
        axis->low = fmax(axis->low, limits->least);
    if (values.high <= limits->most)
        axis->high = fmin(axis->high, limits->most);
}

void axis_extend(struct axis *axis, double value)
{
    if (!axis->log || value >= smallest)
        axis_include(axis, value);
}

/* How values are written: scaled, with this many decimals (-1: as many as it takes), or where that
 * would be long with this many digits; suffix. */
struct axis_scale {
    double factor;
    double zero; /* smaller values are rounding errors of 0 */
    int decimals, digits;
    bool suffixes; /* k, M, G behind the number */
    bool whole;    /* no tics between whole numbers */
    double place;  /* tics stand at so many times their value */
};

static struct axis_scale scale_choose(const struct axis *axis, const char *unit, struct text *name)
{
    static const char *const prefixes[] = {"p", "n", "µ", "m", "", "k", "M", "G", "T"};
    static const double factors[] = {1e12, 1e9, 1e6, 1e3, 1, 1e-3, 1e-6, 1e-9, 1e-12};
    struct axis_scale scale = {1, 0, -1, 6, false, false, 1};

    if (strcmp(unit, "share") == 0) {
        scale.factor = 100;
        text_append(name, " (%%)");
    } else if (strcmp(unit, "count") == 0) {
        scale.suffixes = axis->high >= 1e4;
        scale.whole = true;
    } else if (strcmp(unit, "whole") == 0) {
        scale.whole = true;
    } else if (strcmp(unit, "J") == 0 || strcmp(unit, "s") == 0 || strcmp(unit, "B") == 0) {
        double middle = axis->log ? sqrt(axis->low) * sqrt(axis->high) : fabs(axis->high);
        size_t i = 0;
        while (i + 1 < sizeof factors / sizeof *factors && middle * factors[i + 1] >= 1)
            i++;
        scale.factor = factors[i];
        text_append(name, " (%s%s)", prefixes[i], unit);
    } else if (strcmp(unit, "1") != 0) {
        text_append(name, " (%s)", unit);
    }
    return scale;
}

/* "10¹¹" and "2·10⁻⁵" where printf writes 1e+11 and 2e-05. */
static void append_power(struct text *tics, const char *number)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    const char *mark = strchr(number, 'e');

    if (!mark) {
        text_append(tics, "%s", number);
        return;
    }
    bool one = mark - number == 1 && number[0] == '1';
    if (!one)
        text_append(tics, "%.*s·", (int)(mark - number), number);
    text_append(tics, "10%s", mark[1] == '-' ? "⁻" : "");
    for (const char *at = mark + 2 + strspn(mark + 2, "0"); *at; at++)
        text_append(tics, "%s", raised[*at - '0']);
}

static void append_label(struct text *tics, double value, struct axis_scale scale)
{
    static const struct {
        double from;
        const char *suffix;
    } sizes[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {0, ""}};
    const char *suffix = "";
    char number[64];

    value = fabs(value) < scale.zero ? 0.0 : value * scale.factor;
    for (size_t i = 0; scale.suffixes && i < sizeof sizes / sizeof *sizes; i++)
        if (fabs(value) >= sizes[i].from) {
            value = sizes[i].from > 0 ? value / sizes[i].from : value;
            suffix = sizes[i].suffix;
            break;
        }
    if (scale.decimals >= 0 && !suffix[0])
        snprintf(number, sizeof number, "%.*f", scale.decimals, value);
    else
        snprintf(number, sizeof number, "%.*g", scale.digits, value);
    text_append(tics, "\"");
    append_power(tics, number);
    text_append(tics, "%s\" ", suffix);
}

static void append_tic(struct text *tics, const struct axis *axis, double value, bool major,
                       struct axis_scale scale)
{
    /* a hair's breadth of tolerance, for ends that are tics themselves */
    double slack = 1e-9 * (axis->high - axis->low);
    if (value < axis->low - slack || value > axis->high + slack)
        return;
    text_append(tics, "%s", tics->length ? ", " : "");
    if (major)
        append_label(tics, value, scale);
    else
        text_append(tics, "\"\" ");
    text_append(tics, "%.15g%s", value * scale.place, major ? "" : " 1");
}

/* Ten to a whole power, as exact as a double can be. */
static double ten_to(int exponent)
{
    double power = 1;
    for (int i = 0; i < (exponent < 0 ? -exponent : exponent); i++)
        power *= 10;
    return exponent < 0 ? 1 / power : power;
}

static double times_ten_to(double mantissa, int exponent)
{
    return exponent < 0 ? mantissa / ten_to(-exponent) : mantissa * ten_to(exponent);
}

/* A step of 1, 2 or 5 times a power of ten, and how many parts the minor tics cut it in. */
struct axis_step {
    int mantissa, exponent, parts;
};

static struct axis_step step_choose(double span, bool whole)
{
    static const int mantissas[] = {1, 2, 5}, parts[] = {5, 4, 5};
    int exponent = (int)floor(log10(span / 7)), choice = 0;

    if (whole && exponent < 0)
        exponent = 0;
    while (times_ten_to(mantissas[choice], exponent) * 7 < span)
        if (++choice == 3) {
            choice = 0;
            exponent++;
        }
    struct axis_step step = {mantissas[choice], exponent, parts[choice]};
    if (whole && exponent == 0)
        step.parts = step.mantissa;
    return step;
}

/* Decimals as the step needs them; very small and very large values as powers of ten. */
static void choose_digits(const struct axis *axis, const struct axis_step *step,
                          struct axis_scale *scale)
{
    int exponent = step->exponent + (int)lround(log10(scale->factor));
    double size = fmax(fabs(axis->low), fabs(axis->high)) * scale->factor;

    scale->zero = 1e-9 * (axis->high - axis->low);
    scale->decimals = exponent < 0 ? -exponent : 0;
    if (scale->decimals <= 6 && size < 1e7)
        return;
    scale->decimals = -1;
    int digits = (int)floor(log10(size)) - exponent + 1;
    scale->digits = digits < 6 ? 6 : digits;
}

static void linear_tics(const struct axis *axis, struct axis_scale scale, struct text *tics)
{
    struct axis_step step = step_choose(axis->high - axis->low, scale.whole);
    double size = times_ten_to(step.mantissa, step.exponent);
    double from = floor(axis->low / size), to = ceil(axis->high / size);

    choose_digits(axis, &step, &scale);
    for (double i = from; i <= to; i++)
        for (int k = 0; k < step.parts; k++)
            append_tic(tics, axis,
                       times_ten_to((i + (double)k / step.parts) * step.mantissa, step.exponent),
                       k == 0, scale);
}

/* Mantissas that get a label: the first set that gives three labels or more. */
static const char *const mantissas[] = {"1", "13", "125", "12357"};
enum { MANTISSAS = 4 };
enum { MINOR_DECADES = 20 }; /* on more than these, powers of ten have all the tics */

static int labels_in(const struct axis *axis, const char *set, int from, int to)
{
    int labels = 0;
    for (int e = from; e <= to; e++)
        for (const char *m = set; *m; m++) {
            double value = times_ten_to(*m - '0', e);
            labels += value >= axis->low && value <= axis->high;
        }
    return labels;
}

static void log_tics(const struct axis *axis, struct axis_scale scale, struct text *tics)
{
    int from = (int)floor(log10(axis->low)), to = (int)ceil(log10(axis->high)), choice = 0;

    while (choice < MANTISSAS && labels_in(axis, mantissas[choice], from, to) < 3)
        choice++;
    if (choice == MANTISSAS) {
        linear_tics(axis, scale, tics);
        return;
    }
    int every = choice == 0 ? (labels_in(axis, "1", from, to) + 6) / 7 : 1;
    int most = to - from > MINOR_DECADES ? 1 : 9;
    for (int e = from; e <= to; e++)
        for (int m = 1; m <= most; m++)
            append_tic(tics, axis, times_ten_to(m, e),
                       strchr(mantissas[choice], '0' + m) && (e - from) % every == 0, scale);
}

/* Are the wanted places few, inside, and far enough apart for labels? */
static bool places_fit(const struct axis *axis, const double *at, size_t count)
{
    double previous = -INFINITY;

    if (count < 2 || count > 7)
        return false;
    for (size_t i = 0; i < count; i++) {
        double place = axis->log ? log(at[i] / axis->low) / log(axis->high / axis->low)
                                 : (at[i] - axis->low) / (axis->high - axis->low);
        if (!(place >= 0 && place <= 1 && place - previous >= 0.11))
            return false;
        previous = place;
    }
    return true;
}

static void append_tics(const struct axis *axis, struct axis_scale scale, struct text *tics)
{
    if (axis->log)
        log_tics(axis, scale, tics);
    else
        linear_tics(axis, scale, tics);
}

void axis_tics(const struct axis *axis, const char *unit, const double *at, size_t count,
               struct text *tics, struct text *name)
{
    struct axis_scale scale = scale_choose(axis, unit, name);

    if (places_fit(axis, at, count))
        for (size_t i = 0; i < count; i++)
            append_tic(tics, axis, at[i], true, scale);
    else
        append_tics(axis, scale, tics);
}

void axis_tics_in(const struct axis *axis, const char *unit, double factor, struct text *tics,
                  struct text *name)
{
    const struct axis shown = {axis->low * factor, axis->high * factor, axis->log};
    const struct axis_scale scale = {1, 0, -1, 6, false, false, 1 / factor};

    if (strcmp(unit, "1") != 0)
        text_append(name, " (%s)", unit);
    append_tics(&shown, scale, tics);
}
