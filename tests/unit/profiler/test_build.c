/*
 * Work on whole profiles by background children: what a build leaves is held
 * against a naive count of every slot, also when children are killed.
 */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "flows.h"
#include "profile/census.h"
#include "profile/nfstat.h"
#include "profiler/build.h"
#include "profiler/waiting.h"

#define SLOTS   40
#define FLOWS   60
#define SOURCES "'a' => { 'port' => '9995' }, 'b' => { 'port' => '9996' }"

/* h and c get their past from the tests; f is followed from T0 on. */
#define PROFILES                                                               \
	"%profiles = ( 'g/h' => { 'channels' => { 'tcp' => { 'filter' => "     \
	"'proto tcp' }, 'udp' => { 'filter' => 'proto udp', 'sources' => "     \
	"'b' } } }, 'sh' => { 'shadow' => 1, 'channels' => { 'all' => { "      \
	"'filter' => 'any' } } }, 'f' => { 'channels' => { 'icmp' => { "       \
	"'filter' => 'proto icmp' } } } );"

static const struct expect tcp = { "proto tcp", "ab", TALLY_CHANNEL };
static const struct expect udp = { "proto udp", "b", TALLY_CHANNEL };
static const struct expect any = { "any", "ab", TALLY_CHANNEL };
static const struct expect live_b = { "any", "b", TALLY_LIVE };
static const struct expect icmp = { "proto icmp", "ab", TALLY_CHANNEL };

#define SLOT(i) (T0 + (i)*CYCLE)

static int64_t now;

