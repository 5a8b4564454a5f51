#include "fcgi/worker.h"

#include <fcgiapp.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "fcgi/confine.h"
#include "fcgi/http.h"
#include "store/cached.h"
#include "store/rrd.h"

/*
 * librrd keeps a little memory of every graph.  A worker that has answered so
 * many ends, and the master starts another.
 */
#define REQUESTS_MAX 20000

/*
 * TERM while a request is answered lets it finish; while waiting it makes
 * accept return, because the handler is installed without SA_RESTART.
 */
static volatile sig_atomic_t quit;

static void
on_term(int sig)
{
	(void)sig;
	quit = 1;
	FCGX_ShutdownPending();
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_term };
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGCHLD, &sa, NULL);
}

static const char *
param(const FCGX_Request *r, const char *name)
{
	const char *v = FCGX_GetParam(name, r->envp);
	return v != NULL ? v : "";
}

/* The path as it was sent: REQUEST_URI up to '?', never decoded by others. */
static const char *
path_of(const FCGX_Request *r, struct arena *a)
{
	const char *uri = param(r, "REQUEST_URI");
	return arena_strndup(a, uri, strcspn(uri, "?"));
}

static void
answer(const struct conf *c, FCGX_Request *r)
{
	struct response rs = { 0 };
	struct buf head = BUF_EMPTY;
	struct request rq = {
		.method = param(r, "REQUEST_METHOD"),
		.path = path_of(r, &rs.arena),
		.query = param(r, "QUERY_STRING"),
		.cookie = param(r, "HTTP_COOKIE"),
		.if_none_match = param(r, "HTTP_IF_NONE_MATCH"),
		.now = (int64_t)time(NULL),
	};
	http_handle(c, &rq, &rs);
	http_conditional(&rq, &rs);
	http_headers(&rs, &head);
	(void)FCGX_PutStr(head.data, (int)head.len, r->out);
	if (strcmp(rq.method, "HEAD") != 0 && rs.body.len != 0)
		(void)FCGX_PutStr(rs.body.data, (int)rs.body.len, r->out);
	buf_free(&head);
	http_response_free(&rs);
}

int
worker_run(const struct conf *c, int listen_fd, pid_t master, bool tell)
{
	FCGX_Request r;
	if (FCGX_Init() != 0 ||
	    FCGX_InitRequest(&r, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_errx("libfcgi does not start");
		return 1;
	}
	catch_signals();
	proc_end_with(master);
	rrd_cached_use(c->rrdcached);
	confine(c, tell);
	rrd_graph_warm();
	for (unsigned n = 0; !quit && n < REQUESTS_MAX;) {
		if (FCGX_Accept_r(&r) != 0)
			continue;
		answer(c, &r);
		FCGX_Finish_r(&r);
		n++;
	}
	FCGX_Free(&r, 1);
	return 0;
}
