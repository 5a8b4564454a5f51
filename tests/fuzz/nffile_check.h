/*
 * nffile_check: what any bytes given as a flow file must stand: being read,
 * expanded, put into columns, shared among threads, recovered.  And what
 * must hold whatever they are: batches have the rows that expand whole, and
 * blocks loaded one by one have the flows that reading gives.
 */
#ifndef NFFILE_CHECK_H
#define NFFILE_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nffile/nffile.h"

static struct batch check_rows = { .want = COL_BIT(COL_MAX) - 1 };
static char check_path[64];

static void
check_clean(void)
{
	(void)unlink(check_path);
}

static int
check_put(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd == -1) {
		/* In memory where there is such a folder: recovery syncs. */
		(void)snprintf(check_path, sizeof(check_path),
		    "%s/fuzz_nffile.XXXXXX",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		fd = mkstemp(check_path);
		(void)atexit(check_clean);
	}
	return fd == -1 || ftruncate(fd, 0) == -1 ||
		       lseek(fd, 0, SEEK_SET) == -1
		   ? -1
		   : file_write_full(fd, data, size);
}

/* What it says of senders; names are text that ends. */
static size_t
check_sender(const uint8_t *rec)
{
	struct nffile_exporter e;
	struct nffile_sampler s;
	struct nffile_exporter_stat x;
	struct nffile_list l;
	struct nffile_name n;
	struct nffile_app a;
	size_t len = 0;
	(void)nffile_record_exporter(rec, &e);
	(void)nffile_record_sampler(rec, &s);
	for (size_t i = 0; nffile_record_exporter_stat(rec, i, &x);)
		i++;
	nffile_list_begin(rec, &l);
	while (nffile_list_name(&l, &n))
		len += strlen(n.name);
	while (nffile_list_app(&l, &a))
		len += a.id_len + strlen(a.name) +
		       (a.description != NULL ? strlen(a.description) : 0);
	return len;
}

/* Flows of a block. */
static size_t
check_block(const struct nffile_block *b)
{
	size_t pos = 0, whole = 0, rows = 0, n;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		struct flow f;
		(void)check_sender(p);
		if (p[0] == REC_FLOW && p[1] == 0 &&
		    (p[3] != 0 || p[2] >= 12) && nffile_record_flow(p, &f))
			whole++;
	}
	pos = 0;
	while ((n = nffile_batch(b, &pos, &check_rows)) != 0)
		rows += n;
	if (rows != whole)
		abort();
	return rows;
}

static size_t
check_shared(struct nffile_reader *r)
{
	struct nffile_loader l = { 0 };
	struct nffile_place place;
	struct nffile_block b;
	struct err err;
	enum nffile_next next;
	size_t flows = 0;
	while ((next = nffile_next_place(r, &place, &err)) != NFFILE_END)
		if (next == NFFILE_BLOCK &&
		    nffile_load(r, &place, &l, &b, &err) == NFFILE_BLOCK)
			flows += check_block(&b);
	nffile_loader_free(&l);
	return flows;
}

static void
check_read(void)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct err err;
	size_t flows = 0;
	if (nffile_open(&r, check_path, &err) == -1)
		return;
	enum nffile_next next;
	while ((next = nffile_read(&r, &b, &err)) != NFFILE_END)
		if (next == NFFILE_BLOCK)
			flows += check_block(&b);
	(void)nffile_missing(&r, &err);
	nffile_close(&r);
	if (nffile_open(&r, check_path, &err) == -1)
		abort();
	if (nffile_shareable(&r) && check_shared(&r) != flows)
		abort();
	nffile_close(&r);
}

static void
check_file(const uint8_t *data, size_t size)
{
	uint64_t flows;
	if (check_put(data, size) == -1)
		return;
	check_read();
	if (nffile_recover(check_path, "fuzz", &flows, NULL) == 0)
		check_read();
}

#endif
