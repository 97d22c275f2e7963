#include "report/charts/contact_sheet.h"

#include "base/memory.h"
#include "report/charts/gnuplot.h"

#include <stdio.h>
#include <string.h>

/* Dots to the sheet's width, about; it is printed 3.4 inches wide. */
enum { SHEET_DOTS = 1400 };
static const int dark_paper = 0x1e; /* as in plots/style.gp */
static const double inches = 3.4, line_inches = 0.115, title_inches = 0.15;

/* For images with this many pixels a side. */
static size_t dots(const struct contact_sheet *sheet, int pixels)
{
    return ((size_t)pixels + sheet->skip - 1) / sheet->skip * sheet->zoom;
}

/* The sizes of cells and gaps, and from them the sheet's. */
static void lay_out(struct contact_sheet *sheet)
{
    size_t wanted = SHEET_DOTS / sheet->columns, width = (size_t)sheet->shape.width;

    sheet->zoom = width < wanted ? wanted / width : 1;
    sheet->skip = width > 2 * wanted ? width / wanted : 1;
    sheet->cell_width = dots(sheet, sheet->shape.width);
    sheet->cell_height = dots(sheet, sheet->shape.height);
    sheet->gap = sheet->cell_width / 20 + 1;
    sheet->width = sheet->columns * (sheet->cell_width + sheet->gap) + sheet->gap;
    sheet->line_height = (size_t)(line_inches / inches * (double)sheet->width);
    sheet->title_height =
        sheet->titles ? (size_t)(title_inches / inches * (double)sheet->width) : sheet->gap;
}

static size_t row_height(const struct contact_sheet *sheet)
{
    return sheet->cell_height + (size_t)sheet->lines * sheet->line_height + sheet->gap;
}

static size_t cell_left(const struct contact_sheet *sheet, size_t column)
{
    return sheet->gap + column * (sheet->cell_width + sheet->gap);
}

static size_t cell_top(const struct contact_sheet *sheet, size_t row)
{
    return sheet->title_height + row * row_height(sheet);
}

enum status contact_sheet_begin(struct contact_sheet *sheet, struct shape shape, size_t rows,
                                size_t columns, bool titles, int lines, bool dark,
                                struct error *error)
{
    size_t count;

    memset(sheet, 0, sizeof *sheet);
    if (!rows || !columns || !shape_size(shape))
        return STATUS_OK;
    sheet->rows = rows;
    sheet->columns = columns;
    sheet->shape = shape;
    sheet->titles = titles;
    sheet->lines = lines;
    lay_out(sheet);
    sheet->height = cell_top(sheet, rows);
    if (!memory_multiply(sheet->width, sheet->height, &count))
        return error_set(error, STATUS_MEMORY, "a sheet of %zu x %zu images is too large", rows,
                         columns);
    PASS(memory_new(&sheet->dots, count, 3, error));
    memset(sheet->dots, dark ? dark_paper : 255, 3 * count);
    return STATUS_OK;
}

void contact_sheet_release(struct contact_sheet *sheet)
{
    memory_free(sheet->dots);
    text_release(&sheet->texts);
    memset(sheet, 0, sizeof *sheet);
}

void contact_sheet_image(struct contact_sheet *sheet, size_t row, size_t column, struct image image)
{
    size_t left = cell_left(sheet, column), top = cell_top(sheet, row);
    size_t width = (size_t)image.shape.width, plane = width * (size_t)image.shape.height;
    size_t down = dots(sheet, image.shape.height), across = dots(sheet, image.shape.width);

    left += (sheet->cell_width - across) / 2;
    top += (sheet->cell_height - down) / 2;
    for (size_t y = 0; y < down; y++)
        for (size_t x = 0; x < across; x++) {
            const float *pixel = image.pixels + y / sheet->zoom * sheet->skip * width +
                                 x / sheet->zoom * sheet->skip;
            unsigned char *dot = sheet->dots + 3 * ((top + y) * sheet->width + left + x);
            for (size_t c = 0; c < 3; c++) {
                float value = pixel[image.shape.channels == 3 ? c * plane : 0];
                /* not a number is drawn black, as nothing */
                value = value > 0 ? value < 1 ? value : 1 : 0;
                dot[c] = (unsigned char)(value * 255 + 0.5f);
            }
        }
}

