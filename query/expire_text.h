/*
 * expire_text: sizes and spans of time as nfexpire takes and shows them.
 */
#ifndef QUERY_EXPIRE_TEXT_H
#define QUERY_EXPIRE_TEXT_H

#include <stdint.h>

#include "base/err.h"

#define EXPIRE_TEXT_LEN 64

/* "2.5G": B (if nothing is said), K, M, G, T, of 1024. */
int expire_parse_size(const char *text, uint64_t *bytes, struct err *err);

/* "2w": w, d, H (if nothing is said), M. */
int expire_parse_life(const char *text, uint64_t *seconds, struct err *err);

/* "8192 = 8.0 KB", "3600 = 1.0 hours"; returns buf. */
char *expire_size(uint64_t bytes, char buf[EXPIRE_TEXT_LEN]);
char *expire_life(uint64_t seconds, char buf[EXPIRE_TEXT_LEN]);

#endif
