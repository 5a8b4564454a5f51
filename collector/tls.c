#include "collector/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct tls {
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priorities;
	bool verify;
	atomic_uint refs;
};

struct tls_conn {
	struct tls *tls;
	gnutls_session_t session;
	bool open; /* agreed on, not yet broken */
	char error[200];
};

static void
tls_destroy(struct tls *t)
{
	if (t->priorities != NULL)
		gnutls_priority_deinit(t->priorities);
	if (t->cred != NULL)
		gnutls_certificate_free_credentials(t->cred);
	free(t);
}

static int
read_files(struct tls *t, const struct tls_files *f, struct err *err)
{
	int rc = gnutls_certificate_set_x509_key_file(t->cred, f->cert, f->key,
	    GNUTLS_X509_FMT_PEM);
	if (rc < 0)
		return err_set(err, "certificate %s, key %s: %s", f->cert,
		    f->key, gnutls_strerror(rc));
	if (f->ca == NULL)
		return 0;
	rc = gnutls_certificate_set_x509_trust_file(t->cred, f->ca,
	    GNUTLS_X509_FMT_PEM);
	if (rc < 0)
		return err_set(err, "certificates of authorities %s: %s", f->ca,
		    gnutls_strerror(rc));
	if (rc == 0)
		return err_set(err,
		    "certificates of authorities %s: there is "
		    "none in it",
		    f->ca);
	t->verify = true;
	return 0;
}

struct tls *
tls_open(const struct tls_files *files, struct err *err)
{
	struct tls *t = mem_calloc(1, sizeof(*t));
	atomic_store(&t->refs, 1);
	int rc = gnutls_certificate_allocate_credentials(&t->cred);
	if (rc == 0)
		rc = gnutls_priority_init(&t->priorities, PRIORITIES, NULL);
	if (rc < 0)
		(void)err_set(err, "TLS: %s", gnutls_strerror(rc));
	else if (read_files(t, files, err) == 0)
		return t;
	tls_destroy(t);
	return NULL;
}

struct tls *
tls_ref(struct tls *t)
{
	if (t != NULL)
		(void)atomic_fetch_add(&t->refs, 1);
	return t;
}

void
tls_unref(struct tls *t)
{
	if (t != NULL && atomic_fetch_sub(&t->refs, 1) == 1)
		tls_destroy(t);
}

/* ---- a connection --------------------------------------------------------- */

struct tls_conn *
tls_conn_new(struct tls *t, int fd)
{
	struct tls_conn *c = mem_calloc(1, sizeof(*c));
	if (gnutls_init(&c->session,
		GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
		free(c);
		return NULL;
	}
	c->tls = tls_ref(t);
	if (gnutls_priority_set(c->session, t->priorities) < 0 ||
	    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE,
		t->cred) < 0) {
		tls_conn_free(c);
		return NULL;
	}
	if (t->verify) {
		gnutls_certificate_server_set_request(c->session,
		    GNUTLS_CERT_REQUIRE);
		gnutls_session_set_verify_cert(c->session, NULL, 0);
	}
	gnutls_transport_set_int(c->session, fd);
	return c;
}

void
tls_conn_free(struct tls_conn *c)
{
	if (c->open)
		(void)gnutls_bye(c->session, GNUTLS_SHUT_WR);
	gnutls_deinit(c->session);
	tls_unref(c->tls);
	free(c);
}

/* What is wrong with the other side's certificate, else what GnuTLS says. */
static void
explain(struct tls_conn *c, int rc)
{
	gnutls_datum_t text = { 0 };
	unsigned status = gnutls_session_get_verify_cert_status(c->session);
	if ((rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR ||
		rc == GNUTLS_E_CERTIFICATE_ERROR) &&
	    status != 0 && status != (unsigned)-1 &&
	    gnutls_certificate_verification_status_print(status,
		GNUTLS_CRT_X509, &text, 0) == 0) {
		(void)snprintf(c->error, sizeof(c->error), "%s",
		    (const char *)text.data);
		gnutls_free(text.data);
		return;
	}
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		(void)snprintf(c->error, sizeof(c->error), "%s %s",
		    gnutls_strerror(rc),
		    gnutls_alert_get_name(gnutls_alert_get(c->session)));
	else
		(void)snprintf(c->error, sizeof(c->error), "%s",
		    gnutls_strerror(rc));
}

static enum tls_result
result_of(struct tls_conn *c, int rc)
{
	if (gnutls_error_is_fatal(rc) == 0)
		return TLS_AGAIN;
	explain(c, rc);
	c->open = false;
	return TLS_FAILED;
}

enum tls_result
tls_handshake(struct tls_conn *c)
{
	int rc = gnutls_handshake(c->session);
	c->open = rc == GNUTLS_E_SUCCESS;
	if (c->open)
		return TLS_OK;
	enum tls_result r = result_of(c, rc);
	/* The exporter is told why, as far as that goes without waiting. */
	if (r == TLS_FAILED)
		(void)gnutls_alert_send_appropriate(c->session, rc);
	return r;
}

enum tls_result
tls_read(struct tls_conn *c, void *buf, size_t n, size_t *got)
{
	ssize_t rc;
	do {
		rc = gnutls_record_recv(c->session, buf, n);
	} while (rc == GNUTLS_E_INTERRUPTED);
	if (rc > 0) {
		*got = (size_t)rc;
		return TLS_OK;
	}
	/* Without good-bye as well: messages say themselves if one is cut. */
	if (rc == 0 || rc == GNUTLS_E_PREMATURE_TERMINATION)
		return TLS_END;
	return result_of(c, (int)rc);
}

short
tls_wants(const struct tls_conn *c)
{
	return gnutls_record_get_direction(c->session) == 0 ? POLLIN : POLLOUT;
}

const char *
tls_error(const struct tls_conn *c)
{
	return c->error;
}