static struct profiler *
start(void)
{
	struct profiler *p =
	    profiler_open(fixture_conf(SOURCES, PROFILES), &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	return p;
}

static void
drive(struct profiler *p)
{
	for (int i = 0; i < 10000; i++)
		if (profiler_step(p, now) > 0)
			return;
	ck_abort_msg("the profiler never rests");
}

static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

/* Until the profile's work is done. */
static void
drive_work(struct profiler *p, const char *group, const char *name)
{
	for (int i = 0; i < 20000; i++) {
		(void)profiler_step(p, now);
		if (!build_running(p, group, name, NULL)) {
			drive(p);
			return;
		}
		nap();
	}
	ck_abort_msg("the work never ends");
}

/* And what runs in the background for all profiles. */
static void
drive_all(struct profiler *p)
{
	int i = 0;
	while (builds_step(p, now) != -1 && i++ < 20000)
		nap();
	drive(p);
}

static struct profile *
load(const char *group, const char *name)
{
	struct profile *p = profile_load(conf, group, name, &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	return p;
}

/* A profile as add-profile and add-channel leave it. */
static void
make_new(const char *group, const char *name, int type, int64_t from,
    int64_t to)
{
	struct profile *p = load(group, name);
	p->status = "new";
	p->type = type;
	p->tbegin = p->tstart = from;
	p->tend = to;
	p->updated = from - CYCLE;
	ck_assert_int_eq(profile_save(conf, p, &err), 0);
	for (size_t i = 0; i < p->n_channels; i++) {
		char path[FILE_PATH_MAX];
		ck_assert(profile_rrd_path(conf, p, p->channels[i].name, path));
		ck_assert_int_eq(rrd_channel_create(path, from, CYCLE, &err),
		    0);
	}
	profile_free(p);
}

static void
write_slots(int from, int to)
{
	for (int i = from; i < to; i++) {
		write_slot("a", SLOT(i), FLOWS);
		write_slot("b", SLOT(i), FLOWS);
	}
	announce(SLOT(to - 1));
	now = SLOT(to) + 1;
}

static void
setup(void)
{
	fixture_setup();
	conf = fixture_conf(SOURCES, PROFILES);
	fixture_reconfig(conf, T0);
	write_slots(0, SLOTS);
}

static void
teardown(void)
{
	conf_free(conf);
	fixture_teardown();
}

static void
check_h(int from, int to)
{
	struct counters c;
	for (int i = from; i < to; i++) {
		check_rrd("g/h/tcp", &tcp, SLOT(i), FLOWS);
		check_rrd("g/h/udp", &udp, SLOT(i), FLOWS);
		check_file("g/h/tcp", &tcp, SLOT(i), FLOWS);
		check_file("g/h/udp", &udp, SLOT(i), FLOWS);
	}
	ck_assert(!stored("g/h/tcp", SLOT(to), &c));
}

static void
check_books(const char *channel, int from, int to)
{
	struct nfstat s;
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s/data/%s", root, channel);
	ck_assert_msg(nfstat_read(dir, &s, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(s.first, SLOT(from));
	ck_assert_int_eq(s.last, SLOT(to - 1));
	ck_assert_uint_eq(s.numfiles, (unsigned)(to - from));
	ck_assert_uint_eq(s.status, NFSTAT_OK);
}

static bool
has_flag(const char *name, const char *flag)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/stat/%s/%s", root, name, flag);
	return file_exists(path);
}

static void
check_done(const char *group, const char *name, int type, int64_t tend)
{
	struct profile *p = load(group, name);
	ck_assert_str_eq(p->status, "OK");
	ck_assert_int_eq(p->locked, 0);
	ck_assert_int_eq(p->type, type);
	ck_assert_int_eq(p->tend, tend);
	ck_assert_int_eq(p->updated, tend);
	struct census_sum sum;
	ck_assert_int_eq(census_sum(conf, p, &sum, &err), 0);
	ck_assert_uint_eq(p->size, (type & PROFILE_SHADOW) != 0 ? 0 : sum.size);
	profile_free(p);
}

static void
begin(struct profiler *p, enum build_kind kind, const char *group,
    const char *name)
{
	ck_assert_msg(build_begin(p, kind, group, name, NULL, NULL, &err) == 0,
	    "%s", err.msg);
}

/* ---- histories -------------------------------------------------------------------- */

START_TEST(a_history_has_every_slot_of_its_time_and_no_other)
{
	make_new("g", "h", PROFILE_HISTORY, SLOT(3), SLOT(30));
	struct profiler *p = start();
	drive(p);
	long pid = 0;
	ck_assert_int_eq(build_begin(p, BUILD_PAST, "g", "h", NULL, &pid, &err),
	    0);
	ck_assert_int_gt(pid, 0);
	ck_assert(has_flag("g/h", ".BUILDING"));
	struct profile *prof = load("g", "h");
	ck_assert_str_eq(prof->status, "built 0");
	ck_assert_int_eq(prof->locked, 1);
	profile_free(prof);
	drive_work(p, "g", "h");
	check_h(3, 31);
	check_done("g", "h", PROFILE_HISTORY, SLOT(30));
	check_books("g/h/tcp", 3, 31);
	check_books("g/h/udp", 3, 31);
	ck_assert(!has_flag("g/h", ".BUILDING"));
	/* It is a history: what comes later is not for it. */
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	check_h(3, 31);
	profiler_close(p);
}
END_TEST

START_TEST(a_shadow_has_databases_and_no_files)
{
	make_new(".", "sh", PROFILE_HISTORY | PROFILE_SHADOW, SLOT(0), SLOT(9));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, ".", "sh");
	drive_work(p, ".", "sh");
	for (int i = 0; i < 10; i++)
		check_rrd("sh/all", &any, SLOT(i), FLOWS);
	check_done(".", "sh", PROFILE_HISTORY | PROFILE_SHADOW, SLOT(9));
	profiler_close(p);
}
END_TEST

START_TEST(what_lies_before_live_is_left_out)
{
	struct counters c;
	make_new("g", "h", PROFILE_HISTORY, SLOT(-10), SLOT(5));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	check_h(0, 6);
	ck_assert(!stored("g/h/tcp", SLOT(-1), &c));
	struct profile *prof = load("g", "h");
	ck_assert_int_eq(prof->tstart, SLOT(-10));
	profile_free(prof);
	profiler_close(p);
}
END_TEST

START_TEST(a_time_without_flows_is_an_empty_history)
{
	make_new("g", "h", PROFILE_HISTORY, SLOT(-20), SLOT(-10));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	check_done("g", "h", PROFILE_HISTORY, SLOT(-10));
	profiler_close(p);
}
END_TEST

/* ---- continuous ones --------------------------------------------------------------- */

START_TEST(a_continuous_profile_joins_without_gap_or_double)
{
	make_new("g", "h", PROFILE_CONTINUOUS, SLOT(2), SLOT(2));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	/* Live goes on while the past is built. */
	for (int i = SLOTS; i < SLOTS + 5; i++) {
		write_slots(i, i + 1);
		drive(p);
	}
	drive_work(p, "g", "h");
	write_slots(SLOTS + 5, SLOTS + 7);
	drive(p);
	check_h(2, SLOTS + 7);
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS + 6));
	for (int i = 0; i < SLOTS + 7; i++)
		check_rrd("f/icmp", &icmp, SLOT(i), FLOWS);
	check_books("live/a", 0, SLOTS + 7);
	for (int i = 0; i < SLOTS + 7; i++)
		check_rrd("live/b", &live_b, SLOT(i), FLOWS);
	profiler_close(p);
}
END_TEST

