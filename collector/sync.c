#include "collector/sync.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct sync {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	int fds[SYNC_WAITING]; /* a ring */
	size_t first, n;
	bool stop;
};

/* -1: stopped, and nothing is left. */
static int
next_fd(struct sync *s)
{
	int fd = -1;
	(void)pthread_mutex_lock(&s->lock);
	while (s->n == 0 && !s->stop)
		(void)pthread_cond_wait(&s->work, &s->lock);
	if (s->n > 0) {
		fd = s->fds[s->first];
		s->first = (s->first + 1) % SYNC_WAITING;
		s->n--;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return fd;
}

static void *
sync_main(void *arg)
{
	struct sync *s = arg;
	for (int fd; (fd = next_fd(s)) != -1;) {
		if (fsync(fd) == -1)
			log_warn("fsync of a finished file");
		(void)close(fd);
	}
	return NULL;
}

struct sync *
sync_start(struct err *err)
{
	struct sync *s = mem_calloc(1, sizeof(*s));
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->work, NULL);
	int rc = pthread_create(&s->thread, NULL, sync_main, s);
	if (rc == 0)
		return s;
	(void)err_set(err, "thread: %s", strerror(rc));
	free(s);
	return NULL;
}

void
sync_later(struct sync *s, int fd)
{
	(void)pthread_mutex_lock(&s->lock);
	bool full = s->n == SYNC_WAITING;
	if (!full)
		s->fds[(s->first + s->n++) % SYNC_WAITING] = fd;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
	if (full)
		(void)close(fd);
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
	free(s);
}
