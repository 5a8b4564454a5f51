/*
 * Expiry and the books on a real folder, held against a model of few lines:
 * whatever sizes, gaps, layouts and names there are.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "base/slot.h"
#include "fixture.h"
#include "profile/census.h"
#include "profile/expire.h"
#include "profile/nfstat.h"

#define SOURCES "'a' => { 'port' => '9995' }"
#define T0      INT64_C(1700000100)
#define CYCLE   FIXTURE_CYCLE
#define BLOCK   4096
#define MOST    400 /* slots of a trial */

static struct conf *conf;
static struct profile *prof;
static uint64_t seed;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static void
channel_path(const char *channel, const char *rel, char *path)
{
	(void)snprintf(path, FILE_PATH_MAX, "%s/data/p/%s/%s", root, channel,
	    rel);
}

static void
make_file(const char *channel, const char *rel, size_t blocks)
{
	static const char zeros[BLOCK] = { 1 };
	char path[FILE_PATH_MAX];
	channel_path(channel, rel, path);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	ck_assert_int_eq(file_mkdirs(path, 0775, &err), 0);
	*slash = '/';
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0664);
	ck_assert_int_ne(fd, -1);
	for (size_t i = 0; i < blocks; i++)
		ck_assert_int_eq(file_write_full(fd, zeros, BLOCK), 0);
	(void)close(fd);
}

static void
make_slot(const char *channel, int64_t slot, int layout, size_t blocks)
{
	char rel[SLOT_PATH_MAX];
	make_file(channel, slot_path(slot, CYCLE, layout, rel), blocks);
}

static bool
there(const char *channel, const char *rel)
{
	char path[FILE_PATH_MAX];
	channel_path(channel, rel, path);
	return file_exists(path);
}

static bool
has_slot(const char *channel, int64_t slot, int layout)
{
	char rel[SLOT_PATH_MAX];
	return there(channel, slot_path(slot, CYCLE, layout, rel));
}

static void
setup(void)
{
	fixture_setup();
	conf = fixture_conf(SOURCES, "");
	fixture_reconfig(conf, T0);
	prof = profile_new(".", "p");
	prof->type = PROFILE_CONTINUOUS;
	prof->status = "OK";
	(void)profile_add_channel(prof, "x");
	(void)profile_add_channel(prof, "y");
}

static void
teardown(void)
{
	profile_free(prof);
	conf_free(conf);
	fixture_teardown();
}

static struct expire_limits
limits(uint64_t maxsize, int64_t hours, int64_t at)
{
	return (struct expire_limits){ .maxsize = maxsize,
		.lifetime = hours * 3600,
		.low_water = 90,
		.now = at,
		.upto = INT64_MAX };
}

static struct expire_result
expire(const struct expire_limits *l)
{
	struct expire_plan plan;
	struct expire_result r;
	ck_assert_msg(expire_choose(conf, prof, l, &plan, &err) == 0, "%s",
	    err.msg);
	ck_assert_msg(expire_apply(conf, prof, &plan, NULL, NULL, &r, &err) ==
			  0,
	    "%s", err.msg);
	ck_assert_uint_eq(r.files, plan.n);
	ck_assert_uint_eq(r.bytes, plan.bytes);
	ck_assert_uint_eq(r.failed, 0);
	expire_free(&plan);
	return r;
}

/* ---- against the model ------------------------------------------------------------- */

struct model {
	size_t blocks[MOST][2]; /* by slot and channel, 0: no file */
	size_t n;
	int64_t start;
	int layout[MOST]; /* may have been changed on the way */
};

static uint64_t
model_size(const struct model *m)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < m->n; i++)
		sum += (m->blocks[i][0] + m->blocks[i][1]) * BLOCK;
	return sum;
}

static int64_t
model_first(const struct model *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->blocks[i][0] + m->blocks[i][1] > 0)
			return m->start + (int64_t)i * CYCLE;
	return 0;
}

static void
model_drop_first(struct model *m)
{
	int64_t i = (model_first(m) - m->start) / CYCLE;
	m->blocks[i][0] = m->blocks[i][1] = 0;
}

static void
model_expire(struct model *m, const struct expire_limits *l)
{
	int64_t life = l->lifetime;
	uint64_t low = (uint64_t)l->low_water;
	if (l->maxsize > 0 && model_size(m) >= l->maxsize)
		while (model_size(m) > l->maxsize * low / 100)
			model_drop_first(m);
	if (life > 0 && model_first(m) != 0 && l->now - model_first(m) >= life)
		while (model_first(m) != 0 &&
		       model_first(m) <= l->now - life * (int64_t)low / 100)
			model_drop_first(m);
}