START_TEST(a_start_in_the_past_in_config_is_enough)
{
	struct conf *more = fixture_conf(SOURCES,
	    "%profiles = ( 'q' => { 'tstart' => '202311142220', 'channels' => "
	    "{ 'tcp' => { 'filter' => 'proto tcp' } } } );");
	struct profiler *p = start();
	drive(p);
	profiler_pause(p);
	(void)fixture_reconfig(more, now);
	ck_assert_int_eq(profiler_reload(p, NULL, &err), 0);
	waiting_begin(p);
	drive_work(p, ".", "q");
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	for (int i = 1; i <= SLOTS; i++)
		check_file("q/tcp", &tcp, SLOT(i), FLOWS);
	check_done(".", "q", PROFILE_CONTINUOUS, SLOT(SLOTS));
	check_books("q/tcp", 1, SLOTS + 1);
	conf_free(more);
	profiler_close(p);
}
END_TEST

/* ---- being killed -------------------------------------------------------------------- */

START_TEST(a_killed_child_is_followed_by_one_that_goes_on)
{
	long pid = 0;
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	struct profiler *p = start();
	drive(p);
	ck_assert_int_eq(build_begin(p, BUILD_PAST, "g", "h", NULL, &pid, &err),
	    0);
	for (int k = 0; k < 3; k++) {
		struct timespec t = { .tv_nsec = 3000000 * (_i + 1) };
		(void)nanosleep(&t, NULL);
		struct buf text = BUF_EMPTY;
		char path[FILE_PATH_MAX];
		(void)snprintf(path, sizeof(path), "%s/stat/g/h/.BUILDING",
		    root);
		if (file_read(path, 1024, &text, NULL) == 0)
			(void)kill((pid_t)strtol(buf_str(&text), NULL, 10),
			    SIGKILL);
		buf_free(&text);
		for (int i = 0; i < 5; i++) {
			nap();
			(void)profiler_step(p, now);
		}
	}
	drive_work(p, "g", "h");
	check_h(0, SLOTS);
	check_done("g", "h", PROFILE_HISTORY, SLOT(SLOTS - 1));
	check_books("g/h/tcp", 0, SLOTS);
	profiler_close(p);
}
END_TEST

START_TEST(a_stopped_profiler_goes_on_at_its_next_start)
{
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	struct timespec t = { .tv_nsec = 4000000 * _i };
	(void)nanosleep(&t, NULL);
	profiler_close(p);
	p = start();
	drive(p);
	drive_work(p, "g", "h");
	check_h(0, SLOTS);
	check_done("g", "h", PROFILE_HISTORY, SLOT(SLOTS - 1));
	check_books("g/h/udp", 0, SLOTS);
	ck_assert(!has_flag("g/h", ".BUILDING"));
	profiler_close(p);
}
END_TEST

