/*
 * SHA-256 (FIPS 180-4) through OpenSSL's libcrypto, this file its only door.
 * A hash starts with hash_begin(), takes bytes, ends with hash_end(). Numbers are fed in
 * little-endian order, texts with their length in front, so that two different sequences of calls
 * never feed the same bytes.
 */
#ifndef UNDERSTUDY_BASE_HASH_H
#define UNDERSTUDY_BASE_HASH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_TEXT = 65 }; /* 64 hexadecimal digits and the terminator */

struct hash {
    void *state; /* EVP_MD_CTX, owned */
};

MUST_CHECK enum status hash_begin(struct hash *hash, struct error *error);
MUST_CHECK enum status hash_bytes(struct hash *hash, const void *bytes, size_t length,
                                  struct error *error);
MUST_CHECK enum status hash_number(struct hash *hash, uint64_t number, struct error *error);
MUST_CHECK enum status hash_text(struct hash *hash, const char *text, struct error *error);
/* Writes the digest as lower-case hexadecimal and releases the state. */
MUST_CHECK enum status hash_end(struct hash *hash, char digest[HASH_TEXT], struct error *error);
/* The digest of nothing but these bytes. */
MUST_CHECK enum status hash_of_bytes(const void *bytes, size_t length, char digest[HASH_TEXT],
                                     struct error *error);
/* … of nothing but one or two texts; `second` may be NULL. */
MUST_CHECK enum status hash_of_texts(const char *first, const char *second, char digest[HASH_TEXT],
                                     struct error *error);
/* Is it what hash_end() writes? */
bool hash_is_digest(const char *text);
/* Safe on a hash that is {0} or has ended. */
void hash_release(struct hash *hash);

#endif