static void
model_make(struct model *m)
{
	int layout = (int)rnd(SLOT_LAYOUTS);
	size_t change = rnd(2) ? rnd(MOST) : MOST;
	*m = (struct model){ .n = 1 + rnd(MOST) };
	m->start = T0 + (int64_t)rnd(20000) * CYCLE;
	for (size_t i = 0; i < m->n; i++) {
		static const char *const names[] = { "x", "y" };
		if (i == change)
			layout = (int)rnd(SLOT_LAYOUTS);
		m->layout[i] = layout;
		for (int k = 0; k < 2; k++) {
			m->blocks[i][k] = rnd(4) ? 1 + rnd(3) : 0;
			if (m->blocks[i][k] > 0)
				make_slot(names[k],
				    m->start + (int64_t)i * CYCLE, layout,
				    m->blocks[i][k]);
		}
	}
}

static void
model_check(const struct model *m)
{
	struct census_sum sum;
	uint64_t files = 0;
	for (size_t i = 0; i < m->n; i++) {
		int64_t slot = m->start + (int64_t)i * CYCLE;
		for (int k = 0; k < 2; k++)
			files += m->blocks[i][k] > 0;
		ck_assert_int_eq(has_slot("x", slot, m->layout[i]),
		    m->blocks[i][0] > 0);
		ck_assert_int_eq(has_slot("y", slot, m->layout[i]),
		    m->blocks[i][1] > 0);
	}
	ck_assert_int_eq(census_sum(conf, prof, &sum, &err), 0);
	ck_assert_uint_eq(sum.size, model_size(m));
	ck_assert_uint_eq(sum.numfiles, files);
	ck_assert_int_eq(sum.first, model_first(m));
}

START_TEST(what_stays_is_what_the_model_says)
{
	struct model m;
	seed = UINT64_C(88172645463325252) + (uint64_t)_i * 7919;
	model_make(&m);
	for (int round = 0; round < 4; round++) {
		uint64_t size = model_size(&m);
		struct expire_limits l = limits(0, 0, 0);
		if (rnd(2))
			l.maxsize = 1 + rnd(size * 2 + 1);
		if (rnd(2))
			l.lifetime = 3600 * (1 + (int64_t)rnd(40));
		l.low_water = 1 + (int)rnd(100);
		l.now = m.start + (int64_t)rnd(m.n + 100) * CYCLE;
		/* Half of the time a slot is just as old as the limit. */
		if (rnd(2))
			l.low_water = 50;
		else
			l.now += (int64_t)rnd(CYCLE);
		uint64_t before = model_size(&m);
		model_expire(&m, &l);
		struct expire_result r = expire(&l);
		ck_assert_uint_eq(r.bytes, before - model_size(&m));
		model_check(&m);
	}
}
END_TEST

/* ---- what is not a slot's file ------------------------------------------------------ */

START_TEST(only_files_with_the_names_of_slots_go)
{
	static const char *const kept[] = { "nfcapd.current.1", "nfprofile.77",
		"notes.txt", "nfcapd.2023", "nfcapd.202311140000.bak",
		"old/nfcapd.202311140000", ".hidden/nfcapd.202311140000",
		"2023/README" };
	struct expire_limits l = limits(1, 0, T0);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		make_file("x", kept[i], 1);
	make_slot("x", T0, 1, 1);
	make_slot("x", T0 + CYCLE, 0, 1);
	/* A link out of the tree, and what it leads to. */
	char link[FILE_PATH_MAX];
	char out[FILE_PATH_MAX];
	(void)snprintf(out, sizeof(out), "%s/out", root);
	ck_assert_int_eq(mkdir(out, 0775), 0);
	(void)snprintf(out, sizeof(out), "%s/out/nfcapd.202311140000", root);
	ck_assert_int_eq(file_write_atomic(out, "x", 1, 0664, &err), 0);
	channel_path("x", "2022", link);
	(void)snprintf(out, sizeof(out), "%s/out", root);
	ck_assert_int_eq(symlink(out, link), 0);

	struct expire_result r = expire(&l);
	ck_assert_uint_eq(r.files, 2);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		ck_assert_msg(there("x", kept[i]), "%s is gone", kept[i]);
	ck_assert(there("x", "2022/nfcapd.202311140000"));
}
END_TEST