/* Half of a build, whose databases may have been lost with the power. */
START_TEST(after_another_start_of_the_machine_the_build_begins_anew)
{
	char path[FILE_PATH_MAX];
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	struct profile *prof = load("g", "h");
	prof->status = "built 50.0%";
	prof->locked = 1;
	prof->updated = SLOT(20);
	ck_assert_int_eq(profile_save(conf, prof, &err), 0);
	profile_free(prof);
	(void)snprintf(path, sizeof(path), "%s/stat/g/h/.BUILDING", root);
	ck_assert_int_eq(file_write_atomic(path, "12\nboot x\n", 10, 0664,
			     &err),
	    0);
	struct profiler *p = start();
	drive(p);
	drive_work(p, "g", "h");
	check_h(0, SLOTS);
	profiler_close(p);
}
END_TEST

START_TEST(left_over_flags_of_a_finished_build_change_nothing)
{
	char path[FILE_PATH_MAX];
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(9));
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	profiler_close(p);
	struct profile *prof = load("g", "h");
	prof->type = PROFILE_CONTINUOUS;
	ck_assert_int_eq(profile_save(conf, prof, &err), 0);
	profile_free(prof);
	(void)snprintf(path, sizeof(path), "%s/stat/g/h/.BUILDING", root);
	ck_assert_int_eq(file_write_atomic(path, "12\n", 3, 0664, &err), 0);
	p = start();
	drive(p);
	ck_assert(!has_flag("g/h", ".BUILDING"));
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS - 1));
	check_h(0, SLOTS);
	profiler_close(p);
}
END_TEST

/* ---- ending early ---------------------------------------------------------------------- */

START_TEST(a_canceled_build_is_a_history_of_what_is_there)
{
	make_new("g", "h", PROFILE_CONTINUOUS, SLOT(0), SLOT(0));
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	/* It stands still, and then finds that it is not wanted. */
	builds_pause(p, true);
	begin(p, BUILD_PAST, "g", "h");
	ck_assert_int_eq(build_cancel(p, "g", "h", &err), 0);
	builds_pause(p, false);
	drive_work(p, "g", "h");
	struct profile *prof = load("g", "h");
	ck_assert_int_eq(prof->type, PROFILE_HISTORY);
	ck_assert_str_eq(prof->status, "OK");
	ck_assert_int_eq(prof->locked, 0);
	ck_assert_int_eq(prof->tend, prof->tstart);
	ck_assert_int_eq(prof->updated, SLOT(-1));
	profile_free(prof);
	ck_assert(!has_flag("g/h", ".CANCELED"));
	ck_assert(!has_flag("g/h", ".BUILDING"));
	ck_assert_int_eq(build_cancel(p, "g", "h", &err), -1);
	ck_assert_str_eq(err.msg, "No such build in progress");
	profiler_close(p);
}
END_TEST

START_TEST(a_build_ends_at_the_limit_of_size)
{
	make_new("g", "h", PROFILE_CONTINUOUS, SLOT(0), SLOT(0));
	struct profile *prof = load("g", "h");
	prof->maxsize = 40000; /* two files of 4 KiB a slot */
	ck_assert_int_eq(profile_save(conf, prof, &err), 0);
	profile_free(prof);
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	prof = load("g", "h");
	ck_assert_int_eq(prof->type, PROFILE_HISTORY);
	ck_assert_uint_gt(prof->size, prof->maxsize);
	ck_assert_uint_le(prof->size, prof->maxsize + 2 * 8192);
	int n = (int)((prof->tend - SLOT(0)) / CYCLE) + 1;
	ck_assert_int_eq(prof->updated, prof->tend);
	profile_free(prof);
	check_h(0, n);
	check_books("g/h/tcp", 0, n);
	profiler_close(p);
}
END_TEST

