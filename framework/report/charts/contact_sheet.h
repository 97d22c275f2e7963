/*
 * A sheet of images in rows and columns, with titles above the columns and lines of text below each
 * image. The pixels are enlarged by whole numbers, so that no viewer blurs them.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_CONTACT_SHEET_H
#define UNDERSTUDY_REPORT_CHARTS_CONTACT_SHEET_H

#include "math/image.h"
#include "report/charts/drawing.h"
#include "report/charts/example_detail.h"

struct contact_sheet {
    size_t rows, columns;
    struct shape shape; /* that holds every image */
    bool titles;
    int lines;         /* of text below each image */
    size_t zoom, skip; /* each pixel drawn zoom times; every skip-th is drawn */
    size_t cell_width, cell_height, gap, line_height, title_height; /* dots */
    size_t width, height;                                           /* dots */
    unsigned char *dots;                                            /* [height][width][3], owned */
    struct text texts;                                              /* for the template */
    size_t text_count;
};

/* An empty sheet, dark if so asked; with no rows or columns, none. */
MUST_CHECK enum status contact_sheet_begin(struct contact_sheet *sheet, struct shape shape,
                                           size_t rows, size_t columns, bool titles, int lines,
                                           bool dark, struct error *error);
/* Safe on {0}. */
void contact_sheet_release(struct contact_sheet *sheet);

/* Grey (1 channel) or colour (3), clipped to 0 … 1; one that is smaller than the sheet's shape
 * stands in the middle of its cell, to the same scale. */
void contact_sheet_image(struct contact_sheet *sheet, size_t row, size_t column,
                         struct image image);
/* A red frame around a part, in pixels, of an image of this shape that stands there. */
void contact_sheet_frame(struct contact_sheet *sheet, size_t row, size_t column, struct shape shape,
                         const struct detail_cut *cut);
void contact_sheet_title(struct contact_sheet *sheet, size_t column, const char *text);
/* `line` from 0; `marked` shows what is wrong. */
void contact_sheet_text(struct contact_sheet *sheet, size_t row, size_t column, int line,
                        const char *text, bool marked);

/* Draw with the template, to which width, height (dots), pixels (a file of dots) and the texts are
 * known. */
MUST_CHECK enum status contact_sheet_draw(struct contact_sheet *sheet,
                                          const struct drawing *drawing, const struct chart *chart,
                                          struct error *error);

#endif