START_TEST(folders_that_are_empty_go_and_the_newest_stays)
{
	struct expire_limits l = limits(3 * BLOCK, 0, T0);
	int64_t day = 86400;
	make_slot("x", T0, 2, 1);
	make_slot("x", T0 + day, 2, 1);
	make_slot("x", T0 + 40 * day, 2, 1);
	make_slot("y", T0 + day, 2, 1);
	(void)expire(&l);
	ck_assert(!there("x", "2023/11/14"));
	ck_assert(!there("x", "2023/11"));
	ck_assert(!there("y", "2023/11"));
	ck_assert(there("x", "2023/12/24/22"));
	l.maxsize = 1;
	/* All goes; where the next slot may be put just now stays. */
	struct expire_result r = expire(&l);
	ck_assert_uint_eq(r.files, 1);
	ck_assert(there("x", "2023/12/24/22"));
}
END_TEST

START_TEST(both_passes_of_a_repeated_hour_go_in_their_order)
{
	(void)setenv("TZ", "Europe/Berlin", 1);
	tzset();
	/* 2026-10-25 03:00 CEST becomes 02:00 CET. */
	int64_t first = INT64_C(1792886400);
	char name[SLOT_PATH_MAX];
	for (int i = 0; i < 24; i++)
		make_slot("x", first + i * CYCLE, 1, 1);
	ck_assert_str_eq(slot_name(first + 12 * CYCLE, CYCLE, name),
	    "nfcapd.202610250200+0100");
	struct expire_limits l = limits(12 * BLOCK, 0, first);
	l.low_water = 100;
	struct expire_result r = expire(&l);
	ck_assert_uint_eq(r.files, 12);
	for (int i = 0; i < 24; i++)
		ck_assert_int_eq(has_slot("x", first + i * CYCLE, 1), i >= 12);
	(void)setenv("TZ", "UTC", 1);
	tzset();
}
END_TEST

START_TEST(newer_slots_than_those_that_are_done_stay)
{
	struct expire_limits l = limits(1, 1, T0 + 1000000);
	for (int i = 0; i < 10; i++)
		make_slot("x", T0 + i * CYCLE, 0, 1);
	l.upto = T0 + 5 * CYCLE;
	struct expire_result r = expire(&l);
	ck_assert_uint_eq(r.files, 6);
	for (int i = 6; i < 10; i++)
		ck_assert(has_slot("x", T0 + i * CYCLE, 0));
}
END_TEST

START_TEST(a_dry_run_changes_nothing)
{
	struct expire_plan plan;
	struct expire_limits l = limits(5 * BLOCK, 0, T0);
	for (int i = 0; i < 10; i++)
		make_slot(i % 2 ? "x" : "y", T0 + i * CYCLE, 1, 1);
	ck_assert_int_eq(expire_choose(conf, prof, &l, &plan, &err), 0);
	ck_assert_uint_eq(plan.n, 6);
	ck_assert_uint_eq(plan.bytes, 6 * BLOCK);
	ck_assert_int_eq(plan.tstart, T0 + 6 * CYCLE);
	ck_assert_int_eq(plan.all.files[0].slot, T0);
	expire_free(&plan);
	for (int i = 0; i < 10; i++)
		ck_assert(has_slot(i % 2 ? "x" : "y", T0 + i * CYCLE, 1));
	ck_assert(!there("x", ".nfstat"));
}
END_TEST

START_TEST(a_limit_without_end_and_limits_at_the_edge)
{
	struct expire_limits l = limits(UINT64_MAX, 0, T0 + 1000000);
	struct census_sum s = { .size = 10, .numfiles = 1, .first = T0 };
	l.lifetime = INT64_MAX;
	make_slot("x", T0, 0, 1);
	ck_assert_uint_eq(expire(&l).files, 0);
	ck_assert(!expire_due(&l, &s));
	l = limits(11, 0, T0);
	ck_assert(!expire_due(&l, &s));
	l.maxsize = 10;
	ck_assert(expire_due(&l, &s));
	l = limits(0, 1, T0 + 3599);
	ck_assert(!expire_due(&l, &s));
	l.now = T0 + 3600;
	ck_assert(expire_due(&l, &s));
	ck_assert(!expire_due(&l, &(struct census_sum){ 0 }));
}
END_TEST

/* ---- what cannot be removed --------------------------------------------------------- */

