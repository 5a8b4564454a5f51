#include "query/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "nffile/bytes.h"

#define PIECE 65536

/* ---- begin ---------------------------------------------------------------------- */

bool
outfile_streams(const struct outfile *out)
{
	return strcmp(out->path, "-") == 0;
}

/* A hidden name beside the file; for a stream, one in $TMPDIR. */
static char *
temporary(const struct outfile *out)
{
	char tmp[FILE_PATH_MAX];
	const char *dir = getenv("TMPDIR");
	const char *slash = strrchr(out->path, '/');
	int in = slash != NULL ? (int)(slash - out->path) + 1 : 0;
	int n = outfile_streams(out)
		    ? snprintf(tmp, sizeof(tmp), "%s/nfsen-query.%ld.%llx",
			  dir != NULL && dir[0] != '\0' ? dir : "/tmp",
			  (long)getpid(), (unsigned long long)hash_seed())
		    : snprintf(tmp, sizeof(tmp), "%.*s.%s.%ld", in, out->path,
			  out->path + in, (long)getpid());
	return n > 0 && (size_t)n < sizeof(tmp) ? mem_strdup(tmp) : NULL;
}

static void
find_ident(const struct tree_list *files, char *ident)
{
	struct nffile_stat s;
	ident[0] = '\0';
	for (size_t i = 0; i < files->n && ident[0] == '\0'; i++)
		if (files->files[i].open ||
		    nffile_stat_read(files->files[i].path, &s, ident, NULL) ==
			-1)
			ident[0] = '\0';
}

/* Reading must not go on when there is no place for what is found. */
int
outfile_open(struct outfile *out, const char *path, enum nffile_codec codec,
    int level, const struct tree_list *files, struct err *err)
{
	char ident[NFFILE_IDENT_MAX];
	struct stat st;
	*out = (struct outfile){ .path = path, .seed = hash_seed() };
	if (!outfile_streams(out) && stat(out->path, &st) == 0 &&
	    !S_ISREG(st.st_mode))
		return err_set(err, "-w %s: exists and is no file", out->path);
	if (outfile_streams(out) && isatty(STDOUT_FILENO) != 0)
		return err_set(err, "-w -: flow files are not for a terminal");
	if ((out->tmp = temporary(out)) == NULL)
		return err_set(err, "-w %s: path too long", out->path);
	find_ident(files, ident);
	const struct nffile_writer_opts opts = { .codec = codec,
		.level = level,
		.creator = CREATOR_NFDUMP,
		.created = (int64_t)time(NULL),
		.ident = ident,
		.mode = 0666 };
	(void)unlink(out->tmp); /* of a process that had our number */
	if (nffile_create(&out->w, out->tmp, &opts, err) == 0)
		return 0;
	free(out->tmp);
	return err_prefix(err, "-w %s", out->path);
}

/* ---- content -------------------------------------------------------------------- */

/* Once is enough: there is no point in saying it again for each flow. */
static void
check(struct outfile *out, int rc)
{
	if (rc == -1)
		out->failed = true;
}

void
outfile_record(struct outfile *out, const uint8_t *rec)
{
	if (!out->failed)
		check(out, nffile_add_record(&out->w, rec, &out->err));
}

void
outfile_flow(struct outfile *out, const struct flow *f)
{
	struct flow one = *f;
	/* A flow that stands for itself says so by not counting. */
	if (one.flows <= 1 && one.out_packets == 0 && one.out_bytes == 0)
		one.have &= ~FLOW_BIT(FE_CNT);
	if (!out->failed)
		check(out, nffile_add_flow(&out->w, &one, &out->err));
}

static void
take(void *ctx, const struct picked *p)
{
	for (size_t i = 0; i < p->n; i++)
		outfile_record(ctx, p->b->rec[p->rows[i]]);
}

struct scan_sink
outfile_sink(struct outfile *out)
{
	return (struct scan_sink){ .ctx = out, .ordered = true, .take = take };
}

static void
grow(struct outfile *out)
{
	uint64_t *old = out->seen;
	size_t cap = out->cap;
	out->cap = cap != 0 ? cap * 2 : 256;
	out->seen = mem_calloc(out->cap, sizeof(*out->seen));
	for (size_t i = 0; i < cap; i++) {
		size_t at = old[i] & (out->cap - 1);
		if (old[i] == 0)
			continue;
		while (out->seen[at] != 0)
			at = (at + 1) & (out->cap - 1);
		out->seen[at] = old[i];
	}
	free(old);
}

static bool
is_new(struct outfile *out, const uint8_t *rec)
{
	uint64_t h = hash_bytes(rec, get16(rec + 2), out->seed) | 1;
	if (out->n_seen * 2 >= out->cap)
		grow(out);
	size_t at = h & (out->cap - 1);
	for (; out->seen[at] != 0; at = (at + 1) & (out->cap - 1))
		if (out->seen[at] == h)
			return false;
	out->seen[at] = h;
	out->n_seen++;
	return true;
}

static bool
is_description(uint16_t type)
{
	switch (type) {
	case REC_EXPORTER:
	case REC_SAMPLER:
	case REC_SAMPLER_OLD:
	case REC_NBAR:
	case REC_IFNAME:
	case REC_VRFNAME:
		return true;
	default:
		return false;
	}
}

void
outfile_describe(void *ctx, const struct scan_block *b)
{
	struct outfile *out = ctx;
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b->data, &pos)) != NULL;)
		if (is_description(get16(p)) && is_new(out, p))
			outfile_record(out, p);
}

/* ---- end ------------------------------------------------------------------------ */

static int
stream(const char *path, struct err *err)
{
	char piece[PIECE];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		if (file_write_full(STDOUT_FILENO, piece, (size_t)n) == -1)
			break;
	int rc =
	    n == 0 ? 0 : err_set(err, "-w -: %s: %s", path, strerror(errno));
	(void)close(fd);
	return rc;
}

static int
finish(struct outfile *out, struct err *err)
{
	if (out->failed) {
		*err = out->err;
		return -1;
	}
	if (nffile_finish(&out->w, !outfile_streams(out), err) == -1)
		return -1;
	if (outfile_streams(out))
		return stream(out->tmp, err);
	if (rename(out->tmp, out->path) == -1)
		return err_set(err, "%s: %s", out->path, strerror(errno));
	return file_sync_name(out->path, err);
}

int
outfile_close(struct outfile *out, struct err *err)
{
	int rc = finish(out, err);
	if (rc == -1)
		nffile_writer_abandon(&out->w);
	if (rc == -1 || outfile_streams(out))
		(void)unlink(out->tmp);
	free(out->tmp);
	free(out->seen);
	return rc;
}
