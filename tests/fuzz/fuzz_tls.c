/*
 * Any payload through the TLS parser: what it points to lies within the
 * payload, fingerprints come of whole hellos only and have their form.
 */
#include <stdlib.h>
#include <string.h>

#include "filter/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sum;

static void
inside(const struct tls_bytes *b, const uint8_t *data, size_t size)
{
	if (b->p == NULL || b->len > size)
		abort();
	if (b->len != 0 && (b->p < data || b->p + b->len > data + size))
		abort();
	for (size_t i = 0; i < b->len; i++)
		sum += b->p[i];
}

static void
fingerprints(const struct tls_hello *h)
{
	char hex[TLS_JA3_LEN + 1], ja4[TLS_JA4_LEN + 1];
	if (tls_ja3(h, hex) != h->whole)
		abort();
	if (h->whole && strlen(hex) != TLS_JA3_LEN)
		abort();
	if (tls_ja4(h, ja4) &&
	    (h->server || !h->whole || strlen(ja4) != TLS_JA4_LEN))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_hello h;
	if (!tls_parse(data, size, &h))
		return 0;
	inside(&h.sni, data, size);
	inside(&h.alpn, data, size);
	inside(&h.ciphers, data, size);
	inside(&h.extension, data, size);
	inside(&h.groups, data, size);
	inside(&h.formats, data, size);
	inside(&h.sigs, data, size);
	(void)tls_version_text(h.version);
	fingerprints(&h);
	return 0;
}
