#include "collector/meter.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "nffile/nffile.h"

#define IDENT 128

struct meter_source {
	struct meter_source *next;
	uint64_t number;
	char ident[IDENT];
	struct nffile_stat stat; /* of this minute */
};

struct meter {
	pthread_t thread;
	struct sockaddr_un at;
	uint64_t since_ms;
	bool failing; /* the thread's; and that was logged */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	struct meter_source *first, **last;
	uint64_t n;
	bool stop;
};

static uint64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- counting ------------------------------------------------------------- */

struct meter_source *
meter_source(struct meter *m, const char *ident)
{
	struct meter_source *s = mem_calloc(1, sizeof(*s));
	(void)snprintf(s->ident, sizeof(s->ident), "%s", ident);
	(void)pthread_mutex_lock(&m->lock);
	s->number = ++m->n;
	*m->last = s;
	m->last = &s->next;
	(void)pthread_mutex_unlock(&m->lock);
	return s;
}

void
meter_add(struct meter *m, struct meter_source *s,
    const struct nffile_stat *stat)
{
	(void)pthread_mutex_lock(&m->lock);
	nffile_stat_sum(&s->stat, stat);
	(void)pthread_mutex_unlock(&m->lock);
}

/* ---- the message ---------------------------------------------------------- */

static void
add16(struct buf *b, size_t v)
{
	uint16_t n = (uint16_t)v;
	buf_add(b, &n, sizeof(n));
}

static void
add64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void
add_head(const struct meter *m, uint64_t now, size_t n, struct buf *b)
{
	buf_addc(b, '@');
	buf_addc(b, 1);
	add16(b, n * METER_SOURCE);
	add16(b, n);
	add16(b, METER_S);
	add64(b, now);
	add64(b, now > m->since_ms ? now - m->since_ms : 0);
}

static void
add_source(const struct meter_source *s, struct buf *b)
{
	const struct nffile_stat *x = &s->stat;
	const uint64_t all[] = { s->number << 16, x->flows_tcp, x->flows_udp,
		x->flows_icmp, x->flows_other, x->bytes_tcp, x->bytes_udp,
		x->bytes_icmp, x->bytes_other, x->packets_tcp, x->packets_udp,
		x->packets_icmp, x->packets_other };
	buf_add(b, s->ident, sizeof(s->ident));
	buf_add(b, all, sizeof(all));
}

void
meter_print(struct meter *m, uint64_t now, struct buf *out)
{
	size_t n = 0;
	(void)pthread_mutex_lock(&m->lock);
	for (const struct meter_source *s = m->first; s != NULL; s = s->next)
		n += s->stat.flows != 0;
	size_t room = 0;
	for (struct meter_source *s = m->first; s != NULL; s = s->next) {
		if (s->stat.flows == 0)
			continue;
		if (room == 0) {
			room = n < METER_MANY ? n : METER_MANY;
			add_head(m, now, room, out);
			n -= room;
		}
		add_source(s, out);
		s->stat = (struct nffile_stat){ 0 };
		room--;
	}
	(void)pthread_mutex_unlock(&m->lock);
}

/* ---- telling it ----------------------------------------------------------- */

/* -1: errno says why not. */
static int
tell(const struct meter *m, const struct buf *b)
{
	const struct timeval wait = { .tv_sec = METER_WAIT_S };
	size_t done = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	int rc = connect(fd, (const struct sockaddr *)&m->at, sizeof(m->at));
	while (rc == 0 && done < b->len) {
		ssize_t n =
		    send(fd, b->data + done, b->len - done, MSG_NOSIGNAL);
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			rc = -1;
	}
	int cause = errno;
	(void)close(fd);
	errno = cause;
	return rc;
}

static void
tell_minute(struct meter *m, uint64_t now)
{
	struct buf b = BUF_EMPTY;
	meter_print(m, now, &b);
	int rc = b.len != 0 ? tell(m, &b) : 0;
	if (rc == -1 && !m->failing)
		log_warn("option -m: %s", m->at.sun_path);
	else if (rc == 0 && b.len != 0 && m->failing)
		log_info("option -m: %s: it listens again", m->at.sun_path);
	if (b.len != 0)
		m->failing = rc == -1;
	buf_free(&b);
}

/* Until that second; false: stop. */
static bool
wait_until(struct meter *m, time_t when)
{
	struct timespec ts = { .tv_sec = when };
	(void)pthread_mutex_lock(&m->lock);
	while (
	    !m->stop && pthread_cond_timedwait(&m->changed, &m->lock, &ts) == 0)
		;
	bool go_on = !m->stop;
	(void)pthread_mutex_unlock(&m->lock);
	return go_on;
}

static void *
meter_main(void *arg)
{
	struct meter *m = arg;
	while (wait_until(m, time(NULL) / METER_S * METER_S + METER_S))
		tell_minute(m, now_ms());
	return NULL;
}

struct meter *
meter_start(const char *path, struct err *err)
{
	struct meter *m = mem_calloc(1, sizeof(*m));
	m->at.sun_family = AF_UNIX;
	(void)snprintf(m->at.sun_path, sizeof(m->at.sun_path), "%s", path);
	m->since_ms = now_ms();
	m->last = &m->first;
	(void)pthread_mutex_init(&m->lock, NULL);
	(void)pthread_cond_init(&m->changed, NULL);
	int rc = pthread_create(&m->thread, NULL, meter_main, m);
	if (rc == 0)
		return m;
	(void)err_set(err, "thread: %s", strerror(rc));
	free(m);
	return NULL;
}

void
meter_stop(struct meter *m)
{
	if (m == NULL)
		return;
	(void)pthread_mutex_lock(&m->lock);
	m->stop = true;
	(void)pthread_cond_signal(&m->changed);
	(void)pthread_mutex_unlock(&m->lock);
	(void)pthread_join(m->thread, NULL);
	for (struct meter_source *s = m->first, *next; s != NULL; s = next) {
		next = s->next;
		free(s);
	}
	(void)pthread_mutex_destroy(&m->lock);
	(void)pthread_cond_destroy(&m->changed);
	free(m);
}