/* From dot (left, top) on, so wide and high. */
static void fill_red(struct contact_sheet *sheet, size_t left, size_t top, size_t width,
                     size_t height)
{
    static const unsigned char red[] = {0xd5, 0x5e, 0x00};

    for (size_t y = top; y < top + height && y < sheet->height; y++)
        for (size_t x = left; x < left + width && x < sheet->width; x++)
            memcpy(sheet->dots + 3 * (y * sheet->width + x), red, sizeof red);
}

void contact_sheet_frame(struct contact_sheet *sheet, size_t row, size_t column, struct shape shape,
                         const struct detail_cut *cut)
{
    size_t left = cell_left(sheet, column) + (sheet->cell_width - dots(sheet, shape.width)) / 2;
    size_t top = cell_top(sheet, row) + (sheet->cell_height - dots(sheet, shape.height)) / 2;
    size_t width = dots(sheet, cut->width), height = dots(sheet, cut->height);
    size_t line = sheet->width / 500 + 1;

    left += (size_t)cut->left * sheet->zoom / sheet->skip;
    top += (size_t)cut->top * sheet->zoom / sheet->skip;
    fill_red(sheet, left, top, width, line);
    fill_red(sheet, left, top + height - line, width, line);
    fill_red(sheet, left, top, line, height);
    fill_red(sheet, left + width - line, top, line, height);
}

/* A text, centred at this place of the sheet. */
static void add_text(struct contact_sheet *sheet, double x, double y, const char *text, int style)
{
    char name[32];
    size_t k = ++sheet->text_count;

    text_append(&sheet->texts, "text_x[%zu] = %.1f\ntext_y[%zu] = %.1f\ntext_style[%zu] = %d\n", k,
                x, k, y, k, style);
    snprintf(name, sizeof name, "words[%zu]", k);
    gnuplot_set_text(&sheet->texts, name, text);
}

static double cell_middle(const struct contact_sheet *sheet, size_t column)
{
    return (double)cell_left(sheet, column) + (double)sheet->cell_width / 2;
}

void contact_sheet_title(struct contact_sheet *sheet, size_t column, const char *text)
{
    if (sheet->columns)
        add_text(sheet, cell_middle(sheet, column), 0.5 * (double)sheet->title_height, text, 0);
}

void contact_sheet_text(struct contact_sheet *sheet, size_t row, size_t column, int line,
                        const char *text, bool marked)
{
    double top = (double)(cell_top(sheet, row) + sheet->cell_height);
    add_text(sheet, cell_middle(sheet, column), top + (line + 0.55) * (double)sheet->line_height,
             text, marked ? 2 : 1);
}

enum status contact_sheet_draw(struct contact_sheet *sheet, const struct drawing *drawing,
                               const struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct drawing own = *drawing;
    struct text extra = {0}, pixels = {0};
    const char *const arrays[] = {"words", "text_x", "text_y", "text_style"};

    TRY(text_print(&pixels, error, "%s.pixels.part", drawing->base));
    gnuplot_set_path(&extra, "pixels", pixels.bytes);
    text_append(&extra, "width = %zu\nheight = %zu\ntexts = %zu\n", sheet->width, sheet->height,
                sheet->text_count);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        text_append(&extra, "array %s[%zu]\n", arrays[i], sheet->text_count + 1);
    TRY(text_status(&sheet->texts, error));
    if (sheet->texts.length)
        text_append_bytes(&extra, sheet->texts.bytes, sheet->texts.length);
    TRY(text_status(&extra, error));
    own.extra = &extra;
    TRY(drawing_file(pixels.bytes, sheet->dots, 3 * sheet->width * sheet->height, error));
    TRY(drawing_run(&own, chart, error));
out:
    if (pixels.bytes)
        remove(pixels.bytes);
    text_release(&pixels);
    text_release(&extra);
    return status;
}
