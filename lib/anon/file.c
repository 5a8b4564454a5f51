#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anon/anon.h"
#include "base/file.h"
#include "nffile/bytes.h"

/* One file on its way. */
struct copying {
	const struct anon *a;
	struct nffile_reader r;
	struct nffile_writer w;
	struct anon_counts *n;
	uint8_t rec[UINT16_MAX + 1];
};

/* ---- records --------------------------------------------------------------------- */

static bool
is_outside(const struct anon *a, const uint8_t *rec)
{
	struct flow f;
	if ((a->from_ms == 0 && a->to_ms == 0) || !nffile_record_flow(rec, &f))
		return false;
	return f.first < a->from_ms || (a->to_ms != 0 && f.last > a->to_ms);
}

static int
copy_flow(struct copying *c, const uint8_t *rec, struct err *err)
{
	if (is_outside(c->a, rec)) {
		c->n->outside++;
		return 0;
	}
	memcpy(c->rec, rec, get16(rec + 2));
	if (!anon_record(c->a, c->rec, c->n)) {
		c->n->damaged++;
		return 0;
	}
	c->n->flows++;
	return nffile_add_record(&c->w, c->rec, err);
}

static int
copy_record(struct copying *c, const uint8_t *rec, struct err *err)
{
	struct nffile_exporter e;
	if (get16(rec) == REC_FLOW)
		return copy_flow(c, rec, err);
	if (!nffile_record_exporter(rec, &e))
		return nffile_add_record(&c->w, rec, err);
	anon_exporter(c->a, &e);
	return nffile_add_exporter(&c->w, &e, err);
}

static int
copy_blocks(struct copying *c, struct err *err)
{
	struct nffile_block b;
	enum nffile_next next;
	while ((next = nffile_read(&c->r, &b, err)) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL;)
			if (copy_record(c, p, err) == -1)
				return -1;
	}
	return next == NFFILE_END ? 0 : 1;
}

/* ---- the file -------------------------------------------------------------------- */

/* An empty file that says of itself what the one that is read says. */
static int
create(struct copying *c, const char *tmp, struct err *err)
{
	struct nffile_writer_opts o = { .codec = c->a->codec,
		.level = c->a->level,
		.compat = COMPAT_NEWEST,
		.creator = (enum nffile_creator)c->r.header.creator,
		.created = c->r.header.created,
		.ident = c->r.ident,
		.mode = 0600 };
	if (!c->a->recode)
		o.codec = (enum nffile_codec)c->r.header.compression;
	if (c->r.header.nfdversion != NFFILE_NFDVERSION_NEWEST)
		o.compat = COMPAT_171;
	return nffile_create(&c->w, tmp, &o, err);
}

/* Mode and time are the original's; its owner, where we may give it away. */
static int
look_like(const char *tmp, const struct stat *st, struct err *err)
{
	const struct timespec t[2] = { st->st_atim, st->st_mtim };
	int owner = chown(tmp, st->st_uid, st->st_gid);
	if (owner == -1 && errno != EPERM)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	if (chmod(tmp, st->st_mode & 0777) == -1 ||
	    utimensat(AT_FDCWD, tmp, t, 0) == -1)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	return 0;
}

/* What the writer counted is right but for what only the collector knew. */
static int
finish(struct copying *c, struct err *err)
{
	bool whole = c->a->from_ms == 0 && c->a->to_ms == 0 &&
		     c->n->damaged == 0 && c->r.bad_records == 0;
	if (nffile_flush(&c->w, err) == -1)
		return -1;
	if (c->r.has_stat && whole)
		c->w.stat = c->r.stat;
	return nffile_finish(&c->w, true, err);
}

/* Is anything of the original not in the copy?  Then err says what. */
static bool
is_partial(struct copying *c, uint64_t damaged_before, struct err *err)
{
	uint64_t damaged = c->n->damaged - damaged_before + c->r.bad_records;
	if (nffile_missing(&c->r, err))
		return true;
	if (damaged == 0)
		return false;
	(void)err_set(err, "%s: %" PRIu64 " damaged records", c->r.path,
	    damaged);
	return true;
}

static int
write_copy(struct copying *c, const char *tmp, bool in_place, bool *partly,
    struct err *err)
{
	uint64_t before = c->n->damaged;
	if (create(c, tmp, err) == -1)
		return -1;
	int rc = copy_blocks(c, err);
	*partly = rc == 1 || (rc == 0 && is_partial(c, before, err));
	if (rc == -1 || (*partly && in_place))
		goto fail;
	c->n->unknown += c->r.unknown_records + c->r.unknown_blocks;
	struct err why;
	if (finish(c, &why) == 0)
		return 0;
	(void)err_set(err, "%s", why.msg);
fail:
	nffile_writer_abandon(&c->w);
	return -1;
}

static bool
is_same(const char *from, const char *to)
{
	struct stat a, b;
	return stat(from, &a) == 0 && stat(to, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Beside `to`; a name with a dot is nobody's flow file. */
static int
temporary(const char *to, char tmp[FILE_PATH_MAX], struct err *err)
{
	const char *slash = strrchr(to, '/');
	int dir = slash != NULL ? (int)(slash - to) + 1 : 0;
	int n = snprintf(tmp, FILE_PATH_MAX, "%.*s.%s.anon%ld", dir, to,
	    to + dir, (long)getpid());
	if (n < 0 || n >= FILE_PATH_MAX)
		return err_set(err, "%s: path too long", to);
	return 0;
}

static int
put_in_place(const char *tmp, const char *to, const struct stat *st,
    struct err *err)
{
	if (look_like(tmp, st, err) == -1)
		return -1;
	if (rename(tmp, to) == -1)
		return err_set(err, "%s: %s", to, strerror(errno));
	return file_sync_name(to, err);
}

int
anon_file(const struct anon *a, const char *from, const char *to,
    struct anon_counts *n, bool *partly, struct err *err)
{
	static _Thread_local struct copying c;
	char tmp[FILE_PATH_MAX];
	struct stat st;
	c.a = a;
	c.n = n;
	*partly = false;
	if (temporary(to, tmp, err) == -1 || nffile_open(&c.r, from, err) == -1)
		return -1;
	int rc = -1;
	if (c.r.growing)
		(void)err_set(err, "%s: is still being written", from);
	else if (fstat(c.r.fd, &st) == -1)
		(void)err_set(err, "%s: %s", from, strerror(errno));
	else
		rc = write_copy(&c, tmp, is_same(from, to), partly, err);
	nffile_close(&c.r);
	struct err why;
	if (rc == 0 && put_in_place(tmp, to, &st, &why) == -1)
		rc = err_set(err, "%s", why.msg);
	if (rc == -1)
		(void)unlink(tmp);
	n->files += rc == 0;
	return rc;
}