START_TEST(a_build_ends_at_the_limit_of_age)
{
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	struct profile *prof = load("g", "h");
	prof->expire = 2;
	ck_assert_int_eq(profile_save(conf, prof, &err), 0);
	profile_free(prof);
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	check_h(0, 25);
	check_done("g", "h", PROFILE_HISTORY, SLOT(24));
	profiler_close(p);
}
END_TEST

START_TEST(age_does_not_end_what_goes_on)
{
	make_new("g", "h", PROFILE_CONTINUOUS, SLOT(0), SLOT(0));
	struct profile *prof = load("g", "h");
	prof->expire = 2;
	ck_assert_int_eq(profile_save(conf, prof, &err), 0);
	profile_free(prof);
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	for (int i = 0; i < SLOTS + 1; i++)
		check_rrd("g/h/tcp", &tcp, SLOT(i), FLOWS);
	prof = load("g", "h");
	ck_assert_int_eq(prof->type, PROFILE_CONTINUOUS);
	ck_assert_int_eq(prof->tend, SLOT(SLOTS));
	profile_free(prof);
	profiler_close(p);
}
END_TEST

/* ---- rebuilding ------------------------------------------------------------------------ */

struct heard {
	int done;
	int rc;
	int progress;
	double percent;
	char text[512];
};

static void
on_progress(void *ctx, double percent)
{
	struct heard *h = ctx;
	ck_assert(percent > h->percent);
	h->percent = percent;
	h->progress++;
}

static void
on_done(void *ctx, int rc, const char *text)
{
	struct heard *h = ctx;
	h->done++;
	h->rc = rc;
	(void)snprintf(h->text, sizeof(h->text), "%s", text);
}

static void
listen_to(struct profiler *p, enum build_kind kind, const char *group,
    const char *name, struct heard *h)
{
	struct build_listener l = { on_progress, on_done, h };
	*h = (struct heard){ 0 };
	ck_assert_msg(build_begin(p, kind, group, name, &l, NULL, &err) == 0,
	    "%s", err.msg);
	ck_assert_int_eq(h->done, 0);
	drive_work(p, group, name);
	ck_assert_int_eq(h->done, 1);
	ck_assert_msg(h->rc == 0, "%s", h->text);
}

static void
spoil_file(const char *name, const char *text)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0664,
			     &err),
	    0);
}

START_TEST(a_rebuild_finds_size_and_times_in_the_files)
{
	struct heard h;
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	spoil_file("data/g/h/tcp/.nfstat", "first=1\nlast=2\nsize=3\n");
	spoil_file("data/g/h/udp/.nfstat", "");
	listen_to(p, BUILD_STATS, "g", "h", &h);
	ck_assert_int_eq(h.progress, 0);
	check_books("g/h/tcp", 0, SLOTS);
	check_books("g/h/udp", 0, SLOTS);
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS - 1));
	/* Followed as before. */
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	check_h(0, SLOTS + 1);
	profiler_close(p);
}
END_TEST

START_TEST(all_databases_are_made_anew_from_the_files_while_slots_come)
{
	struct heard h;
	struct build_listener l = { on_progress, on_done, &h };
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	/* What a database has that no file has is not in the new one. */
	struct counters c = { .flows = { 77 } };
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/stat/g/h/tcp.rrd", root);
	ck_assert_int_eq(rrd_channel_create(path, SLOT(0), CYCLE, &err), 0);
	ck_assert_int_eq(rrd_channel_update(path, SLOT(SLOTS - 1), &c, &err),
	    0);
	h = (struct heard){ 0 };
	ck_assert_int_eq(build_begin(p, BUILD_RRDS, "g", "h", &l, NULL, &err),
	    0);
	struct profile *prof = load("g", "h");
	ck_assert_str_eq(prof->status, "rebuilding");
	ck_assert_int_eq(prof->locked, 1);
	profile_free(prof);
	ck_assert_int_eq(build_begin(p, BUILD_RRDS, "g", "h", &l, NULL, &err),
	    -1);
	ck_assert_str_eq(err.msg,
	    "Profile 'h' is already locked. Can't rebuild now");
	for (int i = SLOTS; i < SLOTS + 3; i++) {
		write_slots(i, i + 1);
		drive(p);
	}
	drive_work(p, "g", "h");
	ck_assert_int_eq(h.done, 1);
	ck_assert_msg(h.rc == 0, "%s", h.text);
	ck_assert_int_eq(h.progress, 10);
	write_slots(SLOTS + 3, SLOTS + 4);
	drive(p);
	check_h(0, SLOTS + 4);
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS + 3));
	ck_assert(!has_flag("g/h", ".rebuild-tcp.rrd"));
	profiler_close(p);
}
END_TEST

