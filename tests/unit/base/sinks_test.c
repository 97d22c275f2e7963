/* Where text of strangers leaves the program: LaTeX, CSV, a terminal;
 * tests/property/drawing_property.c has gnuplot. */
#include "base/random.h"
#include "base/text.h"
#include "cli/support/say.h"
#include "report/charts/latex.h"
#include "results/csv.h"

#include <CUnit/CUnit.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void sinks_suite(void);

static const char *const nasty[] = {
    "",
    "plain",
    "a,b",
    "say \"so\"",
    "two\r\nlines",
    "=1+cmd|' /C calc'!A0",
    "\\input{/etc/passwd}",
    "\\write18{touch owned}%",
    "100 % of $x^2_i$ & #1 ~ {}",
    "`id` '' --- <>|",
    "\x1b]0;title\a\x1b[31mred\x1b[0m",
    "\xe2\x80\xaetxt.exe",
    "\xff\xfe\xc3",
    " edge ",
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static void test_latex(void)
{
    struct text text = {0};

    latex_append(&text, "a_b\\c{100%}$&#^~<>|\n--");
    CU_ASSERT_STRING_EQUAL(text.bytes,
                           "a\\_b\\textbackslash{}c\\{100\\%\\}\\$\\&\\#\\textasciicircum{}"
                           "\\textasciitilde{}\\textless{}\\textgreater{}\\textbar{}?-{}-");
    text_release(&text);
}

/* Every backslash begins one of our own commands; no character that LaTeX obeys stands alone. */
static void test_latex_nasty(void)
{
    for (size_t i = 0; i < NASTY; i++) {
        struct text text = {0};
        size_t open = 0;
        text_append(&text, "%s", "");
        latex_append(&text, nasty[i]);
        for (const char *at = text.bytes; *at; at++) {
            if (*at == '\\' && strchr("#$%&_{}", at[1])) {
                at++;
                continue;
            }
            CU_ASSERT(*at != '\\' || strncmp(at, "\\text", 5) == 0 ||
                      strncmp(at, "\\symbol{34}", 11) == 0);
            CU_ASSERT_PTR_NULL(strchr("#$%&_^~<>|\"`'", *at));
            CU_ASSERT((unsigned char)*at >= ' ');
            open += *at == '{';
            open -= *at == '}';
            CU_ASSERT(open <= 1);
        }
        CU_ASSERT_EQUAL(open, 0);
        text_release(&text);
    }
}

/* One field of RFC 4180; what follows it. */
static const char *read_field(const char *at, struct text *field)
{
    bool quoted = *at == '"';

    text_append(field, "%s", "");
    for (at += quoted; quoted ? *at != '"' || at[1] == '"' : !strchr(",\r", *at); at++) {
        CU_ASSERT_FATAL(*at != '\0');
        at += quoted && *at == '"';
        text_append_bytes(field, at, 1);
    }
    return at + quoted;
}

/* What is read is what was written, whatever it is. */
static void test_csv(void)
{
    struct text text = {0}, field = {0};
    struct csv csv = {&text, false};

    for (size_t i = 0; i < NASTY; i++)
        csv_text(&csv, nasty[i]);
    csv_end_row(&csv);
    const char *at = text.bytes;
    for (size_t i = 0; i < NASTY; i++) {
        text_clear(&field);
        at = read_field(at, &field);
        CU_ASSERT_STRING_EQUAL(field.bytes, nasty[i]);
        CU_ASSERT_EQUAL(*at, i + 1 < NASTY ? ',' : '\r');
        at++;
    }
    CU_ASSERT_STRING_EQUAL(at, "\n");
    text_release(&field);
    text_release(&text);
}

static size_t read_back(FILE *file, char bytes[4096])
{
    rewind(file);
    size_t length = fread(bytes, 1, 4095, file);
    bytes[length] = '\0';
    rewind(file);
    return length;
}

static void test_say(void)
{
    char bytes[4096];
    FILE *file = tmpfile();

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    say_line(file, "%s: %d", "a\nb\x1b[2J\xe2\x80\xae", 3);
    read_back(file, bytes);
    CU_ASSERT_STRING_EQUAL(bytes, "a?b?[2J?: 3\n");
    say_lines(file, "a\x1b\r\nb\rc\n\nd", 9);
    CU_ASSERT_EQUAL(read_back(file, bytes), 12);
    CU_ASSERT_EQUAL(memcmp(bytes, "a?\r\nb?c\n\nd", 9), 0);
    fclose(file);
}

/* Any bytes: what comes out holds no control character but the line breaks that it may. */
static void test_say_anything(void)
{
    struct random_stream stream = random_stream((struct random_key){3, 0}, RANDOM_GENERATE, 0);
    char bytes[4096], any[64];

    for (int round = 0; round < 300; round++) {
        FILE *file = tmpfile();
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        size_t length = random_below(&stream, sizeof any), breaks = 0;
        for (size_t i = 0; i < length; i++) {
            any[i] = (char)(random_below(&stream, 4) ? 128 + random_below(&stream, 128)
                                                     : random_below(&stream, 128));
            breaks += any[i] == '\n';
        }
        say_lines(file, any, length);
        size_t told = read_back(file, bytes);
        for (size_t i = 0; i < told; i++) {
            bool ending = bytes[i] == '\r' && bytes[i + 1] == '\n';
            breaks -= bytes[i] == '\n';
            CU_ASSERT(ending || bytes[i] == '\n' || !iscntrl((unsigned char)bytes[i]));
        }
        CU_ASSERT_EQUAL(breaks, 0);
        fclose(file);
    }
}

void sinks_suite(void)
{
    CU_pSuite suite = CU_add_suite("sinks", NULL, NULL);
    CU_add_test(suite, "text as LaTeX", test_latex);
    CU_add_test(suite, "nothing is a command of LaTeX", test_latex_nasty);
    CU_add_test(suite, "CSV gives back what it was given", test_csv);
    CU_add_test(suite, "no control character reaches a terminal", test_say);
    CU_add_test(suite, "whatever is said", test_say_anything);
}
