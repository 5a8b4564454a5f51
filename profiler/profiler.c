#include "profiler/profiler.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/slot.h"
#include "profiler/update.h"

#define BLOCKS_PER_STEP 32
#define IDLE_MS         1000
#define SAVE_EVERY      32 /* slots of a catch-up between profile.dat's */
#define GRACE_S         1  /* after a slot's end, without a collector */
#define WRITER_GRACE_S  30 /* for a file that someone still writes */

/* ---- what is ready -------------------------------------------------------------- */

/* The newest slot that the collector has announced, -1: none. */
static int64_t
announced_slot(const struct conf *c, int64_t now)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	long long slot = -1;
	if (file_join(path, c->piddir, "collector.slot") &&
	    file_read(path, 256, &text, NULL) == 0) {
		char *end;
		slot = strtoll(buf_str(&text), &end, 10);
		if (end == buf_str(&text) || slot > now)
			slot = -1;
	}
	buf_free(&text);
	return slot;
}

static bool
collector_lives(struct profiler *p, int64_t now)
{
	char path[FILE_PATH_MAX];
	if (p->asked != now) {
		p->asked = now;
		p->collector =
		    file_join(path, p->conf->piddir, "nfsen-collector.pid") &&
		    pidfile_holder(path) > 0;
	}
	return p->collector;
}

static int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Without a collector the clock decides, but a file that another program (a
 * stock nfcapd) has not finished yet gets some time.
 */
static int64_t
ready_slot(struct profiler *p, int64_t now)
{
	int64_t cycle = p->conf->cycletime;
	int64_t announced = announced_slot(p->conf, now);
	int64_t passed = slot_start(max64(now - GRACE_S, 0), cycle) - cycle;
	if (announced >= passed || collector_lives(p, now))
		return announced;
	int64_t oldest = watch_oldest(&p->watch);
	if (watch_growing(&p->watch, passed) &&
	    now < oldest + cycle + WRITER_GRACE_S)
		return max64(announced, oldest - cycle);
	return passed;
}

/* ---- load and unload -------------------------------------------------------------- */

static void
attach(struct profiler *p, struct set *set)
{
	p->set = set;
	p->run = run_new(set, 0);
	slot_init(&p->slot, p->conf, set);
	watch_init(&p->watch, p->conf, set);
	p->done = set_oldest(set);
	p->scanned = -1;
	p->asked = -1;
	log_info("profiles loaded profiles=%zu channels=%zu sources=%zu",
	    set->n_profiles, set->n_members, set->n_sources);
}

static void
detach(struct profiler *p)
{
	if (p->set == NULL)
		return;
	update_profiles(p->conf, p->set, p->writer);
	backlog_free(&p->backlog);
	p->catching_up = false;
	slot_free(&p->slot);
	watch_free(&p->watch);
	run_free(p->run);
	set_free(p->set);
	p->set = NULL;
}

static struct rrd_writer *
open_writer(const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (file_join(path, c->profilestatdir, ".writer"))
		return rrd_writer_new(path, err);
	(void)err_set(err, "%s: path too long", c->profilestatdir);
	return NULL;
}

struct profiler *
profiler_open(struct conf *c, struct err *err)
{
	struct profiler *p = mem_calloc(1, sizeof(*p));
	struct set *set = NULL;
	/* Databases are looked at when nobody writes them any more. */
	if ((p->lock = profile_tree_lock(c, false, err)) != -1 &&
	    (p->writer = open_writer(c, err)) != NULL)
		set = set_load(c, true, err);
	if (set == NULL) {
		rrd_writer_free(p->writer);
		profile_tree_unlock(p->lock);
		free(p);
		return NULL;
	}
	p->conf = c;
	p->ready = -1;
	slot_sweep(set, true);
	attach(p, set);
	return p;
}

void
profiler_close(struct profiler *p)
{
	if (p == NULL)
		return;
	detach(p);
	rrd_writer_free(p->writer);
	profile_tree_unlock(p->lock);
	conf_free(p->conf);
	free(p);
}

void
profiler_pause(struct profiler *p)
{
	update_profiles(p->conf, p->set, p->writer);
	slot_drop(&p->slot);
}

int
profiler_reload(struct profiler *p, struct conf *c, struct err *err)
{
	/* What is known must stand in the files that are read again. */
	profiler_pause(p);
	struct set *set = set_load(c != NULL ? c : p->conf, false, err);
	if (set == NULL)
		return -1;
	detach(p);
	if (c != NULL) {
		conf_free(p->conf);
		p->conf = c;
	}
	attach(p, set);
	return 0;
}

bool
profiler_same_place(const struct conf *a, const struct conf *b, struct err *err)
{
	const struct {
		const char *name, *a, *b;
	} places[] = {
		{ "PROFILESTATDIR", a->profilestatdir, b->profilestatdir },
		{ "PROFILEDATADIR", a->profiledatadir, b->profiledatadir },
		{ "PIDDIR", a->piddir, b->piddir },
		{ "COMMSOCKET", a->commsocket, b->commsocket },
		{ "USER", a->user, b->user },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].a, places[i].b) != 0) {
			(void)err_set(err, "$%s has changed: restart needed",
			    places[i].name);
			return false;
		}
	if (a->cycletime == b->cycletime)
		return true;
	(void)err_set(err, "$CYCLETIME has changed: restart needed");
	return false;
}

/* ---- the slot in progress --------------------------------------------------------- */

static bool
final_file(const struct profiler *p, size_t source, char *path)
{
	char name[SLOT_PATH_MAX];
	(void)slot_path(p->slot.start, p->conf->cycletime,
	    p->conf->subdirlayout, name);
	return file_join(path, p->set->sources[source].dir, name) &&
	       file_exists(path);
}