START_TEST(a_folder_that_cannot_be_read_or_written_is_said_and_the_rest_goes)
{
	struct expire_limits l = limits(1, 0, T0);
	struct expire_plan plan;
	struct expire_result r;
	char dir[FILE_PATH_MAX];
	if (geteuid() == 0)
		return; /* nothing is forbidden to root */
	make_slot("x", T0, 1, 1);
	make_slot("y", T0, 1, 1);
	channel_path("x", "2023/11/14", dir);
	ck_assert_int_eq(chmod(dir, 0555), 0);
	ck_assert_int_eq(expire_choose(conf, prof, &l, &plan, &err), 0);
	ck_assert_int_eq(expire_apply(conf, prof, &plan, NULL, NULL, &r, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "x/2023/11/14/nfcapd."));
	ck_assert_uint_eq(r.failed, 1);
	ck_assert_uint_eq(r.files, 1);
	expire_free(&plan);
	ck_assert(!has_slot("y", T0, 1));
	ck_assert_int_eq(chmod(dir, 0000), 0);
	ck_assert_int_eq(expire_choose(conf, prof, &l, &plan, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "x/2023/11/14"));
	expire_free(&plan);
	ck_assert_int_eq(chmod(dir, 0775), 0);
}
END_TEST

static bool
twice(void *ctx)
{
	int *left = ctx;
	return (*left)-- > 0;
}

START_TEST(ended_early_the_books_ask_to_be_put_right)
{
	struct expire_limits l = limits(1, 0, T0);
	struct expire_plan plan;
	struct expire_result r;
	struct census_sum sum;
	int left = 2;
	for (int i = 0; i < 5; i++)
		make_slot("x", T0 + i * CYCLE, 0, 1);
	ck_assert_int_eq(census_sum(conf, prof, &sum, &err), 0);
	ck_assert_uint_eq(sum.numfiles, 5);
	ck_assert_int_eq(expire_choose(conf, prof, &l, &plan, &err), 0);
	ck_assert_int_eq(expire_apply(conf, prof, &plan, twice, &left, &r,
			     &err),
	    0);
	ck_assert_uint_eq(r.files, 2);
	expire_free(&plan);
	char dir[FILE_PATH_MAX];
	struct nfstat s;
	(void)snprintf(dir, sizeof(dir), "%s/data/p/x", root);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.status, NFSTAT_REBUILD);
	ck_assert_int_eq(census_sum(conf, prof, &sum, &err), 0);
	ck_assert_uint_eq(sum.numfiles, 3);
	ck_assert_int_eq(sum.first, T0 + 2 * CYCLE);
}
END_TEST

/* ---- the books ------------------------------------------------------------------------ */

START_TEST(a_file_counted_twice_or_never_is_put_right)
{
	struct nfstat s;
	struct census_sum sum;
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s/data/p/x", root);
	make_slot("x", T0, 0, 1);
	make_slot("x", T0 + CYCLE, 0, 2);
	ck_assert_int_eq(nfstat_file_added(dir, T0 + CYCLE, BLOCK, -1, &err),
	    0);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.status, NFSTAT_OK);
	ck_assert_int_eq(nfstat_file_added(dir, T0, BLOCK, -1, &err), 0);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.status, NFSTAT_REBUILD);
	ck_assert_int_eq(census_sum(conf, prof, &sum, &err), 0);
	ck_assert_uint_eq(sum.numfiles, 2);
	ck_assert_uint_eq(sum.size, 3 * BLOCK);
	ck_assert_int_eq(sum.last, T0 + CYCLE);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.status, NFSTAT_OK);
	/* What others keep in it stays. */
	struct nfstat mine = s;
	mine.maxsize = 77;
	mine.lifetime = 88;
	mine.watermark = 66;
	ck_assert_int_eq(nfstat_replace(dir, &s, &mine, &err), 1);
	ck_assert_int_eq(nfstat_replace(dir, &s, &mine, &err), 0);
	ck_assert_int_eq(census_nfstat(conf, prof, "x", &err), 0);
	ck_assert_int_eq(nfstat_read(dir, &s, &err), 0);
	ck_assert_uint_eq(s.maxsize, 77);
	ck_assert_uint_eq(s.lifetime, 88);
	ck_assert_uint_eq(s.watermark, 66);
	/* A channel without a folder has nothing, and none is made. */
	ck_assert(!there("y", ""));
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *suite = suite_create("expire");
	TCase *t = tcase_create("expire");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_stays_is_what_the_model_says, 0, 20);
	tcase_add_test(t, only_files_with_the_names_of_slots_go);
	tcase_add_test(t, folders_that_are_empty_go_and_the_newest_stays);
	tcase_add_test(t, both_passes_of_a_repeated_hour_go_in_their_order);
	tcase_add_test(t, newer_slots_than_those_that_are_done_stay);
	tcase_add_test(t, a_dry_run_changes_nothing);
	tcase_add_test(t, a_limit_without_end_and_limits_at_the_edge);
	tcase_add_test(t,
	    a_folder_that_cannot_be_read_or_written_is_said_and_the_rest_goes);
	tcase_add_test(t, ended_early_the_books_ask_to_be_put_right);
	tcase_add_test(t, a_file_counted_twice_or_never_is_put_right);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
