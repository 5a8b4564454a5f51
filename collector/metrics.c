#include "collector/metrics.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/address.h"

#define MEMORY  16384 /* bytes of one connection */
#define BACKLOG 8

struct metrics {
	struct MHD_Daemon *http;
	struct decoder *decoder;
	struct buf text; /* of made_ms */
	int64_t made_ms;
};

static int64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Whoever asks more often gets the same again. */
static void
renew(struct metrics *m)
{
	int64_t now = now_ms();
	if (m->text.len != 0 && now - m->made_ms < 1000)
		return;
	buf_clear(&m->text);
	metrics_text(m->decoder, &m->text);
	m->made_ms = now;
}

static enum MHD_Result
answer(struct MHD_Connection *c, unsigned status, const struct buf *body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(body->len,
	    body->data, MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
	    status == MHD_HTTP_OK ? "text/plain; version=0.0.4; charset=utf-8"
				  : "text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW,
		    "GET, HEAD");
	enum MHD_Result rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result
refuse(struct MHD_Connection *c, unsigned status, const char *text)
{
	struct buf body = BUF_EMPTY;
	buf_adds(&body, text);
	enum MHD_Result rc = answer(c, status, &body);
	buf_free(&body);
	return rc;
}

/* libmicrohttpd's signature. */
static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **state)
{
	struct metrics *m = ctx;
	(void)version;
	(void)data;
	(void)size;
	(void)state;
	/* Before a body is read: none is wanted. */
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "GET /metrics, nothing else\n");
	if (strcmp(url, "/metrics") != 0)
		return refuse(c, MHD_HTTP_NOT_FOUND, "GET /metrics\n");
	renew(m);
	return answer(c, MHD_HTTP_OK, &m->text);
}

static int
open_socket(const char *at, struct err *err)
{
	struct addr a;
	uint16_t port;
	struct sockaddr_storage ss;
	int on = 1;
	if (!conf_address_parse(at, &a, &port))
		return err_set(err, "METRICS '%s': no address and port", at);
	socklen_t len = addr_to_sockaddr(&a, port, &ss);
	int fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&ss, len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	(void)err_set(err, "METRICS %s: %s", at, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}

struct metrics *
metrics_start(const char *at, struct decoder *d, struct err *err)
{
	int fd = open_socket(at, err);
	if (fd == -1)
		return NULL;
	struct metrics *m = mem_calloc(1, sizeof(*m));
	m->decoder = d;
	m->http = MHD_start_daemon(MHD_USE_AUTO |
				       MHD_USE_INTERNAL_POLLING_THREAD,
	    0, NULL, NULL, handle, m, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CLIENTS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)METRICS_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_END);
	if (m->http != NULL)
		return m;
	(void)err_set(err, "METRICS %s: the HTTP server does not start", at);
	(void)close(fd);
	free(m);
	return NULL;
}

void
metrics_stop(struct metrics *m)
{
	if (m == NULL)
		return;
	MHD_stop_daemon(m->http);
	buf_free(&m->text);
	free(m);
}
