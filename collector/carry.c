#include "collector/carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wire.h"
#include "collector/stream_conn.h"

#define VERSION 1
#define HEAD    24
#define CONN    48 /* the least, behind its length */

static const char magic[8] = { 'n', 'f', 's', 'e', 'n', 'C', 'R', 'Y' };

void
carry_free(struct carry *c)
{
	buf_free(&c->decoder);
	stream_kept_free(&c->kept);
}

/* ---- writing -------------------------------------------------------------- */

static void
put(struct buf *b, unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(v >> 8 * bytes));
}

static void
put_conn(struct buf *b, const struct stream_conn *c)
{
	size_t n = c->part.buf != NULL ? c->part.n : 0;
	put(b, 4, CONN + n);
	put(b, 2, c->port);
	put(b, 4, c->session);
	put(b, 1, c->from.family);
	put(b, 8, c->from.hi);
	put(b, 8, c->from.lo);
	put(b, 1, c->heard);
	put(b, 8, (uint64_t)c->since_ms);
	put(b, 8, (uint64_t)c->last_ms);
	put(b, 8, (uint64_t)c->begun_ms);
	if (n != 0)
		buf_add(b, c->part.buf, n);
}

static int
write_all(int fd, const struct buf *b)
{
	size_t done = 0;
	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) == 0 ? 0 : -1;
}

int
carry_write(const struct carry *c, struct err *err)
{
	struct buf b = BUF_EMPTY;
	int fd = memfd_create("nfsen-carry", MFD_CLOEXEC);
	if (fd == -1)
		return err_set(err, "memfd: %s", strerror(errno));
	buf_add(&b, magic, sizeof(magic));
	put(&b, 4, VERSION);
	put(&b, 4, c->kept.n);
	put(&b, 8, c->decoder.len);
	if (c->decoder.len != 0)
		buf_add(&b, c->decoder.data, c->decoder.len);
	for (size_t i = 0; i < c->kept.n; i++)
		put_conn(&b, c->kept.conn[i]);
	int rc = write_all(fd, &b);
	buf_free(&b);
	if (rc == 0)
		return fd;
	(void)err_set(err, "what goes on: %s", strerror(errno));
	(void)close(fd);
	return -1;
}

/* ---- reading -------------------------------------------------------------- */

/* A message_sink: a whole one would have been taken before. */
static void
is_whole(void *ctx, const uint8_t *p, size_t len)
{
	(void)p, (void)len;
	*(bool *)ctx = true;
}

/* The beginning of a message, and no more than that. */
static bool
take_part(struct message_part *part, const uint8_t *p, size_t n)
{
	bool whole = false;
	return message_add(part, p, n, is_whole, &whole) == MESSAGE_BEGUN &&
	       !whole;
}

static struct stream_conn *
take_conn(struct wire *w, int fd)
{
	struct wire b = wire_sub(w, wire_u32(w));
	struct stream_conn *c = mem_calloc(1, sizeof(*c));
	*c = (struct stream_conn){ .fd = fd, .listener = -1 };
	c->port = wire_u16(&b);
	c->session = wire_u32(&b);
	c->from.family = wire_u8(&b);
	c->from.hi = wire_u64(&b);
	c->from.lo = wire_u64(&b);
	c->heard = wire_u8(&b) != 0;
	c->since_ms = (int64_t)wire_u64(&b);
	c->last_ms = (int64_t)wire_u64(&b);
	c->begun_ms = (int64_t)wire_u64(&b);
	size_t n = wire_left(&b);
	if (b.bad || (n != 0 && !take_part(&c->part, b.p, n)))
		w->bad = true;
	return c;
}

static int
take(struct carry *c, struct wire *w, const int *conns, size_t n,
    struct err *err)
{
	const uint8_t *m = wire_bytes(w, sizeof(magic));
	if (m == NULL || memcmp(m, magic, sizeof(magic)) != 0 ||
	    wire_u32(w) != VERSION || wire_u32(w) != n)
		return err_set(err, "of another release");
	size_t len = (size_t)wire_u64(w);
	const uint8_t *p = wire_bytes(w, len);
	if (p == NULL)
		return err_set(err, "cut off");
	buf_add(&c->decoder, p, len);
	c->kept.conn = mem_calloc(n + 1, sizeof(struct stream_conn *));
	while (c->kept.n < n && !w->bad) {
		int fd = conns[c->kept.n];
		c->kept.conn[c->kept.n++] = take_conn(w, fd);
	}
	return w->bad ? err_set(err, "cut off or damaged") : 0;
}

int
carry_read(struct carry *c, int fd, const int *conns, size_t n, struct err *err)
{
	struct stat st;
	int rc;
	void *p = MAP_FAILED;
	*c = (struct carry){ 0 };
	if (fstat(fd, &st) == 0 && st.st_size >= HEAD)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
		    0);
	if (p == MAP_FAILED)
		rc = err_set(err, "cannot be read");
	else {
		struct wire w = wire_init(p, (size_t)st.st_size);
		rc = take(c, &w, conns, n, err);
		(void)munmap(p, (size_t)st.st_size);
	}
	if (rc == 0)
		return 0;
	for (size_t i = c->kept.n; i < n; i++)
		(void)close(conns[i]);
	carry_free(c);
	return -1;
}
