#include "profiler/lanes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "profiler/update.h"

static size_t
threads_wanted(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		return 1;
	return n < LANES_THREADS ? (size_t)n : LANES_THREADS;
}

void
lanes_open(struct lanes *l, const struct conf *c, struct set *set,
    bool (*go_on)(void *ctx), void *ctx)
{
	*l = (struct lanes){ .threads = threads_wanted(),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };
	for (size_t i = 0; i < l->threads; i++) {
		l->run[i] = run_new(set, 1);
		run_watch(l->run[i], go_on, ctx);
	}
	for (unsigned i = 0; i < LANES_MAX; i++) {
		struct slot *s = &l->lane[i].slot;
		slot_init(s, c, set);
		s->lane = i;
		/* As many files wait as threads work on slots. */
		s->n_files *= l->threads;
		s->out = mem_calloc(set->n_members + 1, sizeof(*s->out));
	}
}

void
lanes_close(struct lanes *l)
{
	for (size_t i = 0; i < LANES_MAX; i++) {
		free(l->lane[i].slot.out);
		slot_free(&l->lane[i].slot);
	}
	for (size_t i = 0; i < l->threads; i++)
		run_free(l->run[i]);
}

/* The slot is read; false: what it has must not be seen. */
static bool
wait_turn(struct lanes *l, size_t at, bool whole)
{
	(void)pthread_mutex_lock(&l->lock);
	while (l->read != at && !l->ended)
		(void)pthread_cond_wait(&l->moved, &l->lock);
	if (whole && !l->ended)
		l->read++;
	else
		l->ended = true;
	bool go = !l->ended;
	(void)pthread_cond_broadcast(&l->moved);
	(void)pthread_mutex_unlock(&l->lock);
	return go;
}

static bool
claim(struct lanes *l, size_t *at)
{
	(void)pthread_mutex_lock(&l->lock);
	bool some = l->claimed < l->n && !l->ended;
	*at = l->claimed;
	l->claimed += some;
	(void)pthread_mutex_unlock(&l->lock);
	return some;
}

struct thread {
	struct lanes *l;
	struct run *run;
	pthread_t id;
	bool runs;
};

static void *
work(void *arg)
{
	struct thread *t = arg;
	size_t at;
	while (claim(t->l, &at)) {
		struct lane *lane = &t->l->lane[at];
		(void)backlog_read(&lane->b, t->run, &lane->slot);
		lane->whole = wait_turn(t->l, at, !run_ended(t->run));
		if (lane->whole)
			update_publish(&lane->slot);
	}
	return NULL;
}

static void
take_slots(struct lanes *l, struct backlog *b, size_t most)
{
	l->n = l->claimed = l->read = 0;
	l->ended = false;
	while (l->n < most && backlog_more(b)) {
		int64_t slot = b->files[b->next].slot;
		struct lane *lane = &l->lane[l->n++];
		lane->b = *b;
		lane->whole = false;
		while (b->next < b->n && b->files[b->next].slot == slot)
			b->next++;
	}
}

size_t
lanes_run(struct lanes *l, struct backlog *b, size_t most)
{
	struct thread t[LANES_THREADS] = { { .l = l, .run = l->run[0] } };
	take_slots(l, b, most < LANES_MAX ? most : LANES_MAX);
	for (size_t i = 1; i < l->threads; i++)
		t[i] = (struct thread){ .l = l, .run = l->run[i] };
	for (size_t i = 1; i < l->threads && i < l->n; i++)
		t[i].runs = pthread_create(&t[i].id, NULL, work, &t[i]) == 0;
	(void)work(&t[0]);
	for (size_t i = 1; i < l->threads; i++)
		if (t[i].runs)
			(void)pthread_join(t[i].id, NULL);
	return l->n;
}
