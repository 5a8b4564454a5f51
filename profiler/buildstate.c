#include "profiler/buildstate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "profiler/refill.h"
#include "profiler/update.h"

static bool
is_live(const char *group, const char *name)
{
	return strcmp(group, ".") == 0 && strcmp(name, "live") == 0;
}

/* The followed one in memory, or NULL. */
static struct profile *
followed(struct profiler *p, const char *group, const char *name)
{
	if (p->set == NULL)
		return NULL;
	if (is_live(group, name))
		return p->set->live;
	size_t i = set_find_profile(p->set, group, name);
	return i < p->set->n_profiles ? p->set->profiles[i] : NULL;
}

struct profile *
buildstate_load(struct profiler *p, const char *group, const char *name,
    struct err *err)
{
	if (followed(p, group, name) != NULL)
		update_profiles(p->conf, p->set, p->writer);
	return profile_load(p->conf, group, name, err);
}

static void
set_status(struct profile *p, const char *status)
{
	p->status = arena_strdup(&p->arena, status);
}

int
buildstate_built(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, struct err *err)
{
	char status[32] = "built 0";
	struct profile *prof = profile_load(p->conf, group, name, err);
	if (prof == NULL)
		return -1;
	if (r->percent > 0)
		(void)snprintf(status, sizeof(status), "built %.1f%%",
		    r->percent);
	set_status(prof, status);
	prof->locked = 1;
	prof->updated = r->slot;
	prof->size = r->size;
	int rc = profile_save(p->conf, prof, err);
	profile_free(prof);
	return rc;
}

/* ---- flags ------------------------------------------------------------------------- */

static bool
flag_path(const struct conf *c, const char *group, const char *name,
    const char *flag, char *path)
{
	return profile_stat_path(c, group, name, flag, path);
}

void
buildstate_flag(struct profiler *p, const char *group, const char *name,
    pid_t pid, bool sure)
{
	char path[FILE_PATH_MAX];
	char boot[PROC_BOOT_MAX];
	char text[PROC_BOOT_MAX + 48];
	struct err err;
	int n = snprintf(text, sizeof(text), "%ld\n", (long)pid);
	if (sure && proc_boot(boot))
		n += snprintf(text + n, sizeof(text) - (size_t)n, "boot %s\n",
		    boot);
	if (!flag_path(p->conf, group, name, ".BUILDING", path))
		return;
	if (file_write_atomic(path, text, (size_t)n, 0664, &err) == -1)
		log_warnx("%s", err.msg);
}

bool
buildstate_sure(const struct conf *c, const char *group, const char *name)
{
	char path[FILE_PATH_MAX];
	char boot[PROC_BOOT_MAX];
	struct buf text = BUF_EMPTY;
	bool sure = false;
	if (flag_path(c, group, name, ".BUILDING", path) && proc_boot(boot) &&
	    file_read(path, 1024, &text, NULL) == 0) {
		const char *at = strstr(buf_str(&text), "\nboot ");
		size_t n = strlen(boot);
		sure = at != NULL && strncmp(at + 6, boot, n) == 0 &&
		       at[6 + n] == '\n';
	}
	buf_free(&text);
	return sure;
}

static bool
remove_flag(const struct conf *c, const char *group, const char *name,
    const char *flag)
{
	char path[FILE_PATH_MAX];
	return flag_path(c, group, name, flag, path) && unlink(path) == 0;
}

void
buildstate_unflag(const struct conf *c, const char *group, const char *name)
{
	(void)remove_flag(c, group, name, ".BUILDING");
	(void)remove_flag(c, group, name, ".CANCELED");
	(void)remove_flag(c, group, name, ".build.lock");
}

void
buildstate_settle(const struct conf *c, const char *group, const char *name)
{
	char path[FILE_PATH_MAX];
	if (!flag_path(c, group, name, ".build.lock", path))
		return;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return;
	while (flock(fd, LOCK_EX) == -1 && errno == EINTR)
		;
	(void)close(fd);
}

/* ---- the past ------------------------------------------------------------------------ */

static void
end_history(struct profile *prof, const struct bg_report *r, int64_t step)
{
	bool whole = !r->canceled && r->rc == 0;
	prof->updated = r->slot;
	if (r->canceled)
		prof->type = (prof->type & PROFILE_SHADOW) | PROFILE_HISTORY;
	if ((prof->type & ~PROFILE_SHADOW) == PROFILE_CONTINUOUS) {
		/* Where live's newest slot lies before the start. */
		if (prof->updated < prof->tstart - step)
			prof->updated = prof->tstart - step;
		prof->tend = prof->updated;
	} else if (whole) {
		prof->updated = prof->tend;
	} else {
		prof->tend = r->slot;
	}
	if (prof->tend < prof->tstart)
		prof->tend = prof->tstart;
}

