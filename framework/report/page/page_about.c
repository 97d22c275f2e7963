/* What the page says of the experiment as a whole: the verdict, and where its numbers come from. */
#include "findings/verdict.h"
#include "report/page/page_parts.h"
#include "results/select.h"

/* What the file says to whoever has to decide. */
static enum status add_verdict(struct page *page, struct error *error)
{
    enum status status = STATUS_OK;
    struct selection selection;
    struct text text = {0};

    json_key(&page->json, "verdict");
    json_open(&page->json, "{");
    TRY(verdict_of(page->results->file, page->home, &text, error));
    if (text.length)
        json_pair(&page->json, "about", text.bytes);
    TRY(page_stored_text(page, "quality", "/verdict/quality", error));
    TRY(selection_read(&selection, page->results->file, &page->arena, error));
    if (selection.about)
        json_pair(&page->json, "selection", selection.about);
    TRY(page_stored_text(page, "guard", "/guard/about", error));
    json_close(&page->json, "}");
out:
    text_release(&text);
    return status;
}

/* Trials that the table marks as chosen. */
static enum status add_selected(struct page *page, struct error *error)
{
    struct selection selection;

    PASS(selection_read(&selection, page->results->file, &page->arena, error));
    json_key(&page->json, "selected");
    text_append(&page->text, "[");
    for (size_t i = 0; i < selection.count; i++)
        text_append(&page->text, "%s%lld", i ? "," : "", (long long)selection.trials[i]);
    text_append(&page->text, "]");
    return STATUS_OK;
}

enum status page_about(struct page *page, struct error *error)
{
    static const char *const attributes[] = {
        "content_sha256", "git_commit",      "compiler", "flags",          "libraries", "engine",
        "engine_version", "instruction_set", "datasets", "sources_sha256", "left_out"};
    static const char *const texts[][2] = {
        {"host", "/environment/host"}, {"system", "/environment/system"},
        {"cpu", "/environment/cpu"},   {"clock", "/environment/clock"},
        {"yaml", "/plan/yaml"},        {"resolved", "/plan/resolved"}};

    PASS(page_attribute(page, "experiment", error));
    PASS(page_attribute(page, "about", error));
    PASS(page_attribute(page, "partial", error));
    PASS(add_verdict(page, error));
    PASS(add_selected(page, error));
    if (page->outgoing < page->points.trials)
        page_count(page, "outgoing", page->outgoing);
    json_key(&page->json, "provenance");
    json_open(&page->json, "{");
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        PASS(page_attribute(page, attributes[i], error));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        PASS(page_stored_text(page, texts[i][0], texts[i][1], error));
    json_close(&page->json, "}");
    return STATUS_OK;
}