START_TEST(live_too_from_the_totals_in_its_files)
{
	static const struct expect a = { "any", "a", TALLY_LIVE };
	static const struct expect b = { "any", "b", TALLY_LIVE };
	struct heard h;
	char path[FILE_PATH_MAX];
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	(void)snprintf(path, sizeof(path), "%s/stat/live/a.rrd", root);
	ck_assert_int_eq(rrd_channel_create(path, SLOT(9), CYCLE, &err), 0);
	listen_to(p, BUILD_RRDS, ".", "live", &h);
	ck_assert_int_eq(h.progress, 10);
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	for (int i = 0; i <= SLOTS; i++) {
		check_rrd("live/a", &a, SLOT(i), FLOWS);
		check_rrd("live/b", &b, SLOT(i), FLOWS);
	}
	check_done(".", "live", PROFILE_LIVE, SLOT(SLOTS));
	profiler_close(p);
}
END_TEST

START_TEST(an_interrupted_rebuild_leaves_the_databases_as_they_were)
{
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	begin(p, BUILD_RRDS, "g", "h");
	profiler_close(p);
	p = start();
	drive(p);
	check_h(0, SLOTS);
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS - 1));
	ck_assert(!has_flag("g/h", ".rebuild-tcp.rrd"));
	ck_assert(!has_flag("g/h", ".rebuild-udp.rrd"));
	profiler_close(p);
}
END_TEST

START_TEST(what_cannot_be_is_refused_in_nfsens_words)
{
	struct profiler *p = start();
	drive(p);
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(9));
	ck_assert_int_eq(build_begin(p, BUILD_RRDS, "g", "h", NULL, NULL, &err),
	    -1);
	ck_assert_str_eq(err.msg, "Profile 'h' is a new profile.");
	ck_assert_int_eq(build_begin(p, BUILD_STATS, ".", "sh", NULL, NULL,
			     &err),
	    -1);
	ck_assert_str_eq(err.msg, "Profile 'sh' is a shadow profile.");
	ck_assert_int_eq(build_begin(p, BUILD_EXPIRE, ".", "sh", NULL, NULL,
			     &err),
	    -1);
	ck_assert_str_eq(err.msg, "Can't expire history profile");
	ck_assert_int_eq(build_begin(p, BUILD_PAST, ".", "f", NULL, NULL, &err),
	    -1);
	ck_assert_str_eq(err.msg,
	    "Profile 'f' not a new profile. Nothing to confirm.");
	ck_assert_int_eq(build_begin(p, BUILD_STATS, ".", "no", NULL, NULL,
			     &err),
	    -1);
	profiler_close(p);
}
END_TEST

/* ---- expiry ---------------------------------------------------------------------------- */

static void
limit(const char *group, const char *name, uint64_t maxsize, int64_t hours)
{
	struct profile *p = load(group, name);
	p->maxsize = maxsize;
	p->expire = hours;
	ck_assert_int_eq(profile_save(conf, p, &err), 0);
	profile_free(p);
}

