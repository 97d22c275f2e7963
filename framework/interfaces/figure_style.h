/*
 * How a figure looks: settings that every figure has, defined once. The settings of a figure begin
 * with a struct figure_style, and its field table holds FIGURE_STYLE_FIELDS.
 *
 *     figures:
 *       - curves:
 *           title: Three widths
 *           x_axis: {label: passes over the data, range: [1, 20]}
 *           y2_axis: {scale: linear}
 *           size: [6.0, 4.0]
 *           legend: right
 *           theme: dark
 *
 * They change pictures alone, never the series.
 */
#ifndef UNDERSTUDY_INTERFACES_FIGURE_STYLE_H
#define UNDERSTUDY_INTERFACES_FIGURE_STYLE_H

#include "io/schema/schema.h"

#include <stddef.h>

enum axis_scale_choice { AXIS_AUTO, AXIS_LINEAR, AXIS_LOG };
enum legend_place { LEGEND_TOP, LEGEND_RIGHT, LEGEND_NONE };
enum figure_theme { THEME_LIGHT, THEME_DARK };

struct axis_style {
    bool given;
    const char *label;      /* "": the figure's own */
    struct real_list range; /* two numbers, or none: that of the values */
    int64_t scale;          /* enum axis_scale_choice */
    const char *unit;       /* "": the figure's own */
};

struct figure_style {
    const char *title;
    struct axis_style x, y, y2;
    struct real_list size; /* inches, or none */
    int64_t legend, theme;
};

extern const struct field axis_style_fields[];
extern const char *const legend_places[], *const figure_themes[];

#define AXIS_STYLE_FIELD(field, member, what)                                                      \
    {                                                                                              \
        field, FIELD_RECORD, offsetof(struct figure_style, member),                                \
            .default_value = "{}", .fields = axis_style_fields, .unsaid = true, .help = what       \
    }
#define FIGURE_STYLE_FIELDS                                                                        \
    {"title",                                                                                      \
     FIELD_TEXT,                                                                                   \
     offsetof(struct figure_style, title),                                                         \
     .default_value = "\"\"",                                                                      \
     .unsaid = true,                                                                               \
     .help = "title above the figure"},                                                            \
        AXIS_STYLE_FIELD("x_axis", x, "how the horizontal axis looks"),                            \
        AXIS_STYLE_FIELD("y_axis", y, "how the vertical axis looks"),                              \
        AXIS_STYLE_FIELD("y2_axis", y2, "how the vertical axis of the lower panel looks"),         \
        {"size",                                                                                   \
         FIELD_REALS,                                                                              \
         offsetof(struct figure_style, size),                                                      \
         .default_value = "[]",                                                                    \
         .minimum = 1.5,                                                                           \
         .maximum = 24,                                                                            \
         .unit = "inches",                                                                         \
         .unsaid = true,                                                                           \
         .help =                                                                                   \
             "width and height; by default 3.4 wide, a column of a paper, and as high as what "    \
             "is drawn needs"},                                                                    \
        {"legend",                                                                                 \
         FIELD_CHOICE,                                                                             \
         offsetof(struct figure_style, legend),                                                    \
         .default_value = "top",                                                                   \
         .choices = legend_places,                                                                 \
         .unsaid = true,                                                                           \
         .help = "where the key stands"},                                                          \
    {                                                                                              \
        "theme", FIELD_CHOICE, offsetof(struct figure_style, theme),                               \
            .default_value = "light", .choices = figure_themes, .unsaid = true,                    \
            .help = "colours: for paper, or for slides and dark pages"                             \
    }

/* What is wrong with the settings, in words, and the path of the setting below the figure's:
 * "x_axis.range". NULL: nothing. */
const char *figure_style_mistake(const struct figure_style *style, const char **path);

#endif
