/* A flow file of any bytes: read, expanded, put into columns, recovered. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nffile/nffile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct batch batch = { .want = COL_BIT(COL_MAX) - 1 };
static char path[64];

static void
clean(void)
{
	(void)unlink(path);
}

static int
put(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd == -1) {
		/* In memory where there is such a folder: recovery syncs. */
		(void)snprintf(path, sizeof(path), "%s/fuzz_nffile.XXXXXX",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		fd = mkstemp(path);
		(void)atexit(clean);
	}
	return fd == -1 || ftruncate(fd, 0) == -1 ||
		       lseek(fd, 0, SEEK_SET) == -1
		   ? -1
		   : file_write_full(fd, data, size);
}

/* Rows that batches make are the records that expand whole. */
static void
look(const struct nffile_block *b)
{
	size_t pos = 0, whole = 0, rows = 0, n;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		struct flow f;
		if (p[0] == REC_FLOW && p[1] == 0 &&
		    (p[3] != 0 || p[2] >= 12) && nffile_record_flow(p, &f))
			whole++;
	}
	pos = 0;
	while ((n = nffile_batch(b, &pos, &batch)) != 0)
		rows += n;
	if (rows != whole)
		abort();
}

static void
read_all(void)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct err err;
	if (nffile_open(&r, path, &err) == -1)
		return;
	enum nffile_next next;
	while ((next = nffile_read(&r, &b, &err)) != NFFILE_END)
		if (next == NFFILE_BLOCK)
			look(&b);
	nffile_close(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t flows;
	if (put(data, size) == -1)
		return 0;
	read_all();
	if (nffile_recover(path, "fuzz", &flows, NULL) == 0)
		read_all();
	return 0;
}
