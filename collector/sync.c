#include "collector/sync.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct task {
	struct task *next;
	void (*fn)(void *arg);
	void *arg;
};

struct sync {
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t work;
	pthread_cond_t progress;
	struct task *first, **last;
	uint64_t given, done;
	bool stop;
};

/* NULL: stopped, and nothing is left. */
static struct task *
next_task(struct sync *s)
{
	(void)pthread_mutex_lock(&s->lock);
	while (s->first == NULL && !s->stop)
		(void)pthread_cond_wait(&s->work, &s->lock);
	struct task *t = s->first;
	if (t != NULL && (s->first = t->next) == NULL)
		s->last = &s->first;
	(void)pthread_mutex_unlock(&s->lock);
	return t;
}

static void *
sync_main(void *arg)
{
	struct sync *s = arg;
	for (struct task *t; (t = next_task(s)) != NULL; free(t)) {
		t->fn(t->arg);
		(void)pthread_mutex_lock(&s->lock);
		s->done++;
		(void)pthread_cond_broadcast(&s->progress);
		(void)pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct sync *
sync_start(struct err *err)
{
	struct sync *s = mem_calloc(1, sizeof(*s));
	s->last = &s->first;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->work, NULL);
	(void)pthread_cond_init(&s->progress, NULL);
	int rc = pthread_create(&s->thread, NULL, sync_main, s);
	if (rc == 0)
		return s;
	(void)err_set(err, "thread: %s", strerror(rc));
	free(s);
	return NULL;
}

void
sync_do(struct sync *s, void (*fn)(void *arg), void *arg)
{
	struct task *t = mem_calloc(1, sizeof(*t));
	t->fn = fn;
	t->arg = arg;
	(void)pthread_mutex_lock(&s->lock);
	*s->last = t;
	s->last = &t->next;
	s->given++;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
}

void
sync_wait(struct sync *s)
{
	(void)pthread_mutex_lock(&s->lock);
	uint64_t until = s->given;
	while (s->done < until)
		(void)pthread_cond_wait(&s->progress, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
}

void
sync_stop(struct sync *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->work);
	(void)pthread_cond_destroy(&s->progress);
	free(s);
}
