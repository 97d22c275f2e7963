#include "io/files/csv_read.h"

#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>

#include <stdint.h>
#include <string.h>

void csv_suite(void);

static struct span text_of(const char *text, size_t length)
{
    return (struct span){(const unsigned char *)text, length, "pairs.csv"};
}

static enum status parse(struct csv_table *csv, const char *text, struct error *error)
{
    return csv_parse(csv, text_of(text, strlen(text)), error);
}

static void tables(void)
{
    static const char *const texts[] = {
        "name,class\na.png,cat\n\"b,1.png\",\"the \"\"dog\"\"\"\n",
        "\xef\xbb\xbfname,class\r\na.png,cat\r\n\"b,1.png\",\"the \"\"dog\"\"\"",
    };

    for (size_t i = 0; i < 2; i++) {
        struct csv_table csv;
        size_t class;
        CU_ASSERT_FATAL(parse(&csv, texts[i], NULL) == STATUS_OK);
        CU_ASSERT(csv.columns == 2 && csv.rows == 2);
        CU_ASSERT_FATAL(csv_column(&csv, "class", &class, NULL) == STATUS_OK);
        CU_ASSERT_EQUAL(class, 1);
        CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, 0), "a.png");
        CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, class), "cat");
        CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 1, 0), "b,1.png");
        CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 1, class), "the \"dog\"");
        CU_ASSERT_EQUAL(csv_find(&csv, "Class"), SIZE_MAX);
        csv_release(&csv);
    }
}

/* Empty fields, blanks that are kept, one column, no rows. */
static void fields_as_they_are(void)
{
    struct csv_table csv;

    CU_ASSERT_FATAL(parse(&csv, "a,b,c\n,, x \n\"\",y,\n", NULL) == STATUS_OK);
    CU_ASSERT_FATAL(csv.rows == 2);
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, 0), "");
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, 2), " x ");
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 1, 0), "");
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 1, 2), "");
    csv_release(&csv);
    CU_ASSERT_FATAL(parse(&csv, "one", NULL) == STATUS_OK);
    CU_ASSERT(csv.rows == 0 && csv.columns == 1);
    csv_release(&csv);
}

/* Rows tell where they begin, though fields hold line breaks. */
static void lines_are_counted(void)
{
    struct csv_table csv;
    struct error error;

    CU_ASSERT_FATAL(parse(&csv, "a,b\r\n\"1\r\n2\n3\",x\r\n4,y\r\n", NULL) == STATUS_OK);
    CU_ASSERT_FATAL(csv.rows == 2);
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, 0), "1\r\n2\n3");
    CU_ASSERT(csv.lines[0] == 2 && csv.lines[1] == 5);
    CU_ASSERT(csv_fault(&csv, 1, &error, "no class '%s'", csv_cell(&csv, 1, 1)) == STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "pairs.csv:5: no class 'y'");
    csv_release(&csv);
}

static void faults_have_lines(void)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "pairs.csv:1: empty; expected a line with the names of the columns"},
        {"\xef\xbb\xbf", "pairs.csv:1: empty; expected a line with the names of the columns"},
        {"\n", "pairs.csv:1: an empty line"},
        {"a,b\n1,2\n\n", "pairs.csv:3: an empty line"},
        {"a,b\n1,2\n3\n", "pairs.csv:3: 1 field; the header has 2 columns"},
        {"a\n1,2\n", "pairs.csv:2: 2 fields; the header has 1 column"},
        {"a,a\n", "pairs.csv:1: columns 1 and 2 have the same name"},
        {"a,\n", "pairs.csv:1: column 2 has no name"},
        {"name;class\n", "pairs.csv:1: columns are parted by ';'; expected ','"},
        {"name\tclass\n", "pairs.csv:1: columns are parted by tabs; expected ','"},
        {"a\n\"x\ny", "pairs.csv:2: a quote '\"' is opened and never closed"},
        {"a\n\"x\"y\n", "pairs.csv:2: expected ',' or the end of the line behind the closing '\"'"},
        {"a\nx\"\n", "pairs.csv:2: a quote '\"' within a field; expected the whole field in "
                     "quotes, and quotes in it doubled"},
        {"a\nx\ry\n", "pairs.csv:2: a carriage return without a line feed"},
        {"a\nx\n\xff\n", "pairs.csv:3: byte 0xff is not UTF-8 text; is this a CSV file?"},
        {"\xff\xfe"
         "a",
         "pairs.csv:1: UTF-16 text; expected UTF-8"},
    };
    struct csv_table csv;
    struct error error;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT(parse(&csv, wrong[i].text, &error) == STATUS_DATA);
        CU_ASSERT_STRING_EQUAL(error.message, wrong[i].message);
        CU_ASSERT(csv.rows == 0 && csv.cells == NULL && csv.lines == NULL);
    }
    CU_ASSERT(csv_parse(&csv, text_of("a\n\0\n", 4), &error) == STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "pairs.csv:2: byte 0x00 is not UTF-8 text; is this a CSV file?");
}

static void columns_are_named(void)
{
    struct csv_table csv;
    struct error error;
    size_t column;

    CU_ASSERT_FATAL(parse(&csv, "Name,kla\x01sse\n", NULL) == STATUS_OK);
    CU_ASSERT(csv_column(&csv, "name", &column, &error) == STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "pairs.csv:1: there is no column 'name'; found 'Name', 'kla?sse'");
    csv_release(&csv);
}

static void files_are_loaded(void)
{
    char path[SCRATCH_PATH];
    struct csv_table csv;
    struct error error;

    FILE *file = fopen(scratch_path(path, "a.csv"), "w");
    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT(fputs("a\nb\n", file) >= 0);
    CU_ASSERT(fclose(file) == 0);
    CU_ASSERT_FATAL(csv_load(&csv, path, "a.csv", NULL) == STATUS_OK);
    CU_ASSERT_STRING_EQUAL(csv.file, "a.csv");
    CU_ASSERT_STRING_EQUAL(csv_cell(&csv, 0, 0), "b");
    csv_release(&csv);
    CU_ASSERT(csv_load(&csv, "no/such.csv", "such.csv", &error) == STATUS_IO);
    CU_ASSERT_STRING_EQUAL(error.message, "no/such.csv: No such file or directory");
}

static void allocations_fail(void)
{
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status == STATUS_MEMORY && n < 100; n++) {
        struct csv_table csv;
        memory_fail_at(n);
        status = parse(&csv, "a,b\n\"1\",2\n3,4\n", NULL);
        memory_fail_at(0);
        csv_release(&csv);
    }
    CU_ASSERT(status == STATUS_OK);
}

void csv_suite(void)
{
    CU_pSuite suite = CU_add_suite("csv", NULL, NULL);

    CU_add_test(suite, "quotes, byte order mark, CRLF", tables);
    CU_add_test(suite, "fields as they are", fields_as_they_are);
    CU_add_test(suite, "lines are counted", lines_are_counted);
    CU_add_test(suite, "faults have lines", faults_have_lines);
    CU_add_test(suite, "columns are named", columns_are_named);
    CU_add_test(suite, "files are loaded", files_are_loaded);
    CU_add_test(suite, "allocations fail", allocations_fail);
}
