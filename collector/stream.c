#include "collector/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "collector/stream_table.h"

#define PAUSE_MS  5    /* the ring is full */
#define LOOK_MS   1000 /* at most, while there are connections */
#define ACCEPTS   64   /* in one round */
#define NO_FDS_MS 1000 /* out of descriptors: not tried again before */
#define LAST_MS   2000 /* what has arrived is taken for so long at the end */
#define FULL_MS   8000 /* and so long waits for room before it is given up */
#define USES_MASK (UINT32_MAX >> SESSION_BITS)

struct streams {
	pthread_t thread;
	int wake[2];
	struct session_refusals *refusals;

	/* the thread's */
	struct stream_io io;
	struct stream_setup setup;
	struct stream_table t;
	struct pollfd *fds;      /* the wake pipe, listeners, connections */
	int64_t accept_ms;       /* not before */
	struct stream_kept kept; /* not yet served: their ports are not known */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	struct stream_setup next; /* what streams_use gave */
	unsigned asked, done;     /* generations of it */
	bool stop, last, leave;
};

static void
look_at_clock(struct stream_io *io)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	io->arrival_ms =
	    (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	io->now_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
add(struct streams *st, const struct stream_listener *l, int fd,
    const struct addr *from)
{
	int on = 1;
	struct tls_conn *tls = NULL;
	/* Exporters that vanish without a word are found out by the kernel. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (!stream_table_make_place(&st->t, &st->io, st->setup.max, from)) {
		stream_log_end(&st->io, from, l->port, STREAM_CROWDED, NULL);
		(void)close(fd);
		return;
	}
	if (l->tls && (tls = tls_conn_new(st->setup.tls, fd)) == NULL) {
		stream_log_end(&st->io, from, l->port, STREAM_TLS, NULL);
		(void)close(fd);
		return;
	}
	struct stream_conn *c = mem_calloc(1, sizeof(*c));
	*c = (struct stream_conn){
		.fd = fd,
		.listener = l->fd,
		.port = l->port,
		.from = *from,
		.session = stream_table_session(&st->t),
		.tls = tls,
		.shaking = tls != NULL,
		.since_ms = st->io.now_ms,
		.last_ms = st->io.now_ms,
	};
	st->t.conn[st->t.n++] = c;
	(void)atomic_fetch_add(&st->io.counts->connections, 1);
}

/* ---- accepting ------------------------------------------------------------ */

static void
accept_from(struct streams *st, const struct stream_listener *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct addr from;
		uint16_t port;
		int fd = accept4(l->fd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1 && (errno == EMFILE || errno == ENFILE ||
				    errno == ENOBUFS || errno == ENOMEM)) {
			log_warn("accept port=%u", l->port);
			st->accept_ms = st->io.now_ms + NO_FDS_MS;
		}
		if (fd == -1)
			return;
		(void)atomic_fetch_add(&st->io.counts->accepted, 1);
		if (addr_from_sockaddr((struct sockaddr *)&ss, &from, &port))
			add(st, l, fd, &from);
		else
			(void)close(fd);
	}
}

/* ---- one round ------------------------------------------------------------ */

/* How long poll may wait. */
static int
patience(const struct streams *st)
{
	int64_t until = st->io.now_ms + LOOK_MS;
	if (st->t.n == 0 && st->accept_ms <= st->io.now_ms)
		return -1;
	for (size_t i = 0; i < st->t.n; i++) {
		if (st->t.conn[i]->more)
			return 0;
		int64_t d = conn_deadline(st->t.conn[i], st->setup.idle_s);
		if (d < until)
			until = d;
	}
	return until > st->io.now_ms ? (int)(until - st->io.now_ms) : 0;
}

static nfds_t
fill_fds(struct streams *st)
{
	nfds_t n = 0;
	bool accepts = st->accept_ms <= st->io.now_ms;
	st->fds[n++] = (struct pollfd){ .fd = st->wake[0], .events = POLLIN };
	for (size_t i = 0; i < st->setup.ls.n; i++)
		st->fds[n++] = (struct pollfd){
			.fd = accepts ? st->setup.ls.l[i].fd : -1,
			.events = POLLIN,
		};
	for (size_t i = 0; i < st->t.n; i++) {
		const struct stream_conn *c = st->t.conn[i];
		st->fds[n++] = (struct pollfd){
			.fd = c->fd,
			.events = c->tls != NULL ? tls_wants(c->tls) : POLLIN,
		};
	}
	return n;
}

static bool
is_refused(const struct streams *st, const struct stream_conn *c)
{
	return atomic_load(&st->refusals->session[session_slot(c->session)]) ==
	       c->session;
}

static void
serve_all(struct streams *st, const struct pollfd *fds)
{
	for (size_t i = 0; i < st->t.n; i++) {
		struct stream_conn *c = st->t.conn[i];
		enum stream_end end = STREAM_ENDS;
		if (fds[i].revents != 0 || c->more)
			end = conn_serve(c, &st->io);
		if (end == STREAM_ENDS && is_refused(st, c))
			end = STREAM_NO_SOURCE;
		/* With more to read it is not the exporter who is late. */
		if (end == STREAM_ENDS && !c->more &&
		    conn_deadline(c, st->setup.idle_s) <= st->io.now_ms)
			end = conn_late(c);
		if (end != STREAM_ENDS)
			stream_table_end(&st->t, &st->io, i, end);
	}
	stream_table_compact(&st->t);
	ring_tell(st->io.ring);
}

/* Time in which nothing could be read is nobody's delay. */
static void
pause_for_room(struct streams *st)
{
	int64_t was = st->io.now_ms;
	struct pollfd wake = { .fd = st->wake[0], .events = POLLIN };
	ring_tell(st->io.ring);
	(void)poll(&wake, 0, PAUSE_MS);
	look_at_clock(&st->io);
	for (size_t i = 0; i < st->t.n; i++) {
		if (st->t.conn[i] == NULL)
			continue; /* has just ended */
		st->t.conn[i]->since_ms += st->io.now_ms - was;
		st->t.conn[i]->last_ms += st->io.now_ms - was;
		st->t.conn[i]->begun_ms += st->io.now_ms - was;
	}
}

static bool
has_room(const struct streams *st)
{
	return ring_room(st->io.ring) >= STREAM_ROOM;
}

/* False: somebody wants something else. */
static bool
round_of(struct streams *st)
{
	look_at_clock(&st->io);
	nfds_t n = fill_fds(st);
	if (poll(st->fds, n, patience(st)) == -1)
		return errno == EINTR;
	look_at_clock(&st->io);
	if (st->fds[0].revents != 0)
		return false;
	if (!has_room(st)) {
		pause_for_room(st);
		return true;
	}
	serve_all(st, st->fds + 1 + st->setup.ls.n);
	for (size_t i = 0; i < st->setup.ls.n; i++)
		if (st->fds[1 + i].revents != 0)
			accept_from(st, &st->setup.ls.l[i]);
	return true;
}

/* ---- another setup, the end ----------------------------------------------- */

static bool
is_listener(const struct stream_setup *s, int fd)
{
	for (size_t i = 0; i < s->ls.n; i++)
		if (s->ls.l[i].fd == fd)
			return true;
	return false;
}

static void
wait_for_room(struct streams *st, int64_t until)
{
	while (!has_room(st) && st->io.now_ms < until)
		pause_for_room(st);
}

/* Take what connections have that are not of `stay`, and end them. */
static void
finish(struct streams *st, const struct stream_setup *stay, enum stream_end why)
{
	look_at_clock(&st->io);
	int64_t until = st->io.now_ms + LAST_MS;
	for (size_t i = 0; i < st->t.n; i++) {
		struct stream_conn *c = st->t.conn[i];
		enum stream_end end = STREAM_ENDS;
		if (is_listener(stay, c->listener) ||
		    (st->leave && c->tls == NULL))
			continue;
		do {
			wait_for_room(st, until + FULL_MS);
			end = conn_serve(c, &st->io);
			look_at_clock(&st->io);
		} while (
		    end == STREAM_ENDS && c->more && st->io.now_ms < until);
		wait_for_room(st, until + FULL_MS);
		stream_table_end(&st->t, &st->io, i,
		    end == STREAM_ENDS ? why : end);
	}
	stream_table_compact(&st->t);
	ring_tell(st->io.ring);
}

/* What waits to be accepted has been taken on by the kernel: it counts. */
static void
accept_last(struct streams *st, const struct stream_setup *stay)
{
	look_at_clock(&st->io);
	for (size_t i = 0; i < st->setup.ls.n; i++)
		if (!is_listener(stay, st->setup.ls.l[i].fd))
			accept_from(st, &st->setup.ls.l[i]);
}

static void
setup_free(struct stream_setup *s)
{
	free(s->ls.l);
	tls_unref(s->tls);
	*s = (struct stream_setup){ 0 };
}

static void
setup_copy(struct stream_setup *to, const struct stream_setup *from)
{
	*to = *from;
	to->tls = tls_ref(from->tls);
	to->ls.l = mem_calloc(from->ls.n + 1, sizeof(*to->ls.l));
	if (from->ls.n != 0)
		memcpy(to->ls.l, from->ls.l, from->ls.n * sizeof(*to->ls.l));
}

static void
take_kept(struct streams *st, struct stream_kept *k)
{
	size_t n = 0;
	for (size_t i = 0; i < k->n; i++) {
		k->conn[i]->listener = -1;
		k->conn[i]->more = true;
		if (!stream_table_add(&st->t, k->conn[i]))
			k->conn[n++] = k->conn[i];
		else
			(void)atomic_fetch_add(&st->io.counts->connections, 1);
	}
	k->n = n;
	stream_kept_free(k);
}

/* Of connections that came from elsewhere, by their port. */
static void
find_listeners(struct streams *st, const struct stream_setup *next)
{
	for (size_t i = 0; i < st->t.n; i++) {
		struct stream_conn *c = st->t.conn[i];
		for (size_t k = 0; c->listener == -1 && k < next->ls.n; k++)
			if (next->ls.l[k].port == c->port && !next->ls.l[k].tls)
				c->listener = next->ls.l[k].fd;
	}
}

static void
take_over(struct streams *st, const struct stream_setup *next)
{
	accept_last(st, next);
	take_kept(st, &st->kept);
	find_listeners(st, next);
	finish(st, next, STREAM_CONFIG);
	setup_free(&st->setup);
	setup_copy(&st->setup, next);
	st->fds = mem_realloc(st->fds, 1 + st->setup.ls.n + SESSION_SLOTS,
	    sizeof(*st->fds));
}

/* False: stop. */
static bool
look_for_news(struct streams *st)
{
	char c[64];
	struct stream_setup next = { 0 };
	while (read(st->wake[0], c, sizeof(c)) > 0)
		;
	(void)pthread_mutex_lock(&st->lock);
	unsigned asked = st->asked;
	bool stop = st->stop, news = st->done != asked;
	if (news)
		setup_copy(&next, &st->next);
	(void)pthread_mutex_unlock(&st->lock);
	if (!news)
		return !stop;
	take_over(st, &next);
	setup_free(&next);
	(void)pthread_mutex_lock(&st->lock);
	st->done = asked;
	(void)pthread_cond_broadcast(&st->changed);
	(void)pthread_mutex_unlock(&st->lock);
	return !stop;
}

static void *
streams_main(void *arg)
{
	static const struct stream_setup none;
	struct streams *st = arg;
	while (look_for_news(st))
		while (round_of(st))
			;
	if (st->last)
		accept_last(st, &none);
	finish(st, &none, STREAM_STOP);
	return NULL;
}

/* ---- the other threads' side ---------------------------------------------- */

static void
wake(struct streams *st)
{
	ssize_t n = write(st->wake[1], "", 1);
	(void)n; /* full: it will wake anyway */
}

static void
give_kept(struct streams *st, struct stream_kept *k)
{
	*k = (struct stream_kept){ .n = st->t.n };
	k->conn = mem_calloc(st->t.n + 1, sizeof(struct stream_conn *));
	for (size_t i = 0; i < st->t.n; i++) {
		k->conn[i] = st->t.conn[i];
		(void)atomic_fetch_sub(&st->io.counts->connections, 1);
	}
	st->t.n = 0;
}

static void
streams_free(struct streams *st)
{
	setup_free(&st->setup);
	setup_free(&st->next);
	stream_kept_free(&st->kept);
	free(st->fds);
	(void)close(st->wake[0]);
	(void)close(st->wake[1]);
	(void)pthread_mutex_destroy(&st->lock);
	(void)pthread_cond_destroy(&st->changed);
	free(st);
}

struct streams *
streams_start(struct ring *ring, struct session_refusals *refusals,
    struct stream_counts *counts, struct stream_kept *kept, struct err *err)
{
	struct streams *st = mem_calloc(1, sizeof(*st));
	st->refusals = refusals;
	for (uint32_t i = 0; i < SESSION_SLOTS; i++)
		atomic_store(&refusals->session[i], 0);
	st->io.ring = ring;
	st->io.counts = counts;
	st->io.log = (struct log_limit){ .burst = 5, .per_s = 60 };
	st->fds = mem_calloc(1 + SESSION_SLOTS, sizeof(*st->fds));
	stream_table_init(&st->t);
	if (pipe2(st->wake, O_CLOEXEC | O_NONBLOCK) == -1) {
		(void)err_set(err, "pipe: %s", strerror(errno));
		free(st->fds);
		free(st);
		return NULL;
	}
	(void)pthread_mutex_init(&st->lock, NULL);
	(void)pthread_cond_init(&st->changed, NULL);
	if (kept != NULL) {
		st->kept = *kept;
		*kept = (struct stream_kept){ 0 };
	}
	int rc = pthread_create(&st->thread, NULL, streams_main, st);
	if (rc == 0)
		return st;
	if (kept != NULL) {
		*kept = st->kept;
		st->kept = (struct stream_kept){ 0 };
	}
	(void)err_set(err, "thread: %s", strerror(rc));
	streams_free(st);
	return NULL;
}

void
streams_use(struct streams *st, const struct stream_setup *setup)
{
	(void)pthread_mutex_lock(&st->lock);
	setup_free(&st->next);
	setup_copy(&st->next, setup);
	st->asked++;
	wake(st);
	while (st->done != st->asked)
		(void)pthread_cond_wait(&st->changed, &st->lock);
	(void)pthread_mutex_unlock(&st->lock);
}

static void
end_thread(struct streams *st, bool last, bool leave)
{
	(void)pthread_mutex_lock(&st->lock);
	st->last = last;
	st->leave = leave;
	st->stop = true;
	(void)pthread_mutex_unlock(&st->lock);
	wake(st);
	(void)pthread_join(st->thread, NULL);
}

void
streams_stop(struct streams *st, bool last)
{
	end_thread(st, last, false);
	streams_free(st);
}

void
streams_leave(struct streams *st, struct stream_kept *kept)
{
	end_thread(st, false, true);
	give_kept(st, kept);
	streams_free(st);
}
