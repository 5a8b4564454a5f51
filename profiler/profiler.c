#include "profiler/profiler.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/slot.h"
#include "profile/ops.h"
#include "profiler/build.h"
#include "profiler/grown.h"
#include "profiler/update.h"

#define BLOCKS_PER_STEP 32
#define IDLE_MS         1000
#define SAVE_EVERY      32  /* slots of a catch-up between profile.dat's */
#define GRACE_S         1   /* after a slot's end, without a collector */
#define SWEEP_PER_STEP  256 /* files of deleted profiles and channels */
#define WRITER_GRACE_S  30  /* for a file that someone still writes */

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

/* ---- what is left over ---------------------------------------------------------- */

/* What a crash has interrupted.  A tree that cannot be mended is still of use. */
static void
recover(const struct conf *c)
{
	struct err err;
	if (ops_recover_start(c, &err) == -1)
		log_errx("an interrupted change is not finished: %s", err.msg);
}

/* A piece of it; true when there may be more. */
static bool
sweep(struct profiler *p)
{
	struct err err;
	int rc = p->rubbish ? ops_sweep(p->conf, SWEEP_PER_STEP, &err) : 0;
	if (rc == -1)
		log_warnx("left over: %s", err.msg);
	p->rubbish = rc == 1;
	return p->rubbish;
}

/* ---- load and unload -------------------------------------------------------------- */

/* Members, then sources, as slots number them. */
static void
bind_ring(struct profiler *p)
{
	struct arena a = ARENA_EMPTY;
	const struct set *set = p->set;
	size_t n = 0;
	const char **names = arena_array(&a,
	    set->n_members + set->n_sources + 1, sizeof(*names));
	for (size_t i = 0; i < set->n_members; i++) {
		const struct member *m = &set->members[i];
		names[n++] = arena_printf(&a, "%s/%s/%s", m->profile->group,
		    m->profile->name, m->name);
	}
	for (size_t i = 0; i < set->n_sources; i++)
		names[n++] =
		    arena_printf(&a, "./live/%s", set->sources[i].name);
	ring_bind(p->ring, names, n, p->conf->cycletime);
	p->slot.ring = p->ring;
	arena_free(&a);
}

static void
attach(struct profiler *p, struct set *set)
{
	p->set = set;
	p->run = run_new(set, 0);
	slot_init(&p->slot, p->conf, set);
	bind_ring(p);
	watch_init(&p->watch, p->conf, set);
	p->done = set_oldest(set);
	p->scanned = -1;
	p->asked = -1;
	p->rubbish = true;
	log_info("profiles loaded profiles=%zu channels=%zu sources=%zu",
	    set->n_profiles, set->n_members, set->n_sources);
}

static void
detach(struct profiler *p)
{
	if (p->set == NULL)
		return;
	update_profiles(p->conf, p->set, p->writer);
	update_uncache(p->set);
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
	p->conf = c;
	/* Databases are looked at when nobody writes them any more. */
	if ((p->lock = profile_tree_lock(c, false, err)) != -1 &&
	    (p->writer = open_writer(c, err)) != NULL) {
		recover(c);
		builds_open(p);
		set = set_load(c, true, err);
	}
	if (set == NULL) {
		builds_close(p);
		rrd_writer_free(p->writer);
		profile_tree_unlock(p->lock);
		free(p);
		return NULL;
	}
	p->ready = -1;
	p->ring = ring_new(0);
	slot_sweep(set, true);
	attach(p, set);
	sim_begin(&p->sim, c, set->live->updated);
	return p;
}

void
profiler_close(struct profiler *p)
{
	struct err err;
	if (p == NULL)
		return;
	builds_close(p);
	detach(p);
	if (sim_save(&p->sim, p->conf, &err) == -1)
		log_errx("%s", err.msg);
	ring_free(p->ring);
	rrd_writer_free(p->writer);
	profile_tree_unlock(p->lock);
	conf_free(p->conf);
	free(p);
}

void
profiler_save(struct profiler *p)
{
	update_profiles(p->conf, p->set, p->writer);
}

void
profiler_pause(struct profiler *p)
{
	profiler_save(p);
	update_uncache(p->set);
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

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
profiler_same_place(const struct conf *a, const struct conf *b, struct err *err)
{
	if (conf_same_places(a, b, err) == -1)
		return false;
	if (a->cycletime != b->cycletime)
		(void)err_set(err, "$CYCLETIME has changed: restart needed");
	else if (!same_text(a->rrdcached, b->rrdcached))
		(void)err_set(err, "$RRDCACHED has changed: restart needed");
	else if (a->simmode != b->simmode || a->sim.tstart != b->sim.tstart)
		(void)err_set(err, "$SIMmode has changed: restart needed");
	else
		return true;
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
	builds_pause(p, true);
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
	builds_expire_all(p);
	builds_pause(p, false);
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
	ring_horizon(p->ring, p->ready);
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
	builds_expire_all(p);
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
	if (p->sim.clock != -1) {
		p->ready = sim_ready(&p->sim, p->conf, p->done, now);
		return;
	}
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
	if (sweep(p))
		return 0;
	return notify_fd(p->watch.notify) == -1 ? NOTIFY_POLL_MS : IDLE_MS;
}

/* A simulation: nothing grows. */
static int
idle(struct profiler *p, int64_t now)
{
	return sweep(p) ? 0 : sim_rest(&p->sim, p->conf, now);
}

static int
step(struct profiler *p, int64_t now)
{
	if (p->catching_up) {
		catch_up(p);
		return 0;
	}
	look(p, now);
	if (p->sim.clock == -1 && grown_take(p, now))
		return 0;
	if (slot_active(&p->slot) && p->slot.start <= p->ready) {
		finish(p);
		return 0;
	}
	if (p->done < p->ready) {
		catch_up_start(p);
		return 0;
	}
	return p->sim.clock != -1 ? idle(p, now) : follow(p);
}

int
profiler_step(struct profiler *p, int64_t now)
{
	int wait = builds_step(p, now);
	int ms = step(p, now);
	return wait != -1 && wait < ms ? wait : ms;
}

int
profiler_fd(const struct profiler *p)
{
	return notify_fd(p->watch.notify);
}
