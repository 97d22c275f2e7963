#include "report/figures/figure_sheet.h"

enum status figure_sheet_begin(struct figure_sheet *sheet, const struct results *results,
                               const struct text_list *where, struct error *error)
{
    PASS(points_read(results, &sheet->chart.arena, &sheet->points, error));
    return where_keep(&sheet->points, where, &sheet->chart.arena, error);
}

enum status figure_sheet_end(struct figure_sheet *sheet, const struct text_list *where,
                             struct hdf5 *file, const char *group, struct error *error)
{
    where_remark(&sheet->points, where, &sheet->caption);
    PASS(text_keep(&sheet->caption, &sheet->chart.arena, &sheet->chart.caption, error));
    return chart_write(&sheet->chart, file, group, error);
}

void figure_sheet_release(struct figure_sheet *sheet)
{
    text_release(&sheet->caption);
    chart_release(&sheet->chart);
}
