/*
 * The profiler on a temporary tree, with flow files written here: what
 * comes out is held against one flow at a time and the naive filter.
 */
#include <glob.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "flows.h"
#include "profile/nfstat.h"
#include "profiler/profiler.h"

#define SLOTS 6

#define SOURCES "'a' => { 'port' => '9995' }, 'b' => { 'port' => '9996' }"
#define PROFILES                                                               \
	"%profiles = ( 'p' => { 'channels' => { 'tcp' => { 'filter' => "       \
	"'proto tcp' }, 'udp' => { 'filter' => 'proto udp and src port "       \
	"> 30000', 'sources' => 'b', 'sign' => '-' }, 'none' => { "            \
	"'filter' => 'proto 99' } } }, 'g/sh' => { 'shadow' => 1, "            \
	"'channels' => { 'any' => { 'filter' => 'any' }, 'hop' => { "          \
	"'filter' => 'proto tcp and next ip 10.0.0.1' } } } );"

static const struct {
	const char *rrd;
	const char *channel; /* below data, NULL: no files */
	struct expect e;
} channels[] = {
	{ "live/a", NULL, { "any", "a", TALLY_LIVE } },
	{ "live/b", NULL, { "any", "b", TALLY_LIVE } },
	{ "p/tcp", "p/tcp", { "proto tcp", "ab", TALLY_CHANNEL } },
	{ "p/udp", "p/udp",
	    { "proto udp and src port > 30000", "b", TALLY_CHANNEL } },
	{ "p/none", "p/none", { "proto 99", "ab", TALLY_CHANNEL } },
	{ "g/sh/any", NULL, { "any", "ab", TALLY_CHANNEL } },
	/* a term that batches have no column for */
	{ "g/sh/hop", NULL,
	    { "proto tcp and next ip 10.0.0.1", "ab", TALLY_CHANNEL } },
};
#define N_CHANNELS (sizeof(channels) / sizeof(*channels))

/* Every RRD and file of the slot, with n flows in each source. */
static void
check_slot(int64_t slot, unsigned n)
{
	for (size_t i = 0; i < N_CHANNELS; i++) {
		check_rrd(channels[i].rrd, &channels[i].e, slot, n);
		if (channels[i].channel != NULL)
			check_file(channels[i].channel, &channels[i].e, slot,
			    n);
	}
}

