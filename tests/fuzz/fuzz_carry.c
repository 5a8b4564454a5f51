/*
 * fuzz_carry: what one collector hands to the next.  The input as the file
 * beside the sockets, with as many connections as it says (at most 8), and
 * as an exporter's record behind a head and a checksum that are right: what
 * is read is freed, and every descriptor is closed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/wire.h"
#include "collector/carry.h"
#include "collector/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CONNS 8

/* The lowest descriptor that is free: all that were opened are closed. */
static int
lowest(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)close(fd);
	return fd;
}

static void
as_file(const uint8_t *data, size_t size)
{
	struct wire w = wire_init(data, size);
	struct carry c;
	struct err err;
	int conns[CONNS];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)wire_bytes(&w, 12);
	size_t n = wire_u32(&w) % (CONNS + 1);
	for (size_t i = 0; i < n; i++)
		conns[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (carry_read(&c, fd, conns, n, &err) == 0) {
		if (c.kept.n != n)
			abort();
		carry_free(&c);
	}
	(void)close(fd);
}

static struct source *
nothing_new(void *ctx, struct source *s, const struct addr *from)
{
	(void)ctx, (void)s, (void)from;
	return NULL;
}

static void
as_record(const uint8_t *data, size_t size)
{
	struct buf b = BUF_EMPTY;
	struct err err;
	struct state_record r = { .p = data, .len = size };
	struct flowfile_spec spec = { .ident = "a" };
	struct sources ss;
	size_t pos = 0;
	if (size < 4 || size > 60000)
		return;
	state_begin(&b, 1);
	state_copy(&b, &r);
	for (size_t i = 0; i < 4; i++)
		b.data[STATE_HEAD_LEN + i] = (char)((size - 4) >> 8 * (3 - i));
	state_end(&b);
	sources_init(&ss);
	ss.grow = nothing_new;
	if (state_check((const void *)b.data, b.len, &err) == 0 &&
	    state_next((const void *)b.data, b.len, &pos, &r)) {
		struct state_who who;
		state_record_who(&r, &who);
		(void)source_add(&ss, &spec, who.port);
		(void)sender_restore(&ss, &r);
	}
	sources_free(&ss);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = lowest();
	as_file(data, size);
	as_record(data, size);
	if (lowest() != before)
		abort();
	return 0;
}
