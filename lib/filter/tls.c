#include "filter/tls.h"

#include <string.h>

#include "base/wire.h"

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO     1
#define SERVER_HELLO     2

#define SNI_MAX 255

#define EXT_SNI      0
#define EXT_GROUPS   10
#define EXT_FORMATS  11
#define EXT_SIGS     13
#define EXT_ALPN     16
#define EXT_VERSIONS 43

static struct tls_bytes
rest(const struct wire *w)
{
	return (struct tls_bytes){ w->p, wire_left(w) };
}

/* What a length of one (two) bytes announces. */
static struct wire
vector8(struct wire *w)
{
	return wire_sub(w, wire_u8(w));
}

static struct wire
vector16(struct wire *w)
{
	return wire_sub(w, wire_u16(w));
}

/* ---- extensions --------------------------------------------------------------- */

/* A list of names of which the first that is a host counts. */
static void
get_sni(struct tls_hello *h, struct wire w)
{
	struct wire list = vector16(&w);
	h->has_sni = true;
	while (wire_left(&list) != 0 && h->sni.len == 0) {
		uint8_t type = wire_u8(&list);
		struct wire name = vector16(&list);
		if (type == 0 && !name.bad && wire_left(&name) <= SNI_MAX)
			h->sni = rest(&name);
	}
}

static void
get_alpn(struct tls_hello *h, struct wire w)
{
	struct wire list = vector16(&w);
	struct wire name = vector8(&list);
	h->has_alpn = true;
	if (!name.bad)
		h->alpn = rest(&name);
}

/* The highest version that a client offers, or what the server chose. */
static void
get_versions(struct tls_hello *h, struct wire w)
{
	struct wire list = h->server ? w : vector8(&w);
	uint16_t best = 0;
	while (wire_left(&list) >= 2) {
		uint16_t v = wire_u16(&list);
		if (!TLS_GREASE(v) && v > best)
			best = v;
	}
	if (best != 0)
		h->version = best;
}

static void
get_extension(struct tls_hello *h, uint16_t type, struct wire w)
{
	struct wire list;
	switch (type) {
	case EXT_SNI:
		if (!h->server)
			get_sni(h, w);
		break;
	case EXT_GROUPS:
		list = vector16(&w);
		h->groups = rest(&list);
		break;
	case EXT_FORMATS:
		list = vector8(&w);
		h->formats = rest(&list);
		break;
	case EXT_SIGS:
		list = vector16(&w);
		h->sigs = rest(&list);
		break;
	case EXT_ALPN:
		get_alpn(h, w);
		break;
	case EXT_VERSIONS:
		get_versions(h, w);
		break;
	default:
		break;
	}
}

/* Whatever is there of the extensions is read, also of a cut off hello. */
static void
get_extensions(struct tls_hello *h, struct wire *w)
{
	if (wire_left(w) == 0 && !w->bad)
		return; /* before TLS 1.2 there may be none */
	size_t len = wire_u16(w);
	bool whole = len <= wire_left(w);
	struct wire all = wire_sub(w, whole ? len : wire_left(w));
	h->extension = rest(&all);
	while (wire_left(&all) != 0) {
		uint16_t type = wire_u16(&all);
		struct wire body = vector16(&all);
		if (!body.bad)
			get_extension(h, type, body);
	}
	w->bad = w->bad || all.bad || !whole;
}

/* ---- hello messages -------------------------------------------------------------- */

static void
get_hello(struct tls_hello *h, struct wire *w)
{
	wire_skip(w, 32); /* random */
	(void)vector8(w); /* session */
	if (h->server) {
		struct wire one = wire_sub(w, 2);
		h->ciphers = rest(&one);
		wire_skip(w, 1); /* compression */
	} else {
		struct wire list = vector16(w);
		h->ciphers = rest(&list);
		w->bad = w->bad || list.bad || list.p == list.end ||
			 h->ciphers.len % 2 != 0;
		(void)vector8(w); /* compression methods */
	}
	get_extensions(h, w);
	h->whole = !w->bad;
}

/* SSL 3.0 to TLS 1.3 in its various drafts. */
static bool
plausible(uint16_t version)
{
	return version >> 8 == 3 && (version & 255) <= 4;
}

bool
tls_parse(const uint8_t *p, size_t len, struct tls_hello *h)
{
	struct wire w = wire_init(p, len);
	memset(h, 0, sizeof(*h));
	struct tls_bytes none = { w.p, 0 };
	h->sni = h->alpn = h->ciphers = h->extension = none;
	h->groups = h->formats = h->sigs = none;

	uint8_t record = wire_u8(&w);
	uint16_t version = wire_u16(&w);
	size_t fragment = wire_u16(&w);
	if (w.bad || record != RECORD_HANDSHAKE || !plausible(version))
		return false;
	bool cut = fragment > wire_left(&w);
	struct wire body = wire_sub(&w, cut ? wire_left(&w) : fragment);
	uint8_t type = wire_u8(&body);
	size_t message = (size_t)wire_u8(&body) << 16;
	message |= wire_u16(&body);
	if (body.bad || (type != CLIENT_HELLO && type != SERVER_HELLO))
		return false;
	cut = message > wire_left(&body);
	body = wire_sub(&body, cut ? wire_left(&body) : message);
	h->server = type == SERVER_HELLO;
	h->legacy = wire_u16(&body);
	if (body.bad || !plausible(h->legacy))
		return false;
	get_hello(h, &body);
	h->whole = h->whole && !cut;
	if (h->version == 0 && h->whole)
		h->version = h->legacy;
	return true;
}

/* ---- versions ---------------------------------------------------------------------- */

static const struct {
	uint16_t number;
	char text[4];
} versions[] = {
	{ 0x0304, "1.3" },
	{ 0x0303, "1.2" },
	{ 0x0302, "1.1" },
	{ 0x0301, "1.0" },
	{ 0x0300, "3.0" },
};

const char *
tls_version_text(uint16_t version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == version)
			return versions[i].text;
	return NULL;
}

uint16_t
tls_version_number(const char *text)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strcmp(versions[i].text, text) == 0)
			return versions[i].number;
	return 0;
}
