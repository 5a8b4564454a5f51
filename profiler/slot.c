#include "profiler/slot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"
#include "nffile/bytes.h"
#include "profile/nfstat.h"

void
slot_init(struct slot *s, const struct conf *c, struct set *set)
{
	*s = (struct slot){ .c = c, .set = set, .start = -1 };
	size_t n = set->n_sources + 1;
	size_t m = set->n_members + 1;
	s->sources = mem_calloc(n, sizeof(*s->sources));
	s->members = mem_calloc(m, sizeof(*s->members));
	s->seen = mem_calloc(n, sizeof(*s->seen));
	s->due = mem_calloc(m, sizeof(*s->due));
	s->files = mem_calloc(m, sizeof(*s->files));
	s->about = mem_calloc(n, sizeof(*s->about));
	for (size_t i = 0; i < set->n_members; i++)
		s->n_files += set->members[i].keeps;
}

bool
slot_active(const struct slot *s)
{
	return s->start != -1;
}

bool
slot_for_ring(const struct slot *s)
{
	return s->for_ring;
}

/* Names of profiles and members that take part are decided once a slot. */
static bool
is_due(const struct member *m, int64_t start)
{
	return !m->failed && m->mark.last < start &&
	       start >= m->profile->tstart && m->profile->updated < start;
}

void
slot_begin(struct slot *s, int64_t start)
{
	s->start = start;
	s->any_due = false;
	for (size_t i = 0; i < s->set->n_members; i++) {
		s->due[i] = is_due(&s->set->members[i], start);
		s->any_due |= s->due[i];
	}
	s->for_ring = s->ring != NULL && ring_wants(s->ring, start);
	if (s->for_ring)
		ring_begin(s->ring, start);
}

void
slot_restart(struct slot *s)
{
	size_t n = s->set->n_sources;
	size_t m = s->set->n_members;
	for (size_t i = 0; i < m; i++) {
		chanfile_drop(s->files[i]);
		s->files[i] = NULL;
	}
	memset(s->sources, 0, n * sizeof(*s->sources));
	memset(s->members, 0, m * sizeof(*s->members));
	memset(s->seen, 0, n * sizeof(*s->seen));
	for (size_t i = 0; i < n; i++)
		about_clear(&s->about[i]);
	s->last_sysid = 0;
	if (s->for_ring)
		ring_begin(s->ring, s->start);
}

void
slot_drop(struct slot *s)
{
	s->for_ring = false;
	slot_restart(s);
	s->start = -1;
	if (s->ring != NULL)
		ring_begin(s->ring, -1);
}

void
slot_free(struct slot *s)
{
	if (s->set == NULL)
		return;
	slot_drop(s);
	for (size_t i = 0; i < s->set->n_sources; i++)
		about_free(&s->about[i]);
	packer_free(&s->packer);
	free(s->sources);
	free(s->members);
	free(s->seen);
	free(s->due);
	free(s->files);
	free(s->about);
	*s = (struct slot){ .start = -1 };
}

bool
slot_has_data(const struct slot *s, size_t member)
{
	for (size_t i = 0; i < s->set->n_sources; i++)
		if (s->seen[i] && s->set->members[member].wants[i])
			return true;
	return false;
}

/* ---- flow files ------------------------------------------------------------- */

static uint16_t
record_size(const uint8_t *rec)
{
	return get16(rec + 2);
}

#define EXPORTER_AT_FLOW 8 /* where a flow record names its exporter */

void
slot_about(struct slot *s, size_t source, const uint8_t *rec)
{
	about_add(&s->about[source], rec, &s->last_sysid);
}

static struct chanfile *
open_file(struct slot *s, size_t member)
{
	const struct member *m = &s->set->members[member];
	struct nffile_writer_opts o = { .codec = s->c->zip_profiles.codec,
		.level = s->c->zip_profiles.level,
		.compat = (enum nffile_compat)s->c->flowformat,
		.creator = CREATOR_NFPROFILE,
		.created = s->start,
		.ident = m->name,
		.mode = 0664 };
	return chanfile_new(m->dir, s->lane, &o, s->n_files, s->set->n_sources);
}

/* What describes a source's flows and is not in the file yet. */
static void
describe(struct slot *s, struct chanfile *f, size_t source)
{
	const struct buf *b = &s->about[source].records;
	for (size_t at = f->described[source]; at < b->len;) {
		const uint8_t *rec = (const uint8_t *)b->data + at;
		size_t size = record_size(rec);
		memcpy(chanfile_room(f, &s->packer, size), rec, size);
		at += size;
	}
	f->described[source] = b->len;
}

