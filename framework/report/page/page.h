/*
 * The report of a results file: one HTML page that needs nothing else, no network and no server.
 *
 * Templates in HOME/plots: page.html names what goes into it, as `{{page.css}}`, a file beside it,
 * `{{title}}`, or `{{data}}`, the JSON that the page's scripts show. Texts of strangers stand in
 * that JSON alone, where no '<' is, and reach the page as text, never as markup.
 *
 * The page is drawn from what the file stores and changes nothing in it. Parts that would make it
 * larger than asked for are thinned or left out, and the page says which.
 */
#ifndef UNDERSTUDY_REPORT_PAGE_PAGE_H
#define UNDERSTUDY_REPORT_PAGE_PAGE_H

#include "base/text.h"
#include "io/hdf5/hdf5.h"

enum { PAGE_MEGABYTES = 5 }; /* of 10^6 bytes: what is asked for where nobody says */

/* Append the page to `html`; at most about `bytes`. STATUS_DATA where the file holds what this
 * program never writes, STATUS_IO where a template is missing. */
MUST_CHECK enum status page_make(struct hdf5 *file, const char *home, size_t bytes,
                                 struct text *html, struct error *error);

/* The same as FOLDER/index.html, which is there whole or not at all; `path` gets its path. Of
 * results that are `partial`, as the root's attribute of that name says in words,
 * FOLDER/partial.html: it goes when the whole one is written. */
MUST_CHECK enum status page_write(struct hdf5 *file, const char *home, const char *folder,
                                  size_t bytes, struct text *path, struct error *error);

#endif
