/*
 * filetest: a temporary folder, files of random flows in it, and counting
 * what a reader gets.
 */
#ifndef FILETEST_H
#define FILETEST_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "nffile/nffile.h"

#include "random_flow.h"

#define BLOCK_HEADER sizeof(struct nffile_block_header)

static char ft_dir[64];
static struct err err;

static inline void
ft_setup(void)
{
	(void)snprintf(ft_dir, sizeof(ft_dir), "/tmp/nffile.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(ft_dir));
}

static inline void
ft_teardown(void)
{
	ck_assert_int_eq(file_remove_tree(ft_dir, &err), 0);
}

/* One of a few names in the folder; valid until the fourth call after. */
static inline const char *
ft_path(const char *name)
{
	static char path[4][FILE_PATH_MAX];
	static unsigned turn;
	char *p = path[turn++ % 4];
	ck_assert(file_join(p, ft_dir, name));
	return p;
}

static inline void
ft_create(struct nffile_writer *w, const char *path, enum nffile_codec codec)
{
	struct nffile_writer_opts o = { .codec = codec,
		.creator = CREATOR_NFCAPD,
		.created = 1700000000,
		.ident = "src",
		.mode = 0644 };
	ck_assert_msg(nffile_create(w, path, &o, &err) == 0, "%s", err.msg);
}

static inline void
ft_add(struct nffile_writer *w, struct rnd *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct flow f;
		random_flow(r, &f, false);
		ck_assert_int_eq(nffile_add_flow(w, &f, &err), 0);
	}
}

/* `blocks` blocks of `n` flows each. */
static inline void
ft_write(const char *path, enum nffile_codec codec, unsigned blocks, unsigned n)
{
	struct nffile_writer w;
	struct rnd r = { 1 };
	ft_create(&w, path, codec);
	for (unsigned i = 0; i < blocks; i++) {
		ft_add(&w, &r, n);
		ck_assert_int_eq(nffile_flush(&w, &err), 0);
	}
	ck_assert_msg(nffile_finish(&w, false, &err) == 0, "%s", err.msg);
}

static inline struct buf
ft_bytes(const char *path)
{
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(file_read(path, 100000000, &b, &err), 0);
	return b;
}

static inline size_t
ft_size(const char *path)
{
	struct buf b = ft_bytes(path);
	size_t n = b.len;
	buf_free(&b);
	return n;
}

static inline void
ft_put(const char *path, const void *p, size_t n)
{
	/* Truncating would make some file systems write it out each time. */
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write_full(fd, p, n), 0);
	ck_assert_int_eq(close(fd), 0);
}

struct ft_count {
	unsigned flows;
	unsigned errors;
};

static inline unsigned
ft_flows(const struct nffile_block *b)
{
	size_t pos = 0;
	unsigned n = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		struct flow f;
		n += p[0] == REC_FLOW && nffile_record_flow(p, &f);
	}
	return n;
}

/* Read on until the end as it is now. */
static inline struct ft_count
ft_drain(struct nffile_reader *r)
{
	struct ft_count c = { 0 };
	struct nffile_block b;
	enum nffile_next next;
	while ((next = nffile_read(r, &b, &err)) != NFFILE_END) {
		if (next == NFFILE_ERROR)
			c.errors++;
		else
			c.flows += ft_flows(&b);
		ck_assert_uint_lt(c.errors, 100);
	}
	return c;
}

static inline struct ft_count
ft_read(const char *path)
{
	struct nffile_reader r;
	ck_assert_msg(nffile_open(&r, path, &err) == 0, "%s", err.msg);
	struct ft_count c = ft_drain(&r);
	nffile_close(&r);
	return c;
}

static inline int
ft_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

#endif
