#include "report/paper/paper_figure.h"

#include "io/files/atomic_file.h"
#include "report/figures/figures.h"

enum { LIMIT = 64 << 20 }; /* bytes of a figure */

static enum status file_digest(const char *path, char digest[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    TRY(bytes_read(&bytes, path, LIMIT, error));
    TRY(hash_of_bytes(bytes.data, bytes.length, digest, error));
out:
    bytes_release(&bytes);
    return status;
}

enum status paper_figure_source(const struct paper_figure *figure, const char *folder,
                                struct text *text, struct error *error)
{
    static const char *const endings[] = {"pdf", "csv"};
    enum status status = STATUS_OK;
    struct text path = {0};
    char digest[HASH_TEXT];

    text_append(text, "content_sha256 %s\nfigure %s:%s\n", figure->source->digest,
                figure->source->name, figure->group);
    for (int i = 0; i < 2; i++) {
        TRY(text_print(&path, error, "%s/figures/%s.%s", folder, figure->name, endings[i]));
        TRY(file_digest(path.bytes, digest, error));
        text_append(text, "%s %s\n", endings[i], digest);
    }
    TRY(text_status(text, error));
out:
    text_release(&path);
    return status;
}

enum status paper_figure_draw(const struct paper_figure *figure, const char *home,
                              const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct text base = {0}, path = {0}, source = {0};

    TRY(text_print(&base, error, "%s/figures/%s", folder, figure->name));
    TRY(report_draw_one(&figure->source->results, figure->group, home, base.bytes, error));
    TRY(paper_figure_source(figure, folder, &source, error));
    TRY(text_print(&path, error, "%s.source", base.bytes));
    struct span span = {(const unsigned char *)source.bytes, source.length, path.bytes};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    if (status != STATUS_OK)
        error_context(error, "figure '%s'", figure->name);
    text_release(&source);
    text_release(&path);
    text_release(&base);
    return status;
}