/* After a restart within the slot a part of it is final already. */
static void
read_finals(struct profiler *p)
{
	struct arena a = ARENA_EMPTY;
	char path[FILE_PATH_MAX];
	size_t n = 0;
	struct run_input *in =
	    arena_array(&a, p->set->n_sources + 1, sizeof(*in));
	for (size_t i = 0; i < p->set->n_sources; i++)
		if (final_file(p, i, path))
			in[n++] = (struct run_input){ i, arena_strdup(&a, path),
				true };
	(void)run_files(p->run, &p->slot, in, n);
	arena_free(&a);
}

static void
begin(struct profiler *p)
{
	int64_t start = watch_oldest(&p->watch);
	if (start == -1)
		return;
	slot_begin(&p->slot, start);
	read_finals(p);
}

/* Read again from the start, for another slot comes first. */
static void
rewind_slot(struct profiler *p)
{
	slot_drop(&p->slot);
	watch_forget(&p->watch, INT64_MAX);
	p->scanned = -1;
}

/*
 * Does what was counted agree with the final file?  Then live takes the stat
 * record itself.  A left-over open file beside it can only add.
 */
static bool
source_agrees(struct profiler *p, size_t i)
{
	struct counters *sum = &p->slot.sources[i];
	char path[FILE_PATH_MAX];
	struct nffile_stat stat;
	char ident[NFFILE_IDENT_MAX];
	if (!final_file(p, i, path))
		return true;
	if (nffile_stat_read(path, &stat, ident, NULL) == -1)
		return false;
	if (watch_unfinished(&p->watch, i, p->slot.start))
		return sum->flows[CLASS_ALL] >= stat.flows;
	if (sum->flows[CLASS_ALL] != stat.flows)
		return false;
	*sum = (struct counters){ 0 };
	nffile_stat_counters(&stat, sum);
	p->slot.seen[i] = true;
	return true;
}

static void
recompute(struct profiler *p)
{
	log_info("slot is read again from its files slot=%lld",
	    (long long)p->slot.start);
	slot_restart(&p->slot);
	read_finals(p);
	watch_reread(&p->watch, p->run, &p->slot);
}

static bool
agrees(struct profiler *p)
{
	bool all = true;
	for (size_t i = 0; i < p->set->n_sources; i++)
		all &= source_agrees(p, i);
	return all;
}

static void
finish(struct profiler *p)
{
	while (watch_read(&p->watch, p->run, &p->slot, BLOCKS_PER_STEP) ==
	       BLOCKS_PER_STEP)
		;
	if (!agrees(p)) {
		recompute(p);
		if (!agrees(p))
			log_warnx("flow files and their own totals differ "
				  "slot=%lld",
			    (long long)p->slot.start);
	}
	update_slot(&p->slot, p->writer);
	update_profiles(p->conf, p->set, p->writer);
	p->done = p->slot.start;
	log_debug("slot done slot=%lld", (long long)p->done);
	slot_drop(&p->slot);
	watch_forget(&p->watch, p->done);
}

/* ---- catching up ------------------------------------------------------------------ */

static void
catch_up_start(struct profiler *p)
{
	if (slot_active(&p->slot))
		rewind_slot(p);
	backlog_build(&p->backlog, p->conf, p->set, p->done, p->ready,
	    !p->collector);
	p->catching_up = true;
	if (p->backlog.n > 0)
		log_info("catching up files=%zu from=%lld to=%lld",
		    p->backlog.n, (long long)p->backlog.files[0].slot,
		    (long long)backlog_last(&p->backlog));
}

static void
catch_up(struct profiler *p)
{
	if (backlog_more(&p->backlog)) {
		p->done = backlog_run(&p->backlog, p->run, &p->slot, p->writer);
		if (++p->caught_up % SAVE_EVERY == 0)
			update_profiles(p->conf, p->set, p->writer);
		return;
	}
	update_profiles(p->conf, p->set, p->writer);
	p->done = max64(p->done, p->backlog.upto);
	backlog_free(&p->backlog);
	p->catching_up = false;
	watch_forget(&p->watch, p->done);
}

int64_t
profiler_behind(const struct profiler *p)
{
	return p->ready > p->done ? p->ready - p->done : 0;
}

/* ---- one step ---------------------------------------------------------------------- */

static void
look(struct profiler *p, int64_t now)
{
	bool names = notify_drain(p->watch.notify);
	/* Now and then also unasked: an event may have been lost. */
	if (names || p->scanned == -1 || now >= p->scanned + 5 ||
	    now < p->scanned) {
		watch_scan(&p->watch, p->done);
		p->scanned = now;
	}
	p->ready = ready_slot(p, now);
}

static int
follow(struct profiler *p)
{
	if (!slot_active(&p->slot))
		begin(p);
	if (slot_active(&p->slot) && watch_read(&p->watch, p->run, &p->slot,
					 BLOCKS_PER_STEP) == BLOCKS_PER_STEP)
		return 0;
	return notify_fd(p->watch.notify) == -1 ? NOTIFY_POLL_MS : IDLE_MS;
}

int
profiler_step(struct profiler *p, int64_t now)
{
	if (p->catching_up) {
		catch_up(p);
		return 0;
	}
	look(p, now);
	if (slot_active(&p->slot) && p->slot.start <= p->ready) {
		finish(p);
		return 0;
	}
	if (p->done < p->ready) {
		catch_up_start(p);
		return 0;
	}
	return follow(p);
}

int
profiler_fd(const struct profiler *p)
{
	return notify_fd(p->watch.notify);
}