static struct profiler *
start(void)
{
	struct profiler *p =
	    profiler_open(fixture_conf(SOURCES, PROFILES), &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	return p;
}

/* Step until it wants to sleep; false: it never does. */
static bool
drive_quietly(struct profiler *p, int64_t now)
{
	for (int i = 0; i < 10000; i++)
		if (profiler_step(p, now) > 0)
			return true;
	return false;
}

static void
drive(struct profiler *p, int64_t now)
{
	ck_assert_msg(drive_quietly(p, now), "the profiler never rests");
}

static void
setup(void)
{
	fixture_setup();
	conf = fixture_conf(SOURCES, PROFILES);
	fixture_reconfig(conf, T0);
}

static void
teardown(void)
{
	conf_free(conf);
	fixture_teardown();
}

static int64_t
updated(const char *group, const char *name)
{
	struct profile *p = profile_load(conf, group, name, &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	int64_t t = p->updated;
	ck_assert(p->tend == t || t < p->tstart);
	profile_free(p);
	return t;
}

static size_t
count_files(const char *pattern)
{
	char path[FILE_PATH_MAX];
	glob_t g;
	(void)snprintf(path, sizeof(path), "%s/data/%s", root, pattern);
	int rc = glob(path, 0, NULL, &g);
	size_t n = rc == 0 ? g.gl_pathc : 0;
	globfree(&g);
	return n;
}

/* ---- the disk --------------------------------------------------------------- */

#ifdef __linux__
static struct {
	unsigned calls;
	size_t files;  /* of a channel, when it was called */
	int64_t value; /* its database's newest */
} forced;

int
syncfs(int fd)
{
	char rrd[FILE_PATH_MAX];
	(void)fd;
	(void)snprintf(rrd, sizeof(rrd), "%s/stat/p/tcp.rrd", root);
	forced.calls++;
	forced.files = count_files("p/tcp/*/*/*/nfcapd.*");
	forced.value = rrd_channel_last(rrd, NULL);
	return 0;
}

START_TEST(files_are_on_the_disk_before_their_value_is_in_the_database)
{
	write_slot("a", T0, 30);
	write_slot("b", T0, 30);
	announce(T0);
	struct profiler *p = start();
	forced.calls = 0;
	drive(p, T0 + CYCLE + 1);
	ck_assert_uint_eq(forced.calls, 1);
	ck_assert_uint_eq(forced.files, 1);
	ck_assert_int_lt(forced.value, T0);
	profiler_close(p);
	check_slot(T0, 30);
}
END_TEST

START_TEST(nothing_is_forced_where_the_config_says_so)
{
	write_slot("a", T0, 30);
	announce(T0);
	struct profiler *p =
	    profiler_open(fixture_conf(SOURCES, "$FSYNC = 'off';" PROFILES),
		&err);
	ck_assert_ptr_nonnull(p);
	forced.calls = 0;
	drive(p, T0 + CYCLE + 1);
	ck_assert_uint_eq(forced.calls, 0);
	profiler_close(p);
}
END_TEST
#endif

/* ---- catching up ------------------------------------------------------------ */

START_TEST(missed_slots_are_worked_off_in_order)
{
	for (int i = 0; i < SLOTS; i++) {
		write_slot("a", T0 + i * CYCLE, 300);
		write_slot("b", T0 + i * CYCLE, 300);
	}
	announce(T0 + (SLOTS - 1) * CYCLE);
	struct profiler *p = start();
	drive(p, T0 + SLOTS * CYCLE + 1);
	ck_assert_int_eq(profiler_behind(p), 0);
	profiler_close(p);
	for (int i = 0; i < SLOTS; i++)
		check_slot(T0 + i * CYCLE, 300);
	ck_assert_int_eq(updated(".", "live"), T0 + (SLOTS - 1) * CYCLE);
	ck_assert_int_eq(updated("g", "sh"), T0 + (SLOTS - 1) * CYCLE);

	struct nfstat s;
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s/data/p/tcp", root);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.numfiles, SLOTS);
	ck_assert_int_eq(s.last, T0 + (SLOTS - 1) * CYCLE);
	ck_assert_uint_eq(s.status, NFSTAT_OK);
	struct profile *prof = profile_load(conf, ".", "p", &err);
	ck_assert_uint_gt(prof->size, 0);
	profile_free(prof);
}
END_TEST

START_TEST(a_profile_added_later_does_not_get_earlier_slots)
{
	struct counters c;
	write_slot("a", T0, 100);
	write_slot("b", T0, 100);
	struct conf *more = fixture_conf(SOURCES,
	    "%profiles = ( 'late' => { 'channels' => { 'x' => { "
	    "'filter' => 'any' } } } );");
	fixture_reconfig(more, T0 + CYCLE);
	write_slot("a", T0 + CYCLE, 100);
	write_slot("b", T0 + CYCLE, 100);
	announce(T0 + CYCLE);
	struct profiler *p = start();
	drive(p, T0 + 2 * CYCLE);
	profiler_close(p);
	struct expect any = { "any", "ab", TALLY_CHANNEL };
	check_rrd("late/x", &any, T0 + CYCLE, 100);
	ck_assert(!stored("late/x", T0, &c));
	ck_assert_uint_eq(count_files("late/x/*/*/*/nfcapd.*"), 1);
	conf_free(more);
}
END_TEST

START_TEST(slots_without_files_are_unknown_and_do_not_bend_the_next)
{
	struct counters c;
	write_slot("a", T0, 100);
	write_slot("b", T0, 100);
	write_slot("a", T0 + 2 * CYCLE, 100);
	write_slot("b", T0 + 2 * CYCLE, 100);
	announce(T0 + 2 * CYCLE);
	struct profiler *p = start();
	drive(p, T0 + 3 * CYCLE);
	for (size_t i = 0; i < N_CHANNELS; i++)
		ck_assert(!stored(channels[i].rrd, T0 + CYCLE, &c));
	check_slot(T0, 100);
	check_slot(T0 + 2 * CYCLE, 100);
	profiler_close(p);
}
END_TEST

START_TEST(a_source_without_a_file_is_unknown_alone)
{
	struct counters c;
	write_slot("a", T0, 100);
	announce(T0);
	struct profiler *p = start();
	drive(p, T0 + CYCLE);
	struct expect tcp = { "proto tcp", "a", TALLY_CHANNEL };
	check_rrd("p/tcp", &tcp, T0, 100);
	write_slot("a", T0 + CYCLE, 100);
	write_slot("b", T0 + CYCLE, 100);
	announce(T0 + CYCLE);
	drive(p, T0 + 2 * CYCLE);
	ck_assert(!stored("live/b", T0, &c));
	ck_assert(!stored("p/udp", T0, &c));
	check_slot(T0 + CYCLE, 100);
	profiler_close(p);
}
END_TEST

/* ---- following ---------------------------------------------------------------- */

START_TEST(a_growing_file_is_followed_and_its_slot_ends_when_announced)
{
	struct nffile_writer a;
	struct nffile_writer b;
	struct profiler *p = start();
	announce(T0 - CYCLE);
	drive(p, T0 + 1);
	open_current(&a, "a", T0, 99999997);
	open_current(&b, "b", T0, 99999997);
	add_flows(&a, "a", T0, 0, 100);
	drive(p, T0 + 2);
	ck_assert_int_eq(p->slot.start, T0);
	ck_assert_uint_ge(p->slot.sources[0].flows[CLASS_ALL], 100);
	add_flows(&a, "a", T0, 100, 5000);
	add_flows(&b, "b", T0, 0, 5000);
	drive(p, T0 + 3);
	finish_current(&a, "a", T0);
	finish_current(&b, "b", T0);
	drive(p, T0 + CYCLE);
	ck_assert_int_eq(updated(".", "live"), T0 - CYCLE);
	announce(T0);
	drive(p, T0 + CYCLE);
	ck_assert_int_eq(updated(".", "live"), T0);
	check_slot(T0, 5000);
	ck_assert_uint_eq(count_files("*/*/nfprofile.*"), 0);
	profiler_close(p);
}
END_TEST

START_TEST(a_file_nobody_saw_growing_makes_the_slot_be_read_again)
{
	struct nffile_writer a;
	struct profiler *p = start();
	announce(T0 - CYCLE);
	open_current(&a, "a", T0, 99999997);
	add_flows(&a, "a", T0, 0, 200);
	drive(p, T0 + 1);
	finish_current(&a, "a", T0);
	/* The rest came in a file that was gone before anybody looked. */
	open_current(&a, "a", T0, 99999996);
	add_flows(&a, "a", T0, 200, 900);
	finish_current(&a, "a", T0);
	write_slot("b", T0, 900);
	announce(T0);
	drive(p, T0 + CYCLE);
	check_slot(T0, 900);
	profiler_close(p);
}
END_TEST

START_TEST(a_restart_within_a_slot_counts_all_of_it_once)
{
	struct nffile_writer a;
	announce(T0 - CYCLE);
	write_slot("b", T0, 700);
	open_current(&a, "a", T0, 99999997);
	add_flows(&a, "a", T0, 0, 300);
	struct profiler *p = start();
	drive(p, T0 + 1);
	profiler_close(p);
	ck_assert_uint_eq(count_files("*/*/nfprofile.*"), 0);
	/* The collector is restarted as well. */
	finish_current(&a, "a", T0);
	open_current(&a, "a", T0, 99999996);
	add_flows(&a, "a", T0, 300, 500);
	p = start();
	drive(p, T0 + 3);
	add_flows(&a, "a", T0, 500, 700);
	drive(p, T0 + 4);
	finish_current(&a, "a", T0);
	announce(T0);
	drive(p, T0 + CYCLE);
	check_slot(T0, 700);
	profiler_close(p);
}
END_TEST

START_TEST(without_a_collector_the_clock_ends_the_slot_and_left_overs_count)
{
	struct nffile_writer a;
	/* A pid that is not alive: above the largest there can be. */
	open_current(&a, "a", T0, 99999999);
	add_flows(&a, "a", T0, 0, 250);
	nffile_writer_abandon(&a);
	write_slot("b", T0, 250);
	struct profiler *p = start();
	drive(p, T0 + CYCLE);
	ck_assert_int_eq(updated(".", "live"), T0 - CYCLE);
	drive(p, T0 + CYCLE + 1);
	ck_assert_int_eq(updated(".", "live"), T0);
	check_slot(T0, 250);
	profiler_close(p);

	/* Also when nobody was there at the time. */
	open_current(&a, "a", T0 + CYCLE, 99999998);
	add_flows(&a, "a", T0 + CYCLE, 0, 250);
	nffile_writer_abandon(&a);
	write_slot("b", T0 + CYCLE, 250);
	p = start();
	drive(p, T0 + 5 * CYCLE);
	check_slot(T0 + CYCLE, 250);
	profiler_close(p);
}
END_TEST

START_TEST(a_writer_that_lives_gets_time_to_finish)
{
	struct nffile_writer a;
	/* No collector of ours, but this process writes: a stock nfcapd. */
	open_current(&a, "a", T0, (long)getpid());
	add_flows(&a, "a", T0, 0, 100);
	struct profiler *p = start();
	drive(p, T0 + CYCLE + 5);
	ck_assert_int_eq(updated(".", "live"), T0 - CYCLE);
	add_flows(&a, "a", T0, 100, 250);
	finish_current(&a, "a", T0);
	write_slot("b", T0, 250);
	drive(p, T0 + CYCLE + 6);
	drive(p, T0 + CYCLE + 7);
	ck_assert_int_eq(updated(".", "live"), T0);
	check_slot(T0, 250);
	profiler_close(p);
}
END_TEST

START_TEST(a_reload_gives_new_channels_the_whole_slot_in_progress)
{
	struct nffile_writer a;
	struct nffile_writer b;
	announce(T0 - CYCLE);
	struct profiler *p = start();
	open_current(&a, "a", T0, 99999997);
	open_current(&b, "b", T0, 99999997);
	add_flows(&a, "a", T0, 0, 400);
	add_flows(&b, "b", T0, 0, 200);
	drive(p, T0 + 100);
	struct conf *more = fixture_conf(SOURCES,
	    "%profiles = ( 'p' => { 'channels' => { 'tcp' => { 'filter' => "
	    "'proto tcp' }, 'new' => { 'filter' => 'any' } } } );");
	profiler_pause(p);
	fixture_reconfig(more, T0 + 100);
	ck_assert_msg(profiler_reload(p, more, &err) == 0, "%s", err.msg);
	drive(p, T0 + 101);
	add_flows(&b, "b", T0, 200, 400);
	finish_current(&a, "a", T0);
	finish_current(&b, "b", T0);
	announce(T0);
	drive(p, T0 + CYCLE);
	struct expect any = { "any", "ab", TALLY_CHANNEL };
	check_rrd("p/new", &any, T0, 400);
	check_file("p/new", &any, T0, 400);
	check_rrd("p/tcp", &channels[2].e, T0, 400);
	check_rrd("live/a", &channels[0].e, T0, 400);
	ck_assert_uint_eq(count_files("*/*/nfprofile.*"), 0);
	profiler_close(p);
}
END_TEST

/* ---- exporters of several sources in one file ------------------------------ */

/* sysid and address of the exporter records of a file, in order. */
static size_t
read_exporters(const char *path, struct nffile_exporter *e, size_t max)
{
	struct nffile_reader r;
	struct nffile_block b;
	size_t n = 0;
	ck_assert_msg(nffile_open(&r, path, &err) == 0, "%s", err.msg);
	while (nffile_read(&r, &b, &err) == NFFILE_BLOCK) {
		size_t pos = 0;
		const uint8_t *rec;
		while ((rec = nffile_record_next(&b, &pos)) != NULL) {
			uint16_t type;
			memcpy(&type, rec, sizeof(type));
			struct flow f;
			if (type == REC_EXPORTER && n < max)
				memcpy(&e[n++], rec, sizeof(*e));
			/* No flow comes before its exporter. */
			if (type == REC_FLOW && nffile_record_flow(rec, &f))
				ck_assert_uint_le(f.exporter, n);
		}
	}
	nffile_close(&r);
	return n;
}

START_TEST(exporters_of_several_sources_keep_apart_in_a_channels_file)
{
	char path[FILE_PATH_MAX];
	char name[SLOT_PATH_MAX];
	struct nffile_exporter e[8];
	struct nffile_writer w;
	write_slot("a", T0, 100);
	write_slot("b", T0, 100);
	/* A second part of the slot repeats the record. */
	open_current(&w, "b", T0, 99999996);
	add_flows(&w, "b", T0, 100, 110);
	finish_current(&w, "b", T0);
	announce(T0);
	struct profiler *p = start();
	drive(p, T0 + CYCLE);
	profiler_close(p);
	(void)slot_path(T0, CYCLE, conf->subdirlayout, name);
	(void)snprintf(path, sizeof(path), "%s/data/p/tcp/%s", root, name);
	ck_assert_uint_eq(read_exporters(path, e, 8), 2);
	ck_assert_uint_eq(e[0].sysid, 1);
	ck_assert_uint_eq(e[1].sysid, 2);
}
END_TEST

/* ---- trouble -------------------------------------------------------------------- */

static void
spoil(const char *below, const char *text)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, below));
	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0644,
			     &err),
	    0);
}

