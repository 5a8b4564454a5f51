#include "profiler/chanfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "nffile/bytes.h"
#include "nffile/codec.h"

#define FIRST_ROOM 4096 /* most channels of many see few flows */

struct chanfile *
chanfile_new(const char *dir, unsigned lane, const struct nffile_writer_opts *o,
    size_t files, size_t sources)
{
	struct chanfile *f = mem_calloc(1, sizeof(*f));
	char path[FILE_PATH_MAX];
	char digits[16] = "";
	if (lane != 0)
		(void)snprintf(digits, sizeof(digits), "%06u", lane);
	int n = snprintf(path, sizeof(path), "%s/nfprofile.%ld%s", dir,
	    (long)getpid(), digits);
	f->opts = *o;
	f->opts.ident = f->ident = mem_strdup(o->ident);
	f->path = mem_strdup(path);
	f->w.fd = -1;
	f->broken = n < 0 || (size_t)n >= sizeof(path);
	f->limit = CHANFILE_BUDGET / (files != 0 ? files : 1);
	if (f->limit < CHANFILE_LEAST)
		f->limit = CHANFILE_LEAST;
	if (f->limit > NFFILE_BLOCK_WRITE)
		f->limit = NFFILE_BLOCK_WRITE;
	f->n_described = sources;
	f->described = mem_calloc(sources + 1, sizeof(*f->described));
	return f;
}

static void
release(struct chanfile *f)
{
	nffile_writer_abandon(&f->w);
	free(f->ident);
	free(f->path);
	free(f->wait);
	free(f->described);
	free(f);
}

void
chanfile_drop(struct chanfile *f)
{
	if (f == NULL)
		return;
	if (f->w.path != NULL)
		(void)unlink(f->path);
	release(f);
}

/* ---- buffers and descriptors -------------------------------------------------- */

void
packer_free(struct packer *p)
{
	free(p->raw);
	free(p->packed);
	*p = (struct packer){ 0 };
}

static void
take_buffers(struct chanfile *f, struct packer *p)
{
	*p = (struct packer){ f->w.raw, f->w.packed };
	f->w.raw = f->w.packed = NULL;
}

/* Finishing a file takes the buffers with it. */
static void
lend_buffers(struct chanfile *f, struct packer *p)
{
	static const size_t header = sizeof(struct nffile_block_header);
	enum nffile_codec codec = f->opts.codec;
	if (p->raw == NULL)
		p->raw = mem_alloc(header + NFFILE_BLOCK_WRITE);
	if (p->packed == NULL && codec != CODEC_NONE)
		p->packed =
		    mem_alloc(header + codec_bound(codec, NFFILE_BLOCK_WRITE));
	f->w.raw = p->raw;
	f->w.packed = p->packed;
	*p = (struct packer){ 0 };
}

static int
create(struct chanfile *f, struct packer *p, struct err *err)
{
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s", f->path);
	*strrchr(dir, '/') = '\0';
	if (file_mkdirs(dir, 0775, err) == -1 ||
	    nffile_create(&f->w, f->path, &f->opts, err) == -1)
		return -1;
	/* A new writer's buffers may be one pair too many. */
	if (p->raw == NULL) {
		take_buffers(f, p);
		return 0;
	}
	free(f->w.raw);
	free(f->w.packed);
	f->w.raw = f->w.packed = NULL;
	return 0;
}

/* The file with the packer's buffers. */
static int
begin(struct chanfile *f, struct packer *p, struct err *err)
{
	if (f->broken)
		return err_set(err, "%s: not written", f->path);
	if (f->w.path == NULL) {
		if (create(f, p, err) == -1)
			return -1;
	} else {
		f->w.fd = open(f->path, O_RDWR | O_CLOEXEC);
		if (f->w.fd == -1)
			return err_set(err, "%s: %s", f->path, strerror(errno));
	}
	lend_buffers(f, p);
	return 0;
}

static void
end(struct chanfile *f, struct packer *p)
{
	take_buffers(f, p);
	(void)close(f->w.fd);
	f->w.fd = -1;
}

/* ---- records ------------------------------------------------------------------- */

/* What is lost may have held exporters: later flows need them again. */
static void
lose(struct chanfile *f, uint64_t flows, const struct err *err)
{
	if (f->lost == 0)
		log_errx("flows lost: %s", err->msg);
	f->lost += flows;
	memset(f->described, 0, f->n_described * sizeof(*f->described));
}

static void
pack(struct chanfile *f)
{
	struct err err;
	for (size_t at = 0; at < f->len; at += get16(f->wait + at + 2))
		if (nffile_add_record(&f->w, f->wait + at, &err) == -1)
			lose(f,
			    nffile_writer_drop(&f->w) +
				(get16(f->wait + at) == REC_FLOW),
			    &err);
	if (nffile_flush(&f->w, &err) == -1)
		lose(f, nffile_writer_drop(&f->w), &err);
}

static void
drain(struct chanfile *f, struct packer *p)
{
	struct err err;
	if (f->len == 0)
		return;
	if (begin(f, p, &err) == 0) {
		pack(f);
		end(f, p);
	} else {
		lose(f, f->flows, &err);
		f->broken = true;
	}
	f->len = 0;
	f->flows = 0;
}

uint8_t *
chanfile_room(struct chanfile *f, struct packer *p, size_t n)
{
	if (f->len + n > f->limit)
		drain(f, p);
	if (f->len + n > f->cap) {
		size_t cap = f->cap != 0 ? f->cap * 2 : FIRST_ROOM;
		cap = cap < f->limit ? cap : f->limit;
		f->cap = cap > f->len + n ? cap : f->len + n;
		f->wait = mem_realloc(f->wait, f->cap, 1);
	}
	f->len += n;
	return f->wait + f->len - n;
}

/* ---- the end ------------------------------------------------------------------- */

static int
complete(struct chanfile *f, struct packer *p, struct err *err)
{
	if (begin(f, p, err) == -1)
		return -1;
	pack(f);
	if (nffile_finish(&f->w, false, err) == 0)
		return 0;
	take_buffers(f, p);
	return -1;
}

int
chanfile_finish(struct chanfile *f, struct packer *p, char *tmp, uint64_t *lost,
    struct err *err)
{
	(void)snprintf(tmp, FILE_PATH_MAX, "%s", f->path);
	int rc = complete(f, p, err);
	*lost = f->lost + (rc == -1 ? f->flows : 0);
	if (rc == -1)
		(void)unlink(tmp);
	release(f);
	return rc;
}