START_TEST(each_slot_what_is_too_old_goes)
{
	struct heard h;
	limit("g", "h", 0, 1); /* low-water mark 90 %: 54 minutes */
	limit(".", "live", 0, 2);
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	profiler_close(p);
	/* At the end of slot 39 slots 30 .. 39 are 54 minutes old at most. */
	struct profile *prof = load("g", "h");
	ck_assert_int_eq(prof->tstart, SLOT(30));
	profile_free(prof);
	prof = load(".", "live");
	ck_assert_int_eq(prof->tstart, SLOT(19));
	profile_free(prof);
	check_books("g/h/tcp", 30, SLOTS);
	check_books("live/b", 19, SLOTS);
	/* A shadow has what live has. */
	prof = load(".", "sh");
	ck_assert_int_eq(prof->tstart, SLOT(19));
	profile_free(prof);
	/* Databases keep all. */
	check_rrd("g/h/tcp", &tcp, SLOT(0), FLOWS);
	/* A command does the same, if there is anything. */
	limit("g", "h", 4 * 8192, 0);
	p = start();
	drive(p);
	listen_to(p, BUILD_EXPIRE, "g", "h", &h);
	prof = load("g", "h");
	ck_assert_uint_le(prof->size, 4 * 8192 * 9 / 10);
	ck_assert_int_eq(prof->tstart, SLOT(37));
	profile_free(prof);
	check_books("g/h/udp", 37, SLOTS);
	profiler_close(p);
}
END_TEST

START_TEST(what_the_books_say_wrong_is_put_right)
{
	struct profiler *p = start();
	drive(p);
	drive_all(p);
	spoil_file("data/g/h/tcp/.nfstat", "first=1\nlast=2\nnumfiles=9\n");
	spoil_file("data/f/icmp/.nfstat", "status=3\n");
	write_slots(SLOTS, SLOTS + 1);
	drive(p);
	drive_all(p);
	check_books("g/h/tcp", 0, SLOTS + 1);
	check_books("f/icmp", 0, SLOTS + 1);
	profiler_close(p);
	check_done("g", "h", PROFILE_CONTINUOUS, SLOT(SLOTS));
}
END_TEST

/* ---- what is broken -------------------------------------------------------------------- */

START_TEST(one_bad_channel_or_profile_stops_no_other)
{
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	spoil_file("stat/g/h/udp-filter.txt", "proto (\n");
	spoil_file("stat/sh/profile.dat", "nonsense\n");
	ck_assert_int_eq(file_mkdirs((snprintf(err.msg, sizeof(err.msg),
					  "%s/stat/empty", root),
					 err.msg),
			     0775, NULL),
	    0);
	spoil_file("stat/empty/.group", "");
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	drive_all(p);
	for (int i = 0; i < SLOTS; i++) {
		check_rrd("g/h/tcp", &tcp, SLOT(i), FLOWS);
		check_file("g/h/tcp", &tcp, SLOT(i), FLOWS);
		check_rrd("f/icmp", &icmp, SLOT(i), FLOWS);
	}
	check_books("g/h/tcp", 0, SLOTS);
	profiler_close(p);
}
END_TEST

/* As NfSen does; "any" would fill the disk with what nobody asked for. */
START_TEST(a_channel_without_its_filter_is_left_out)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, "stat/g/h/udp-filter.txt"));
	make_new("g", "h", PROFILE_CONTINUOUS, SLOT(0), SLOT(0));
	ck_assert_int_eq(unlink(path), 0);
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	bool tcp_there = false;
	for (size_t i = 0; i < p->set->n_members; i++) {
		ck_assert_str_ne(p->set->members[i].name, "udp");
		tcp_there |= strcmp(p->set->members[i].name, "tcp") == 0;
	}
	ck_assert(tcp_there);
	for (int i = 0; i < SLOTS; i++)
		check_file("g/h/tcp", &tcp, SLOT(i), FLOWS);
	profiler_close(p);
}
END_TEST

