#include "nffile/map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPS   256               /* at once; files behind it are not mapped */
#define WINDOW (8 * 1024 * 1024) /* bytes that are given back together */

/* What the handler may find while others take places and give them back. */
struct map {
	atomic_bool taken;
	_Atomic(uint8_t *) begin; /* NULL: nothing is mapped */
	atomic_size_t len;        /* whole pages */
	atomic_size_t whole;      /* bytes before the first that was missing */

	size_t size; /* of the file */
	off_t given_back;
};

static struct map maps[MAPS];
static struct sigaction before; /* who had SIGBUS */
static size_t page_size;        /* 0: no handler */

/* ---- what is missing --------------------------------------------------------- */

/*
 * Is the address in the map?  Its place may be another's by the time len is
 * read; then begin has changed.
 */
static bool
has(struct map *m, const void *at, uint8_t **begin, size_t *len)
{
	*begin = atomic_load(&m->begin);
	*len = atomic_load(&m->len);
	uintptr_t a = (uintptr_t)at, b = (uintptr_t)*begin;
	return b != 0 && a >= b && a - b < *len &&
	       atomic_load(&m->begin) == *begin;
}

/* Zeros from the page on: the file's end lies before it. */
static bool
put_zeros(struct map *m, uint8_t *begin, size_t len, size_t off)
{
	size_t was = atomic_load(&m->whole);
	off -= off % page_size;
	while (off < was && !atomic_compare_exchange_weak(&m->whole, &was, off))
		;
	return mmap(begin + off, len - off, PROT_READ,
		   MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0) != MAP_FAILED;
}

/* No map's: as if this handler were not there. */
static void
pass_on(int sig, siginfo_t *info, void *context)
{
	if ((before.sa_flags & SA_SIGINFO) != 0) {
		before.sa_sigaction(sig, info, context);
		return;
	}
	if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(sig);
		return;
	}
	if (info->si_code <= 0 && before.sa_handler == SIG_IGN)
		return;
	/* Here again by the same fault, or by the signal sent. */
	(void)signal(sig, SIG_DFL);
	if (info->si_code <= 0)
		(void)raise(sig);
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	const uint8_t *at = info->si_addr;
	uint8_t *begin;
	size_t len;
	bool done = false;
	/* A signal that was sent has no address. */
	for (size_t i = 0; i < MAPS && !done && info->si_code > 0; i++)
		done = has(&maps[i], at, &begin, &len) &&
		       put_zeros(&maps[i], begin, len, (size_t)(at - begin));
	if (!done)
		pass_on(sig, info, context);
	errno = saved;
}

static void
install(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK };
	long n = sysconf(_SC_PAGESIZE);
	(void)sigemptyset(&sa.sa_mask);
	if (n > 0 && sigaction(SIGBUS, NULL, &before) == 0 &&
	    sigaction(SIGBUS, &sa, NULL) == 0)
		page_size = (size_t)n;
}

/* ---- maps ----------------------------------------------------------------------- */

static struct map *
take_place(void)
{
	for (size_t i = 0; i < MAPS; i++)
		if (!atomic_exchange(&maps[i].taken, true))
			return &maps[i];
	return NULL;
}

static bool
map_file(struct map *m, int fd)
{
	struct stat st;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uintmax_t)st.st_size > SIZE_MAX / 2)
		return false;
	m->size = (size_t)st.st_size;
	m->given_back = 0;
	size_t len = (m->size + page_size - 1) / page_size * page_size;
	void *p = mmap(NULL, m->size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return false;
	(void)posix_madvise(p, m->size, POSIX_MADV_SEQUENTIAL);
	atomic_store(&m->whole, SIZE_MAX);
	atomic_store(&m->len, len);
	atomic_store(&m->begin, p);
	return true;
}

struct map *
map_new(int fd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, install);
	struct map *m = page_size != 0 ? take_place() : NULL;
	if (m == NULL || map_file(m, fd))
		return m;
	atomic_store(&m->taken, false);
	return NULL;
}

const uint8_t *
map_at(const struct map *m, off_t pos, size_t n)
{
	if (m == NULL || pos < 0 || (uintmax_t)pos > m->size ||
	    n > m->size - (size_t)pos)
		return NULL;
	return atomic_load(&m->begin) + pos;
}

/* A page that the file ends in has zeros behind the end, and no fault. */
bool
map_whole(const struct map *m, int fd, off_t pos, size_t n)
{
	struct stat st;
	size_t end = (size_t)pos + n;
	return atomic_load(&m->whole) >= end && fstat(fd, &st) == 0 &&
	       (uintmax_t)st.st_size >= end;
}

void
map_pass(struct map *m, off_t pos)
{
	/* Threads may still be at blocks of the window before. */
	off_t keep = pos / WINDOW * WINDOW - WINDOW;
	if (m == NULL || keep <= m->given_back)
		return;
#ifdef MADV_DONTNEED
	(void)madvise(atomic_load(&m->begin) + m->given_back,
	    (size_t)(keep - m->given_back), MADV_DONTNEED);
#endif
	m->given_back = keep;
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	uint8_t *begin = atomic_exchange(&m->begin, NULL);
	(void)munmap(begin, m->len);
	atomic_store(&m->taken, false);
}