START_TEST(what_is_broken_does_not_stop_the_rest)
{
	spoil("stat/p/none-filter.txt", "proto (");
	spoil("stat/p/udp.rrd", "no database");
	spoil("stat/g/sh/profile.dat", "nonsense = 1\n");
	write_slot("a", T0, 100);
	write_slot("b", T0, 100);
	announce(T0);
	struct profiler *p = start();
	drive(p, T0 + CYCLE);
	check_rrd("live/a", &channels[0].e, T0, 100);
	check_rrd("p/tcp", &channels[2].e, T0, 100);
	check_file("p/tcp", &channels[2].e, T0, 100);
	check_file("p/udp", &channels[3].e, T0, 100);
	ck_assert_int_eq(updated(".", "p"), T0);
	profiler_close(p);
}
END_TEST

START_TEST(a_damaged_flow_file_gives_what_can_be_read)
{
	char path[FILE_PATH_MAX];
	struct counters c;
	struct stat st;
	write_slot("a", T0, 100);
	write_slot("b", T0, 100);
	flow_file_path("a", T0, path);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
	announce(T0);
	struct profiler *p = start();
	drive(p, T0 + CYCLE);
	check_rrd("live/b", &channels[1].e, T0, 100);
	ck_assert(stored("p/tcp", T0, &c));
	profiler_close(p);
}
END_TEST

