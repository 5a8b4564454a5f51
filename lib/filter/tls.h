/*
 * tls: the first handshake message of a TLS connection, as far as a flow's
 * payload shows it, and the fingerprints made of it.
 *
 * Sources: RFC 8446 section 4.1 (hello messages; older versions have the
 * same form), RFC 6066 section 3 (server name), RFC 7301 (ALPN), RFC 8701
 * (GREASE, left out of every fingerprint).  JA3 is the MD5 of
 *
 *   version,ciphers,extensions,groups,point formats     of a client
 *   version,cipher,extensions                           of a server
 *
 * in decimal, in the order sent, with "-" between numbers.  JA4 (clients
 * only) is described in tls_ja4.
 *
 * Input is whatever somebody sent: every length is checked, nothing is
 * allocated by the parser, the result borrows from the payload.
 */
#ifndef FILTER_TLS_H
#define FILTER_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TLS_GREASE(v) (((v)&0x0f0f) == 0x0a0a && ((v) >> 8) == ((v)&0xff))

#define TLS_JA3_LEN 32 /* MD5 in hex */
#define TLS_JA4_LEN 36 /* t13d1516h2_8daaf6152771_e5627efa2ab1 */

/* Bytes of the payload; p is never NULL. */
struct tls_bytes {
	const uint8_t *p;
	size_t len;
};

struct tls_hello {
	bool server;      /* a ServerHello; else a ClientHello */
	bool whole;       /* all of it is here and in order */
	uint16_t legacy;  /* the hello's own version field */
	uint16_t version; /* highest offered, or the one chosen; 0: cut off */
	bool has_sni;     /* the extension is there */
	bool has_alpn;

	struct tls_bytes sni;     /* host name of at most 255 bytes, or empty */
	struct tls_bytes alpn;    /* the first one */
	struct tls_bytes ciphers; /* u16 each; a server's: one */
	struct tls_bytes extension; /* all: type u16, length u16, bytes */
	struct tls_bytes groups;    /* u16 each */
	struct tls_bytes formats;   /* u8 each */
	struct tls_bytes sigs;      /* u16 each, signature algorithms */
};

/*
 * Is this the beginning of a TLS handshake?  True from the hello's version
 * field on; what follows may be cut off or damaged, then `whole` is false
 * and h has what stood before that.
 */
bool tls_parse(const uint8_t *p, size_t len, struct tls_hello *h);

/* "1.3", "1.2", "1.1", "1.0", "3.0" (SSL 3), or NULL. */
const char *tls_version_text(uint16_t version);

/* The version a text names; 0: none. */
uint16_t tls_version_number(const char *text);

/* The text that JA3 is made of; false (nothing added) unless h is whole. */
bool tls_ja3_text(const struct tls_hello *h, struct buf *out);

/* JA3 in lower case hex; false unless h is whole. */
bool tls_ja3(const struct tls_hello *h, char hex[TLS_JA3_LEN + 1]);

/*
 * JA4 of a client over TCP; false for servers and unless h is whole.
 *
 *   t                    TCP
 *   13 12 11 10 s3 00    version
 *   d i                  with server name or without
 *   15 16                how many ciphers, extensions (99: or more)
 *   h2                   first and last character of the first ALPN
 *   _8daaf6152771        SHA-256 of the ciphers, sorted
 *   _e5627efa2ab1        SHA-256 of the extensions, sorted, and signature
 *                        algorithms in the order sent
 */
bool tls_ja4(const struct tls_hello *h, char text[TLS_JA4_LEN + 1]);

#endif
