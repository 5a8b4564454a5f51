/*
 * digest: MD5 and SHA-256 in lower case hex, for fingerprints only.
 * digest.c owns nettle.
 */
#ifndef FILTER_DIGEST_H
#define FILTER_DIGEST_H

#include <stddef.h>

#define DIGEST_MD5_HEX    33 /* with NUL */
#define DIGEST_SHA256_HEX 65

void digest_md5(const void *p, size_t n, char hex[DIGEST_MD5_HEX]);
void digest_sha256(const void *p, size_t n, char hex[DIGEST_SHA256_HEX]);

#endif
