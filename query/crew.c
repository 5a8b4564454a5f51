#include "query/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

struct crew {
	crew_work *work;
	void *ctx;
	size_t n;
	atomic_size_t next;
};

struct member {
	struct crew *crew;
	size_t number;
	pthread_t thread;
	bool runs;
};

size_t
crew_size(unsigned asked)
{
	long n = asked != 0 ? (long)asked : sysconf(_SC_NPROCESSORS_ONLN);
	if (n > CREW_MAX)
		return CREW_MAX;
	return n > 1 ? (size_t)n : 1;
}

static void *
work(void *arg)
{
	struct member *m = arg;
	struct crew *c = m->crew;
	size_t i;
	while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
		c->work(c->ctx, i, m->number);
	return NULL;
}

void
crew_run(unsigned threads, size_t n, crew_work *fn, void *ctx)
{
	struct crew c = { .work = fn, .ctx = ctx, .n = n };
	struct member m[CREW_MAX] = { { 0 } };
	size_t size = crew_size(threads);
	sigset_t all, old;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	for (size_t i = 0; i < size; i++) {
		m[i] = (struct member){ .crew = &c, .number = i };
		m[i].runs =
		    i != 0 && i < n &&
		    pthread_create(&m[i].thread, NULL, work, &m[i]) == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)work(&m[0]);
	for (size_t i = 1; i < size; i++)
		if (m[i].runs)
			(void)pthread_join(m[i].thread, NULL);
}