void
slot_write(struct slot *s, size_t member, size_t source, const uint8_t *rec)
{
	struct chanfile *f = s->files[member];
	size_t size = record_size(rec);
	if (f == NULL)
		f = s->files[member] = open_file(s, member);
	/* nfdump wants an exporter's record before the flows that name it. */
	if (f->described[source] != s->about[source].records.len)
		describe(s, f, source);
	uint8_t *to = chanfile_room(f, &s->packer, size);
	memcpy(to, rec, size);
	put16(to + EXPORTER_AT_FLOW,
	    about_sysid(&s->about[source], get16(rec + EXPORTER_AT_FLOW)));
	f->flows++;
}

/* ---- publishing --------------------------------------------------------------- */

static int
final_path(const struct slot *s, const struct member *m, char *path,
    struct err *err)
{
	char by_slot[SLOT_PATH_MAX];
	const char *name = s->name;
	if (name == NULL)
		name = slot_path(s->start, s->c->cycletime, s->c->subdirlayout,
		    by_slot);
	if (m->flat && strrchr(name, '/') != NULL)
		name = strrchr(name, '/') + 1;
	if (!file_join(path, m->dir, name))
		return err_set(err, "%s: path too long", m->dir);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	int rc = file_mkdirs(path, 0775, err);
	*slash = '/';
	return rc;
}

/* Bytes on disk, -1: not there. */
static int64_t
disk_size(const char *path)
{
	struct stat st;
	return stat(path, &st) == -1 ? -1 : (int64_t)st.st_blocks * 512;
}

static int
publish_file(struct slot *s, const struct member *m, const char *tmp,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	if (final_path(s, m, path, err) == -1)
		return -1;
	int64_t replaced = disk_size(path);
	if (rename(tmp, path) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	int64_t size = disk_size(path);
	if (size < 0)
		size = 0;
	if (s->out == NULL)
		return nfstat_file_added(m->dir, s->start, (uint64_t)size,
		    replaced, err);
	struct slot_file *out = &s->out[m - s->set->members];
	out->size = (uint64_t)size;
	out->replaced = replaced;
	return 0;
}

int
slot_publish(struct slot *s, size_t member, struct err *err)
{
	const struct member *m = &s->set->members[member];
	struct chanfile *f = s->files[member];
	char tmp[FILE_PATH_MAX];
	uint64_t lost;
	if (f == NULL)
		f = open_file(s, member);
	s->files[member] = NULL;
	/* Names that came behind the last flow. */
	for (size_t i = 0; i < s->set->n_sources; i++)
		if (f->described[i] != 0)
			describe(s, f, i);
	int rc = chanfile_finish(f, &s->packer, tmp, &lost, err);
	s->lost += lost;
	if (lost > 0)
		log_errx("slot %lld lacks flows profile=%s/%s channel=%s "
			 "flows=%llu",
		    (long long)s->start, m->profile->group, m->profile->name,
		    m->name, (unsigned long long)lost);
	if (rc == -1)
		return -1;
	rc = publish_file(s, m, tmp, err);
	if (rc == -1)
		(void)unlink(tmp);
	return rc;
}

/* ---- left-overs ---------------------------------------------------------------- */

static bool
is_leftover(const char *name, bool sole)
{
	if (strncmp(name, "nfprofile.", 10) != 0 || name[10] == '\0')
		return false;
	for (const char *s = name + 10; *s != '\0'; s++)
		if (!isdigit((unsigned char)*s))
			return false;
	errno = 0;
	long pid = strtol(name + 10, NULL, 10);
	return sole || errno != 0 || pid <= 0 || pid > INT_MAX ||
	       (kill((pid_t)pid, 0) == -1 && errno == ESRCH);
}

static void
sweep_dir(const char *dir, bool sole)
{
	char path[FILE_PATH_MAX];
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (is_leftover(e->d_name, sole) &&
		    file_join(path, dir, e->d_name)) {
			log_info("left-over file removed file=%s", path);
			(void)unlink(path);
		}
	(void)closedir(d);
}

void
slot_sweep(const struct set *set, bool sole)
{
	for (size_t i = 0; i < set->n_members; i++)
		if (set->members[i].keeps || sole)
			sweep_dir(set->members[i].dir, sole);
}
