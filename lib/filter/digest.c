#include "filter/digest.h"

#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdint.h>

static void
hex_text(const uint8_t *p, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		*hex++ = digits[p[i] >> 4];
		*hex++ = digits[p[i] & 15];
	}
	*hex = '\0';
}

void
digest_md5(const void *p, size_t n, char hex[DIGEST_MD5_HEX])
{
	struct md5_ctx c;
	uint8_t sum[MD5_DIGEST_SIZE];
	md5_init(&c);
	md5_update(&c, n, p);
	md5_digest(&c, sizeof(sum), sum);
	hex_text(sum, sizeof(sum), hex);
}

void
digest_sha256(const void *p, size_t n, char hex[DIGEST_SHA256_HEX])
{
	struct sha256_ctx c;
	uint8_t sum[SHA256_DIGEST_SIZE];
	sha256_init(&c);
	sha256_update(&c, n, p);
	sha256_digest(&c, sizeof(sum), sum);
	hex_text(sum, sizeof(sum), hex);
}
