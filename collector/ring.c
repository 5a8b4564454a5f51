#include "collector/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define SKIP UINT32_MAX /* len: go on at the start */

static size_t
need(uint32_t len)
{
	return (sizeof(struct ring_head) + len + 7) & ~(size_t)7;
}

int
ring_open(struct ring *r, size_t size, struct err *err)
{
	pthread_condattr_t attr;
	memset(r, 0, sizeof(*r));
	r->size = size;
	r->mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->mem == MAP_FAILED) {
		r->mem = NULL;
		return err_set(err, "queue of %zu bytes: %s", size,
		    strerror(errno));
	}
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	r->bell = r;
	return 0;
}

void
ring_join(struct ring *first, struct ring *r)
{
	r->bell = first;
	r->next = first->next;
	first->next = r;
}

void
ring_close(struct ring *r)
{
	if (r->mem == NULL)
		return;
	(void)munmap(r->mem, r->size);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->cond);
	r->mem = NULL;
}

/* ---- producer ------------------------------------------------------------- */

/* Pad to the end of the memory; every record is in one piece. */
static void
skip_rest(struct ring *r, size_t head)
{
	static const uint32_t skip = SKIP;
	memcpy(r->mem + (head & (r->size - 1)), &skip, sizeof(skip));
}

bool
ring_put(struct ring *r, const struct ring_head *h, const void *data)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	size_t n = need(h->len), off = head & (r->size - 1);
	size_t from = head;
	/*
	 * An empty ring starts over in its first half, to touch less memory.
	 * Not earlier: until the consumer has passed the skip, only what lies
	 * before it can be used.
	 */
	if (off + n > r->size || (head == tail && off > r->size / 2))
		from = head + r->size - off;
	if (from + n - tail > r->size) {
		(void)atomic_fetch_add_explicit(&r->dropped, 1,
		    memory_order_relaxed);
		return false;
	}
	if (from != head)
		skip_rest(r, head);
	uint8_t *p = r->mem + (from & (r->size - 1));
	memcpy(p, h, sizeof(*h));
	memcpy(p + sizeof(*h), data, h->len);
	atomic_store_explicit(&r->head, from + n, memory_order_release);
	return true;
}

/*
 * The end of the memory may be too short for the next, and an empty ring may
 * be left in its second half: both cost what lies behind.
 */
size_t
ring_room(const struct ring *r)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	size_t rest = r->size - (head & (r->size - 1));
	size_t left = r->size - (head - tail);
	if (rest >= left)
		return left;
	return rest > left - rest ? rest : left - rest;
}

void
ring_tell(struct ring *r)
{
	r = r->bell;
	/* Pairs with the fence in ring_wait: one of the two sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&r->waiting, memory_order_relaxed))
		return;
	(void)pthread_mutex_lock(&r->lock);
	(void)pthread_cond_signal(&r->cond);
	(void)pthread_mutex_unlock(&r->lock);
}

/* ---- consumer ------------------------------------------------------------- */

/* The next of this ring alone, not yet taken. */
static const struct ring_head *
peek(struct ring *r)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	if (r->pos == head)
		return NULL;
	size_t off = r->pos & (r->size - 1);
	const struct ring_head *h = (const void *)(r->mem + off);
	if (h->len == SKIP) {
		/* What was skipped for is already there. */
		r->pos += r->size - off;
		h = (const void *)r->mem;
	}
	return h;
}

const struct ring_head *
ring_next(struct ring *r, const uint8_t **data)
{
	const struct ring_head *h = peek(r);
	for (struct ring *x = r->next; x != NULL; x = x->next) {
		const struct ring_head *other = peek(x);
		if (other != NULL &&
		    (h == NULL || other->arrival_ms < h->arrival_ms)) {
			h = other;
			r = x;
		}
	}
	if (h == NULL)
		return NULL;
	r->pos += need(h->len);
	*data = (const uint8_t *)(h + 1);
	return h;
}

void
ring_release(struct ring *r)
{
	for (; r != NULL; r = r->next)
		atomic_store_explicit(&r->tail, r->pos, memory_order_release);
}

void
ring_mark(struct ring *r)
{
	for (; r != NULL; r = r->next)
		r->mark = atomic_load_explicit(&r->head, memory_order_acquire);
}

bool
ring_marked(const struct ring *r)
{
	for (; r != NULL; r = r->next)
		if (r->pos < r->mark)
			return true;
	return false;
}

static bool
is_empty(const struct ring *r)
{
	for (; r != NULL; r = r->next)
		if (atomic_load_explicit(&r->head, memory_order_acquire) !=
		    r->pos)
			return false;
	return true;
}

static struct timespec
deadline(int ms)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += ms / 1000 + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

void
ring_wait(struct ring *r, int ms)
{
	struct timespec end = deadline(ms);
	(void)pthread_mutex_lock(&r->lock);
	atomic_store_explicit(&r->waiting, true, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	while (!r->poked && is_empty(r))
		if (pthread_cond_timedwait(&r->cond, &r->lock, &end) != 0)
			break;
	r->poked = false;
	atomic_store_explicit(&r->waiting, false, memory_order_relaxed);
	(void)pthread_mutex_unlock(&r->lock);
}

void
ring_poke(struct ring *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->poked = true;
	(void)pthread_cond_signal(&r->cond);
	(void)pthread_mutex_unlock(&r->lock);
}
