/* The parts of the page's data. Private to report/page/. */
#ifndef UNDERSTUDY_REPORT_PAGE_PAGE_PARTS_H
#define UNDERSTUDY_REPORT_PAGE_PAGE_PARTS_H

#include "base/hash.h"
#include "io/files/json.h"
#include "math/image.h"
#include "results/grid_means.h"

struct page {
    struct text text; /* the JSON so far */
    struct json json; /* writes it */
    const struct results *results;
    const char *home;
    struct points points;
    size_t outgoing;      /* the trial whose network goes out; the number of trials: none does */
    size_t shown;         /* trials, from the first: the others would make the page too large */
    size_t limit;         /* bytes of the page, about */
    struct text pictures; /* those that are in it, as JSON strings */
    char (*digests)[HASH_TEXT]; /* [picture_count] */
    size_t picture_count, digest_capacity;
    struct arena arena;
};

/* How many digits numbers have: as many as they need to read back as the same, or enough for a
 * chart. */
enum page_digits { PAGE_EXACT, PAGE_SHORT };

/* A value: NaN and infinities, which JSON does not have, become null, "inf" and "-inf". */
void page_number(struct page *page, double value, enum page_digits digits);
/* Members of the object that is open. */
void page_numbers(struct page *page, const char *name, const double *values, size_t count,
                  enum page_digits digits);
void page_texts(struct page *page, const char *name, const char *const *values, size_t count);
void page_count(struct page *page, const char *name, size_t value);
void page_flag(struct page *page, const char *name, bool value);
/* The attribute, or the text at `path`, as a member; nothing where the file has none. */
MUST_CHECK enum status page_attribute(struct page *page, const char *name, struct error *error);
MUST_CHECK enum status page_stored_text(struct page *page, const char *name, const char *path,
                                        struct error *error);

/* The middle of larger images is shown: a cut at full sharpness tells more than a small whole. */
enum { PAGE_LARGEST_SIDE = 640 };
/* The middle of an image, where that is large, and its first channel, where it is neither grey nor
 * coloured, with values that a picture can hold; `room` has place for it. */
struct image page_cut(struct image image, float *room);
/* Is there room for further pictures? */
bool page_has_room(const struct page *page);
/* A picture of 1 or 3 channels: *place among those of the page; SIZE_MAX: there is no room. */
MUST_CHECK enum status page_picture(struct page *page, struct image image, size_t *place,
                                    struct error *error);
/* The first trial of a grid point that is done; the number of trials where none is. */
size_t page_first_done(const struct page *page, size_t point);

/* The images of labels that the filter of a trial dropped, as a member of its object. */
MUST_CHECK enum status page_flagged(struct page *page, size_t trial, struct error *error);

/* Each writes a member of the page's object. */
MUST_CHECK enum status page_about(struct page *page, struct error *error);
MUST_CHECK enum status page_trials(struct page *page, struct error *error);
MUST_CHECK enum status page_figures(struct page *page, struct error *error);
MUST_CHECK enum status page_curves(struct page *page, struct error *error);
MUST_CHECK enum status page_network(struct page *page, struct error *error);
MUST_CHECK enum status page_labels(struct page *page, struct error *error);
MUST_CHECK enum status page_images(struct page *page, struct error *error);
/* Last of all. */
MUST_CHECK enum status page_add_pictures(struct page *page, struct error *error);

#endif
