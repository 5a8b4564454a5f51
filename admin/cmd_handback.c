/*
 * handback: our daemons end so that NfSen goes on without a gap.
 *
 * NfSen's start deletes nfcapd.current.* files, and its daemon works on no
 * slot but the newest one that has ended.  So the end of the running slot is
 * awaited, the slot worked off, and only then all stops; what the collector
 * has of the next slot it closes under that slot's name, to which nfcapd adds
 * its own at the slot's end.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/daemon.h"
#include "admin/takeover.h"
#include "base/file.h"
#include "conf/grown.h"
#include "index/folder.h"
#include "index/index.h"
#include "profile/hints.h"

#define LATE_S 120 /* for the slot to be worked off */

/* ---- the end of a slot ----------------------------------------------------------- */

static int64_t
announced(const struct conf *c)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	int64_t slot = -1;
	if (file_join(path, c->piddir, "collector.slot") &&
	    file_read(path, 256, &text, NULL) == 0)
		slot = strtoll(buf_str(&text), NULL, 10);
	buf_free(&text);
	return slot;
}

static int64_t
worked_off(const struct conf *c)
{
	struct profile *live = profile_load(c, ".", "live", NULL);
	int64_t slot = live != NULL ? live->updated : -1;
	profile_free(live);
	return slot;
}

static bool
is_up(const struct conf *c, const struct daemon *d)
{
	pid_t pid;
	return daemon_look(c, d, &pid) == DAEMON_UP;
}

static void
dot(int turn)
{
	if (turn % 10 != 0)
		return;
	(void)putchar('.');
	(void)fflush(stdout);
}

/* The slot that runs, or has just ended, is in the databases. */
static int
await_slot(const struct conf *c, struct err *err)
{
	int64_t before = announced(c);
	int64_t until = time(NULL) + c->cycletime + LATE_S;
	int turn = 0;
	(void)printf("Waiting for the end of the running slot");
	while (announced(c) == before && is_up(c, &daemon_collector) &&
	       time(NULL) < until) {
		dot(turn++);
		(void)poll(NULL, 0, 100);
	}
	while (worked_off(c) < announced(c) && is_up(c, &daemon_profiler) &&
	       time(NULL) < until) {
		dot(turn++);
		(void)poll(NULL, 0, 100);
	}
	(void)putchar('\n');
	if (announced(c) != before && worked_off(c) >= announced(c))
		return 0;
	return err_set(err,
	    "the slot did not end, or was not worked off: 'nfsen status' "
	    "tells more; --now does without it");
}

/* ---- what NfSen will not understand -------------------------------------------------- */

static void note(size_t *n, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(size_t *n, const char *fmt, ...)
{
	va_list ap;
	if ((*n)++ == 0)
		(void)printf("What NfSen does not understand:\n");
	(void)printf("  ");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)putchar('\n');
}

static void
judge_source(const struct conf_source *s, size_t *n)
{
	if (s->parent != NULL)
		note(n,
		    "source '%s': it came by itself behind '%s'; without its "
		    "channel or an entry of its own NfSen does not start",
		    s->ident, s->parent);
	if (s->transport != 0 && s->transport != TRANSPORT_UDP)
		note(n, "source '%s': TCP or TLS", s->ident);
	if (s->n_ips > 1)
		note(n, "source '%s': more than one sender", s->ident);
	for (size_t i = 0; i < s->n_ips; i++)
		if (s->ips[i].len !=
		    (s->ips[i].addr.family == ADDR_V4 ? 32 : 128))
			note(n, "source '%s': a network of senders", s->ident);
	if (s->in.layout != -1)
		note(n, "source '%s': a layout of its own", s->ident);
}

static void
judge_conf(const struct conf *c, size_t *n)
{
	for (size_t i = 0; i < c->n_sources; i++)
		judge_source(&c->sources[i], n);
	if (c->cycletime != 300)
		note(n, "$CYCLETIME: it knows slots of 300 s only");
	if (c->flowformat != COMPAT_171)
		note(n, "$FLOWFORMAT: files hold what nfdump 1.7.1 skips");
	if (c->zip_collected.codec == CODEC_ZSTD ||
	    c->zip_profiles.codec == CODEC_ZSTD)
		note(n, "zstd: nfdump reads it from 1.7.2 on");
	if (c->has_profiles)
		note(n,
		    "%%profiles: its profiles stay and are the users' from now "
		    "on");
}