int
buildstate_finish(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, struct err *err)
{
	struct profile *prof = profile_load(p->conf, group, name, err);
	if (prof == NULL)
		return -1;
	end_history(prof, r, p->conf->cycletime);
	prof->size = r->size;
	prof->locked = 0;
	set_status(prof, r->rc == 0 ? "OK" : "FAILED");
	int rc = profile_save(p->conf, prof, err);
	profile_free(prof);
	if (rc == 0)
		buildstate_unflag(p->conf, group, name);
	return rc;
}

/* ---- rebuilding ------------------------------------------------------------------------ */

int
buildstate_rebuilding(struct profiler *p, const char *group, const char *name,
    struct err *err)
{
	struct profile *own = followed(p, group, name);
	struct profile *prof = buildstate_load(p, group, name, err);
	if (prof == NULL)
		return -1;
	set_status(prof, "rebuilding");
	prof->locked = !is_live(group, name);
	int rc = profile_save(p->conf, prof, err);
	/* What is saved after the next slot says so, too. */
	if (rc == 0 && own != NULL) {
		set_status(own, "rebuilding");
		own->locked = prof->locked;
	}
	profile_free(prof);
	return rc;
}

static void
drop_databases(const struct conf *c, const struct profile *prof)
{
	char path[FILE_PATH_MAX];
	for (size_t i = 0; i < prof->n_channels; i++)
		if (refill_path(c, prof, prof->channels[i].name, path))
			(void)unlink(path);
}

static int
place_databases(const struct conf *c, const struct profile *prof,
    struct err *err)
{
	int rc = 0;
	for (size_t i = 0; i < prof->n_channels; i++) {
		const char *channel = prof->channels[i].name;
		char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
		if (refill_path(c, prof, channel, from) &&
		    profile_rrd_path(c, prof, channel, to) &&
		    rename(from, to) == -1 && rc == 0)
			rc = err_set(err, "%s: %s", to, strerror(errno));
	}
	return rc;
}

static void
take_numbers(struct profile *prof, const struct bg_report *r)
{
	prof->size = r->size;
	profile_renumber(prof);
	if (r->tstart == 0)
		return;
	prof->tstart = r->tstart;
	prof->tend = prof->updated = r->tend;
}

int
buildstate_rebuilt(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, bool databases, struct err *err)
{
	int rc = r->rc;
	struct profile *own = followed(p, group, name);
	struct profile *prof = buildstate_load(p, group, name, err);
	if (prof == NULL)
		return -1;
	if (rc == -1)
		(void)err_set(err, "%s", r->text);
	else if (databases)
		rc = place_databases(p->conf, prof, err);
	if (rc == 0)
		take_numbers(prof, r);
	drop_databases(p->conf, prof);
	if (strcmp(prof->status, "rebuilding") == 0) {
		set_status(prof, "OK");
		prof->locked = 0;
	}
	if (own != NULL) {
		set_status(own, "OK");
		own->locked = 0;
	}
	if (profile_save(p->conf, prof, rc == 0 ? err : NULL) == -1)
		rc = -1;
	profile_free(prof);
	(void)remove_flag(p->conf, group, name, ".build.lock");
	return rc;
}

/* ---- expiry ------------------------------------------------------------------------------ */

void
buildstate_expired(struct profiler *p, const struct bg_report *r)
{
	struct profile *own = followed(p, r->group, r->name);
	if (own == NULL)
		return;
	bool shadow = (own->type & PROFILE_SHADOW) != 0;
	bool moved = r->tstart > own->tstart && r->tstart <= own->tend;
	if (!moved && (shadow || own->size == r->size))
		return;
	if (moved)
		own->tstart = r->tstart;
	if (!shadow)
		own->size = r->size;
	/* Saved with the next slot, or when there is time. */
	if (own == p->set->live)
		p->set->live_saved = -1;
	else
		p->set->saved[set_find_profile(p->set, r->group, r->name)] = -1;
}

/* ---- the start --------------------------------------------------------------------------- */

static void
forget_rebuild(const struct conf *c, struct profile *prof)
{
	struct err err;
	log_warnx("rebuild was interrupted, databases are as they were "
		  "profile=%s/%s",
	    prof->group, prof->name);
	drop_databases(c, prof);
	set_status(prof, "OK");
	prof->locked = 0;
	if (profile_save(c, prof, &err) == -1)
		log_errx("%s", err.msg);
}

bool
buildstate_recover(const struct conf *c, const char *group, const char *name)
{
	struct profile *prof = profile_load(c, group, name, NULL);
	if (prof == NULL)
		return false; /* set_load says so */
	bool built = strncmp(prof->status, "built", 5) == 0;
	if (!built)
		buildstate_settle(c, group, name);
	if (strcmp(prof->status, "rebuilding") == 0)
		forget_rebuild(c, prof);
	if (!built) {
		if (remove_flag(c, group, name, ".BUILDING"))
			log_warnx("left-over .BUILDING removed profile=%s/%s",
			    group, name);
		buildstate_unflag(c, group, name);
	}
	profile_free(prof);
	return built;
}
