#include "collector/receive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/proc.h"

/* Full batches of one socket before the others have their turn. */
#define TURNS 16

/*
 * Under traffic the sockets are looked after every so often instead of for
 * each datagram: waking up costs more than many datagrams do.  The pause
 * grows while little of the buffers is used meanwhile, and is never longer
 * than they last at a burst of BURST bytes a second.
 */
#define BUSY         2 /* datagrams in one round */
#define PAUSE_MIN_NS 50000
#define PAUSE_MAX_NS 5000000
#define BURST        UINT64_C(800000000)
#define SHARE_MORE   16     /* a pause in which less than 1/16 came may grow */
#define SHARE_LESS   6      /* more than 1/6: it shrinks */
#define ROOM_USUAL   200000 /* where the system does not say */
#define OVERHEAD     900 /* what the kernel adds to a datagram's bytes, about */

/* After so long without a datagram: what was dropped behind the last one? */
#define SETTLE_MS 200

/* At the end a socket is read so often; senders may not keep us for ever. */
#define LAST_DRAINS 256

struct sockets {
	struct listeners ls;
	struct pollfd *fds; /* ls.n, then the wake pipe */
	bool settled;       /* drops were looked at since the last datagram */
	uint64_t *room;     /* bytes, of each one's buffer */
	long pause_ns;
	long pause_max_ns; /* for the smallest of them */
};

static uint64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* A datagram's count is of when it came, and may be behind what we know. */
static void
count_drops(struct receiver *r, struct listener *l, uint32_t drops)
{
	uint32_t more = drops - l->drops;
	if (more == 0 || more > INT32_MAX)
		return;
	(void)atomic_fetch_add_explicit(&r->kernel_drops, more,
	    memory_order_relaxed);
	if (l->lost != NULL)
		(void)atomic_fetch_add_explicit(&l->lost->kernel_drops, more,
		    memory_order_relaxed);
	l->drops = drops;
}

static void
ask_drops(struct receiver *r, struct listener *l)
{
	uint32_t drops;
	if (rx_drops(l->fd, &drops))
		count_drops(r, l, drops);
}

static void
put(struct receiver *r, struct listener *l, const struct ring_head *h,
    const void *data)
{
	if (!ring_put(r->ring, h, data) && l->lost != NULL)
		(void)atomic_fetch_add_explicit(&l->lost->queue_drops, 1,
		    memory_order_relaxed);
}

/* What was there: datagrams, and bytes as a buffer counts them. */
struct taken {
	size_t n;
	uint64_t bytes;
};

static struct taken
drain(struct receiver *r, struct listener *l)
{
	struct rx_read in;
	struct taken t = { 0 };
	int turns = TURNS;
	bool told = false;
	do {
		rx_read(r->rx, l->fd, &in);
		uint64_t now = now_ms();
		for (size_t i = 0; i < in.n; i++) {
			struct ring_head h = {
				.len = in.d[i].len,
				.port = l->port,
				.arrival_ms = now,
				.from = in.d[i].from,
			};
			put(r, l, &h, in.d[i].data);
			t.bytes += h.len + OVERHEAD;
		}
		if (in.has_drops)
			count_drops(r, l, in.drops);
		told |= in.has_drops;
		t.n += in.n;
	} while (in.n == RX_BATCH && --turns > 0);
	if (!told)
		ask_drops(r, l);
	return t;
}

/* All that the socket holds, and all that it dropped. */
static void
drain_last(struct receiver *r, struct listener *l)
{
	for (int i = 0; i < LAST_DRAINS && drain(r, l).n >= RX_BATCH; i++)
		;
	ask_drops(r, l);
}

/* By how much of a buffer was used since the last look, the fullest one's. */
static void
adapt_pause(struct sockets *s, bool little, bool much)
{
	if (much)
		s->pause_ns /= 2;
	else if (little && s->pause_ns < s->pause_max_ns)
		s->pause_ns += s->pause_ns / 4 + PAUSE_MIN_NS / 8;
	if (s->pause_ns < PAUSE_MIN_NS)
		s->pause_ns = PAUSE_MIN_NS;
	if (s->pause_ns > s->pause_max_ns)
		s->pause_ns = s->pause_max_ns;
}

/* One look at every socket that has something. */
static void
round_of(struct receiver *r, struct sockets *s)
{
	size_t n = 0;
	bool little = true, much = false;
	for (size_t i = 0; i < s->ls.n; i++) {
		if (s->fds[i].revents == 0)
			continue;
		struct taken t = drain(r, &s->ls.l[i]);
		n += t.n;
		little &= t.bytes < s->room[i] / SHARE_MORE;
		much |= t.bytes > s->room[i] / SHARE_LESS;
	}
	ring_tell(r->ring);
	s->settled = false;
	adapt_pause(s, little, much);
	if (n >= BUSY && !much)
		(void)nanosleep(&(struct timespec){ .tv_nsec = s->pause_ns },
		    NULL);
}