START_TEST(a_channel_that_cannot_be_written_is_left_out)
{
	struct counters c;
	char path[FILE_PATH_MAX];
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	/* No folder can be made there, whoever asks. */
	(void)snprintf(path, sizeof(path), "%s/data/g/h/udp", root);
	ck_assert_int_eq(file_remove_tree(path, &err), 0);
	spoil_file("data/g/h/udp", "in the way");
	struct profiler *p = start();
	drive(p);
	begin(p, BUILD_PAST, "g", "h");
	drive_work(p, "g", "h");
	for (int i = 0; i < SLOTS; i++)
		check_file("g/h/tcp", &tcp, SLOT(i), FLOWS);
	ck_assert(!stored("g/h/udp", SLOT(3), &c));
	profiler_close(p);
}
END_TEST

START_TEST(a_build_without_any_channel_fails_and_says_so)
{
	struct heard h = { 0 };
	struct build_listener l = { NULL, on_done, &h };
	make_new("g", "h", PROFILE_HISTORY, SLOT(0), SLOT(SLOTS - 1));
	spoil_file("stat/g/h/udp-filter.txt", "proto (\n");
	spoil_file("stat/g/h/tcp-filter.txt", "port x\n");
	struct profiler *p = start();
	drive(p);
	ck_assert_int_eq(build_begin(p, BUILD_PAST, "g", "h", &l, NULL, &err),
	    0);
	drive_work(p, "g", "h");
	ck_assert_int_eq(h.done, 1);
	ck_assert_int_eq(h.rc, -1);
	ck_assert_str_ne(h.text, "");
	struct profile *prof = load("g", "h");
	ck_assert_str_eq(prof->status, "FAILED");
	ck_assert_int_eq(prof->locked, 0);
	profile_free(prof);
	profiler_close(p);
}
END_TEST

static void
add_others(TCase *t)
{
	tcase_add_test(t, a_rebuild_finds_size_and_times_in_the_files);
	tcase_add_test(t,
	    all_databases_are_made_anew_from_the_files_while_slots_come);
	tcase_add_test(t, live_too_from_the_totals_in_its_files);
	tcase_add_test(t,
	    an_interrupted_rebuild_leaves_the_databases_as_they_were);
	tcase_add_test(t, what_cannot_be_is_refused_in_nfsens_words);
	tcase_add_test(t, each_slot_what_is_too_old_goes);
	tcase_add_test(t, what_the_books_say_wrong_is_put_right);
	tcase_add_test(t, one_bad_channel_or_profile_stops_no_other);
	tcase_add_test(t, a_channel_without_its_filter_is_left_out);
	tcase_add_test(t, a_channel_that_cannot_be_written_is_left_out);
	tcase_add_test(t, a_build_without_any_channel_fails_and_says_so);
}

static void
add_builds(TCase *t)
{
	tcase_add_test(t, a_history_has_every_slot_of_its_time_and_no_other);
	tcase_add_test(t, a_shadow_has_databases_and_no_files);
	tcase_add_test(t, what_lies_before_live_is_left_out);
	tcase_add_test(t, a_time_without_flows_is_an_empty_history);
	tcase_add_test(t, a_continuous_profile_joins_without_gap_or_double);
	tcase_add_test(t, a_start_in_the_past_in_config_is_enough);
	tcase_add_loop_test(t, a_killed_child_is_followed_by_one_that_goes_on,
	    0, 4);
	tcase_add_loop_test(t, a_stopped_profiler_goes_on_at_its_next_start, 0,
	    6);
	tcase_add_test(t,
	    after_another_start_of_the_machine_the_build_begins_anew);
	tcase_add_test(t, left_over_flags_of_a_finished_build_change_nothing);
	tcase_add_test(t, a_canceled_build_is_a_history_of_what_is_there);
	tcase_add_test(t, a_build_ends_at_the_limit_of_size);
	tcase_add_test(t, a_build_ends_at_the_limit_of_age);
	tcase_add_test(t, age_does_not_end_what_goes_on);
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("build");
	TCase *t = tcase_create("build");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	add_builds(t);
	add_others(t);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