START_TEST(a_second_profiler_is_refused)
{
	/* fcntl locks are per process: the first one is a child. */
	int up[2];
	char byte;
	ck_assert_int_eq(pipe(up), 0);
	struct conf *of_first = fixture_conf(SOURCES, PROFILES);
	pid_t pid = fork();
	if (pid == 0) {
		struct profiler *first = profiler_open(of_first, &err);
		if (first == NULL)
			_exit(1);
		(void)!write(up[1], "y", 1);
		(void)pause();
		profiler_close(first);
		_exit(0);
	}
	conf_free(of_first);
	(void)close(up[1]);
	ck_assert_int_eq(read(up[0], &byte, 1), 1);
	struct conf *c = fixture_conf(SOURCES, PROFILES);
	ck_assert_ptr_null(profiler_open(c, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "locked by pid"));
	conf_free(c);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(up[0]);
}
END_TEST

/*
 * Killed again and again, later every time, with files that are open,
 * published and half accounted: each slot is in every RRD once, and every
 * channel's files hold each flow once.
 */
START_TEST(killed_at_any_moment_it_goes_on_without_gap_or_double)
{
	for (int i = 0; i < SLOTS; i++) {
		write_slot("a", T0 + i * CYCLE, 200);
		write_slot("b", T0 + i * CYCLE, 200);
	}
	announce(T0 + (SLOTS - 1) * CYCLE);
	for (useconds_t us = 500 + (useconds_t)_i * 130; us < 60000;
	     us += us / 4) {
		/* The child is killed: check must not hear from it. */
		struct conf *c = fixture_conf(SOURCES, PROFILES);
		pid_t pid = fork();
		if (pid == 0) {
			struct profiler *p = profiler_open(c, &err);
			if (p != NULL)
				(void)drive_quietly(p, T0 + SLOTS * CYCLE + 1);
			profiler_close(p);
			_exit(0);
		}
		conf_free(c);
		(void)usleep(us);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	struct profiler *p = start();
	drive(p, T0 + SLOTS * CYCLE + 1);
	profiler_close(p);
	for (int i = 0; i < SLOTS; i++)
		check_slot(T0 + i * CYCLE, 200);
	ck_assert_int_eq(updated(".", "p"), T0 + (SLOTS - 1) * CYCLE);
	ck_assert_uint_eq(count_files("*/*/nfprofile.*"), 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, missed_slots_are_worked_off_in_order);
	tcase_add_test(t, a_profile_added_later_does_not_get_earlier_slots);
	tcase_add_test(t,
	    slots_without_files_are_unknown_and_do_not_bend_the_next);
	tcase_add_test(t, a_source_without_a_file_is_unknown_alone);
	tcase_add_test(t,
	    a_growing_file_is_followed_and_its_slot_ends_when_announced);
	tcase_add_test(t,
	    a_file_nobody_saw_growing_makes_the_slot_be_read_again);
	tcase_add_test(t, a_restart_within_a_slot_counts_all_of_it_once);
	tcase_add_test(t,
	    without_a_collector_the_clock_ends_the_slot_and_left_overs_count);
	tcase_add_test(t, a_writer_that_lives_gets_time_to_finish);
	tcase_add_test(t,
	    a_reload_gives_new_channels_the_whole_slot_in_progress);
	tcase_add_test(t,
	    exporters_of_several_sources_keep_apart_in_a_channels_file);
	tcase_add_test(t, what_is_broken_does_not_stop_the_rest);
	tcase_add_test(t, a_damaged_flow_file_gives_what_can_be_read);
	tcase_add_test(t, a_second_profiler_is_refused);
#ifdef __linux__
	tcase_add_test(t,
	    files_are_on_the_disk_before_their_value_is_in_the_database);
	tcase_add_test(t, nothing_is_forced_where_the_config_says_so);
#endif
	tcase_add_loop_test(t,
	    killed_at_any_moment_it_goes_on_without_gap_or_double, 0, 4);
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("profiler");
	TCase *t = tcase_create("profiler");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	add_tests(t);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