static void
settle(struct receiver *r, struct sockets *s)
{
	for (size_t i = 0; i < s->ls.n; i++)
		ask_drops(r, &s->ls.l[i]);
	s->settled = true;
}

static void
measure_rooms(struct sockets *s)
{
	s->room = mem_realloc(s->room, s->ls.n + 1, sizeof(*s->room));
	s->pause_max_ns = PAUSE_MAX_NS;
	for (size_t i = 0; i < s->ls.n; i++) {
		s->room[i] = rx_room(s->ls.l[i].fd);
		if (s->room[i] == 0)
			s->room[i] = ROOM_USUAL;
		uint64_t ns = s->room[i] * UINT64_C(1000000000) / BURST;
		if (ns < (uint64_t)s->pause_max_ns)
			s->pause_max_ns = (long)ns;
	}
	s->pause_ns = PAUSE_MIN_NS;
}

/* Sockets that stay keep their count of drops, those that go are emptied. */
static void
take_over(struct receiver *r, struct sockets *s)
{
	struct listeners old = s->ls;
	s->ls = (struct listeners){ 0 };
	for (size_t i = 0; i < r->next.n; i++) {
		struct listener l = r->next.l[i];
		const struct listener *was = listeners_with(&old, l.fd);
		if (was != NULL)
			l.drops = was->drops;
		listeners_add(&s->ls, &l);
	}
	for (size_t i = 0; i < old.n; i++)
		if (listeners_with(&s->ls, old.l[i].fd) == NULL)
			drain_last(r, &old.l[i]);
	ring_tell(r->ring);
	listeners_free(&old);
	s->fds = mem_realloc(s->fds, s->ls.n + 1, sizeof(*s->fds));
	for (size_t i = 0; i < s->ls.n; i++)
		s->fds[i] =
		    (struct pollfd){ .fd = s->ls.l[i].fd, .events = POLLIN };
	measure_rooms(s);
	s->fds[s->ls.n] = (struct pollfd){ .fd = r->wake[0], .events = POLLIN };
}

/* False: stop. */
static bool
look_for_news(struct receiver *r, struct sockets *s)
{
	char c[64];
	while (read(r->wake[0], c, sizeof(c)) > 0)
		;
	(void)pthread_mutex_lock(&r->lock);
	if (r->done != r->asked) {
		take_over(r, s);
		r->done = r->asked;
		(void)pthread_cond_broadcast(&r->changed);
	}
	bool stop = r->stop;
	(void)pthread_mutex_unlock(&r->lock);
	return !stop;
}

/* Until there is news. */
static void
look_at_sockets(struct receiver *r, struct sockets *s)
{
	int n;
	while ((n = poll(s->fds, (nfds_t)s->ls.n + 1,
		    s->settled ? -1 : SETTLE_MS)) != -1 &&
	       s->fds[s->ls.n].revents == 0) {
		if (n == 0)
			settle(r, s);
		else
			round_of(r, s);
	}
}

static void *
receive_main(void *arg)
{
	struct receiver *r = arg;
	struct sockets s = { .fds = mem_calloc(1, sizeof(*s.fds)) };
	s.fds[0] = (struct pollfd){ .fd = r->wake[0], .events = POLLIN };
	(void)proc_urgent_thread();
	while (look_for_news(r, &s))
		look_at_sockets(r, &s);
	for (size_t i = 0; i < s.ls.n; i++)
		drain_last(r, &s.ls.l[i]);
	r->last = s.ls;
	free(s.fds);
	free(s.room);
	return NULL;
}

static void
wake(struct receiver *r)
{
	ssize_t n = write(r->wake[1], "", 1);
	(void)n; /* full: it will wake anyway */
}

int
receive_start(struct receiver *r, struct ring *ring, struct rx *rx,
    struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->ring = ring;
	r->rx = rx;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	if (pipe2(r->wake, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set(err, "pipe: %s", strerror(errno));
	int rc = pthread_create(&r->thread, NULL, receive_main, r);
	if (rc != 0)
		return err_set(err, "thread: %s", strerror(rc));
	return 0;
}

void
receive_use(struct receiver *r, const struct listeners *ls)
{
	(void)pthread_mutex_lock(&r->lock);
	listeners_free(&r->next);
	for (size_t i = 0; i < ls->n; i++)
		listeners_add(&r->next, &ls->l[i]);
	r->asked++;
	wake(r);
	while (r->done != r->asked)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
}

void
receive_stop(struct receiver *r, struct listeners *ls)
{
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_mutex_unlock(&r->lock);
	wake(r);
	(void)pthread_join(r->thread, NULL);
	for (size_t i = 0; ls != NULL && i < ls->n; i++) {
		const struct listener *l =
		    listeners_with(&r->last, ls->l[i].fd);
		if (l != NULL)
			ls->l[i].drops = l->drops;
	}
	listeners_free(&r->last);
	listeners_free(&r->next);
	rx_free(r->rx);
	(void)close(r->wake[0]);
	(void)close(r->wake[1]);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->changed);
}
