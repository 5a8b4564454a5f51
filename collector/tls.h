/*
 * tls: the server's side of TLS 1.2 and 1.3 for exporters (RFC 7011 11),
 * through GnuTLS.  Nothing here waits: what cannot go on says so.
 */
#ifndef COLLECTOR_TLS_H
#define COLLECTOR_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Files in PEM form. */
struct tls_files {
	const char *cert; /* with the chain, if there is one */
	const char *key;
	const char *ca; /* who signs the exporters' certificates; NULL: they
	                   are not asked for any */
};

struct tls;      /* what was read from them; counted references */
struct tls_conn; /* one connection; keeps its own reference */

/* NULL: err names file and cause. */
struct tls *tls_open(const struct tls_files *files, struct err *err);
struct tls *tls_ref(struct tls *t); /* NULL: NULL */
void tls_unref(struct tls *t);      /* NULL: nothing */

/* NULL: out of memory. */
struct tls_conn *tls_conn_new(struct tls *t, int fd);
void tls_conn_free(struct tls_conn *c); /* says good-bye if that is possible */

enum tls_result { TLS_OK, TLS_AGAIN, TLS_END, TLS_FAILED };

/* AGAIN: when tls_wants says. */
enum tls_result tls_handshake(struct tls_conn *c);

/* Up to n bytes; END: the other side is done.  *got is set when OK. */
enum tls_result tls_read(struct tls_conn *c, void *buf, size_t n, size_t *got);

/* What poll(2) has to wait for: POLLIN or POLLOUT. */
short tls_wants(const struct tls_conn *c);

/* Why it FAILED; of the connection, valid as long. */
const char *tls_error(const struct tls_conn *c);

#endif