static void
judge_channels(const struct survey *s, size_t *n)
{
	for (size_t i = 0; i < s->n_profiles; i++)
		for (size_t k = 0; k < s->profiles[i].n_channels; k++) {
			const struct survey_channel *ch =
			    &s->profiles[i].channels[k];
			const char *name = s->profiles[i].id.name;
			if (ch->flows.zoned > 0)
				note(n,
				    "%s: %s: flow files of a repeated hour, "
				    "whose names have their zone",
				    name, ch->name);
			if (ch->rrd.state != RRD_GOOD)
				note(n, "%s: %s: its database is not good",
				    name, ch->name);
		}
	for (size_t i = 0; i < s->n_profiles; i++)
		if (s->profiles[i].building)
			note(n,
			    "%s: is being built: NfSen makes it a history of "
			    "what is there",
			    s->profiles[i].id.name);
}

/* Ours, hidden from NfSen by their names; of use when we come back. */
static void
own_files(const struct conf *c)
{
	static const char *const names[] = { ".from-config", ".lock", ".writer",
		"live/.ledger", GROWN_FILE };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[FILE_PATH_MAX];
		if (file_join(path, c->profilestatdir, names[i]) &&
		    file_exists(path))
			(void)printf("Ours, passed over by NfSen: %s\n", path);
	}
}

/* ---- the command ----------------------------------------------------------------------- */

static int
complete_files(const struct admin *a, const struct survey *s)
{
	int rc = EXIT_OK;
	struct err err;
	for (size_t i = 0; i < s->n_findings; i++) {
		const struct finding *f = &s->findings[i];
		if (f->step != STEP_FINISH && f->step != STEP_NFSTAT)
			continue;
		if (takeover_do(a->c, f, time(NULL), &err) == -1)
			rc = admin_fail(&err);
		else
			(void)printf("Done: %s: %s\n", f->where, f->text);
	}
	return rc;
}

static int
leave_hints(const struct conf *c, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct err why = { "" };
	struct perl_value *h = hints_read(c, &a, &why);
	if (h == NULL && why.msg[0] != '\0')
		(void)fprintf(stderr, "%s: written anew\n", why.msg);
	if (h == NULL)
		h = hints_new(c, &a, time(NULL));
	hints_update(c, &a, h);
	int rc = hints_write(c, h, err);
	arena_free(&a);
	return rc;
}

/*
 * Indexes go: nfdump reads all that is below PROFILEDATADIR when it is given
 * that, hidden or not.  They can be made anew.
 */
static int
drop_indexes(const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, c->profiledatadir, INDEX_DIR) ||
	    !file_exists(path))
		return 0;
	if (index_drop(c->profiledatadir, "", err) == -1)
		return -1;
	(void)printf("Done: %s: dropped\n", path);
	return 0;
}

static int
hand_back(struct admin *a)
{
	struct err err;
	struct survey s;
	size_t n = 0;
	int lock = profile_tree_lock(a->c, false, &err);
	if (lock == -1)
		return admin_fail(&err);
	int rc = survey_take(&s, a->c, &err) == 0 ? complete_files(a, &s)
						  : admin_fail(&err);
	if (rc == EXIT_OK && leave_hints(a->c, &err) == -1)
		rc = admin_fail(&err);
	if (rc == EXIT_OK && drop_indexes(a->c, &err) == -1)
		rc = admin_fail(&err);
	profile_tree_unlock(lock);
	judge_conf(a->c, &n);
	judge_channels(&s, &n);
	own_files(a->c);
	survey_free(&s);
	return rc;
}

/* nfcapd adds to the file that is there; nfsend looks at slots that ended. */
static void
say_when(const struct conf *c)
{
	int64_t slot = slot_start(time(NULL), c->cycletime);
	char iso[SLOT_NAME_MAX];
	(void)slot_iso(slot + c->cycletime, c->cycletime, iso);
	(void)printf("Handed back: start NfSen before %.2s:%.2s\n", iso + 8,
	    iso + 10);
}

int
cmd_handback(struct admin *a)
{
	struct err err;
	if (!a->now && is_up(a->c, &daemon_collector) &&
	    is_up(a->c, &daemon_profiler) && await_slot(a->c, &err) == -1)
		return admin_fail(&err);
	int rc = cmd_stop(a);
	if (rc == EXIT_OK)
		rc = hand_back(a);
	if (rc == EXIT_OK)
		say_when(a->c);
	return rc;
}
