/* What exporters told, over a restart: who gets it back, who does not. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "collector/keep.h"
#include "collector/source.h"

#define PORT 9995
#define NOW  UINT64_C(1795457700000) /* epoch ms */

static char dir[64], path[128];
static struct sources ss;
static struct keep k;

static void
setup(void)
{
	static const struct flowfile_spec spec = { .ident = "gw" };
	(void)snprintf(dir, sizeof(dir), "/tmp/keep.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/live/.templates", dir);
	sources_init(&ss);
	struct source *s = source_add(&ss, &spec, PORT);
	source_set_ips(s, NULL, 0, false);
	k = (struct keep){ 0 };
}

static void
teardown(void)
{
	struct err err;
	keep_close(&k);
	sources_free(&ss);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

/* One that sends v9 with that source id. */
static struct sender *
heard(uint8_t id)
{
	const uint8_t data[20] = { 0, 9, [19] = id };
	const struct ring_head h = { .len = sizeof(data),
		.port = PORT,
		.arrival_ms = NOW,
		.from = addr_v4(0xc0000201) };
	struct source *s;
	struct sender *x = sender_find(&ss, &h, data, &s);
	ck_assert_ptr_nonnull(x);
	x->e.last_seen_ms = (int64_t)NOW;
	return x;
}

static void
teach(struct sender *x)
{
	static const uint8_t wire[] = { 1, 0, 0, 1, 0, 8, 0, 4 };
	const struct decode_template t = { .p = wire,
		.len = sizeof(wire),
		.used_ms = NOW };
	ck_assert(exporter_template_load(&x->e, &t));
}

static size_t
templates(const struct exporter *e)
{
	struct decode_template t;
	size_t n = 0;
	for (size_t pos = 0; exporter_template_next(e, &pos, &t);)
		n++;
	return n;
}

/* A new process, which has heard nobody. */
static void
restart(void)
{
	keep_close(&k);
	sources_free(&ss);
	sources_init(&ss);
	static const struct flowfile_spec spec = { .ident = "gw" };
	(void)source_add(&ss, &spec, PORT);
	keep_open(&k, path);
	ss.keep = &k;
}

START_TEST(who_told_something_has_it_after_a_restart)
{
	keep_open(&k, path);
	teach(heard(1));
	(void)heard(2);
	keep_write(&k, &ss, NOW);
	restart();
	ck_assert_uint_eq(k.n_unheard, 1);
	ck_assert_uint_eq(templates(&heard(2)->e), 0);
	ck_assert_uint_eq(k.n_unheard, 1);
	ck_assert_uint_eq(templates(&heard(1)->e), 1);
	ck_assert_uint_eq(k.n_unheard, 0);
}
END_TEST

START_TEST(another_port_is_another_exporter)
{
	struct exporter e;
	keep_open(&k, path);
	teach(heard(1));
	keep_write(&k, &ss, NOW);
	restart();
	const struct addr ip = addr_v4(0xc0000201);
	const struct decode_head h = { .version = 9, .id = 1 };
	exporter_init(&e, &ip, &h);
	keep_restore(&k, PORT + 1, &e);
	ck_assert_uint_eq(templates(&e), 0);
	keep_restore(&k, PORT, &e);
	ck_assert_uint_eq(templates(&e), 1);
	exporter_free(&e);
}
END_TEST

START_TEST(who_is_not_heard_is_kept_for_a_week)
{
	keep_open(&k, path);
	teach(heard(1));
	keep_write(&k, &ss, NOW);
	restart();
	keep_write(&k, &ss, NOW + KEEP_AGE_MS);
	restart();
	ck_assert_uint_eq(k.n_unheard, 1);
	keep_write(&k, &ss, NOW + KEEP_AGE_MS + 1);
	restart();
	ck_assert_uint_eq(k.n_unheard, 0);
}
END_TEST

START_TEST(a_damaged_file_is_left_out_and_written_anew)
{
	struct err err;
	keep_open(&k, path);
	teach(heard(1));
	keep_write(&k, &ss, NOW);
	keep_close(&k);
	ck_assert_int_eq(file_write_atomic(path, "nonsense", 8, 0600, &err), 0);
	restart();
	ck_assert_uint_eq(k.n_unheard, 0);
	teach(heard(1));
	keep_write(&k, &ss, NOW);
	restart();
	ck_assert_uint_eq(k.n_unheard, 1);
}
END_TEST

START_TEST(it_is_written_some_seconds_after_a_change_and_every_hour)
{
	int64_t t = KEEP_EVERY_MS * 10;
	keep_open(&k, path);
	keep_look(&k, &ss, t, NOW);
	int64_t first = k.written_ms;
	keep_look(&k, &ss, t += KEEP_CHANGE_MS, NOW);
	ck_assert_int_eq(k.written_ms, first);
	teach(heard(1));
	keep_look(&k, &ss, t += KEEP_CHANGE_MS - 1, NOW);
	ck_assert_int_eq(k.written_ms, first);
	keep_look(&k, &ss, t += 1, NOW);
	ck_assert_int_eq(k.written_ms, t);
	keep_look(&k, &ss, t + KEEP_EVERY_MS, NOW);
	ck_assert_int_eq(k.written_ms, t + KEEP_EVERY_MS);
}
END_TEST

START_TEST(without_a_path_nothing_is_kept)
{
	keep_open(&k, "");
	teach(heard(1));
	keep_write(&k, &ss, NOW);
	keep_look(&k, &ss, KEEP_EVERY_MS * 10, NOW);
	ck_assert(!file_exists(path));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("keep");
	TCase *t = tcase_create("keep");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, who_told_something_has_it_after_a_restart);
	tcase_add_test(t, another_port_is_another_exporter);
	tcase_add_test(t, who_is_not_heard_is_kept_for_a_week);
	tcase_add_test(t, a_damaged_file_is_left_out_and_written_anew);
	tcase_add_test(t,
	    it_is_written_some_seconds_after_a_change_and_every_hour);
	tcase_add_test(t, without_a_path_nothing_is_kept);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
