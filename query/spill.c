#include "query/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static const char *
folder(void)
{
	const char *dir = getenv("TMPDIR");
	return dir != NULL && dir[0] != '\0' ? dir : "/tmp";
}

/* Threads are at work: nothing is cleaned up, the file has no name. */
static _Noreturn void
fail(const char *what)
{
	(void)fprintf(stderr,
	    "nfsen-query: a temporary file in %s cannot be %s: %s (TMPDIR "
	    "names another folder, --memory allows more memory)\n",
	    folder(), what, strerror(errno));
	_exit(EXIT_SPILL);
}

void
spill_init(struct spill *s)
{
	*s = (struct spill){ .fd = -1 };
	(void)pthread_mutex_init(&s->lock, NULL);
}

void
spill_free(struct spill *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	(void)pthread_mutex_destroy(&s->lock);
}

static int
make_file(void)
{
	char path[4096];
	/* A limit on the size of files is an error like a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	int fd = open(folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1)
		return fd;
	/* Not every file system has files without a name. */
	(void)snprintf(path, sizeof(path), "%s/nfsen-query.XXXXXX", folder());
	fd = mkostemp(path, O_CLOEXEC);
	if (fd == -1)
		fail("made");
	(void)unlink(path);
	return fd;
}

static uint64_t
reserve(struct spill *s, size_t len)
{
	(void)pthread_mutex_lock(&s->lock);
	if (s->fd == -1)
		s->fd = make_file();
	uint64_t at = s->end;
	s->end += len;
	(void)pthread_mutex_unlock(&s->lock);
	return at;
}

void
spill_write(struct spill *s, struct spilled *to, const struct buf *b,
    unsigned kind)
{
	struct spill_extent e = { reserve(s, b->len), b->len, kind };
	for (size_t done = 0; done < e.len;) {
		ssize_t n = pwrite(s->fd, b->data + done, e.len - done,
		    (off_t)(e.at + done));
		if (n == -1 && errno != EINTR)
			fail("written");
		done += n > 0 ? (size_t)n : 0;
	}
	if (to->n == to->room) {
		to->room = to->room != 0 ? to->room * 2 : 8;
		to->extent =
		    mem_realloc(to->extent, to->room, sizeof(to->extent[0]));
	}
	to->extent[to->n++] = e;
	to->bytes += e.len;
}

void
spill_read(struct spill *s, const struct spill_extent *e, uint8_t *to)
{
	for (size_t done = 0; done < e->len;) {
		ssize_t n = pread(s->fd, to + done, e->len - done,
		    (off_t)(e->at + done));
		if (n == 0)
			errno = EIO;
		if (n == 0 || (n == -1 && errno != EINTR))
			fail("read");
		done += n > 0 ? (size_t)n : 0;
	}
}
