/* Slots by the clock; sources and exporters by port and sender. */
#include <check.h>
#include <stdio.h>

#include "collector/rotate.h"
#include "collector/source.h"

static const struct {
	int64_t slot, cycletime;
	uint64_t now_ms;
	unsigned grace_ms;
	int64_t want;
} clocks[] = {
	{ 600, 300, 600000, 0, -1 },
	{ 600, 300, 899999, 0, -1 },
	{ 600, 300, 900000, 0, 900 },
	{ 600, 300, 900000, 50, -1 },
	{ 600, 300, 900049, 50, -1 },
	{ 600, 300, 900050, 50, 900 },
	{ 600, 300, 2000000, 0, 1800 }, /* forward: the slots between are */
	{ 600, 300, 599000, 0, -1 },    /* not there; a little back: stays */
	{ 600, 300, 597000, 0, 300 },   /* back: an earlier slot again */
	{ 600, 1, 600999, 0, -1 },
	{ 600, 1, 601000, 0, 601 },
};

START_TEST(a_slot_ends_by_the_wall_clock)
{
	ck_assert_int_eq(rotate_due(clocks[_i].slot, clocks[_i].cycletime,
			     clocks[_i].now_ms, clocks[_i].grace_ms),
	    clocks[_i].want);
}
END_TEST

static struct sources ss;

/* "192.0.2.1" or "10.0.0.0/8" */
static void
add_ips(struct source *s, const char *text)
{
	struct prefix p;
	if (!prefix_parse(text, &p)) {
		ck_assert(addr_parse(text, &p.addr));
		p.len = p.addr.family == ADDR_V4 ? 32 : 128;
	}
	source_set_ips(s, &p, 1, false);
}

static struct source *
add(const char *ident, uint16_t port, const char *ip)
{
	struct flowfile_spec spec = { .cycletime = 300 };
	(void)snprintf(spec.ident, sizeof(spec.ident), "%s", ident);
	struct source *s = source_add(&ss, &spec, port);
	if (ip != NULL)
		add_ips(s, ip);
	return s;
}

static struct addr
ip(const char *text)
{
	struct addr a;
	ck_assert(addr_parse(text, &a));
	return a;
}

static struct sender *
from(const char *text, uint16_t port, uint16_t version, uint32_t id,
    struct source **source)
{
	uint8_t data[24] = { (uint8_t)(version >> 8), (uint8_t)version };
	struct addr a = ip(text);
	/* v9: source id at 16, v5: engine at 20 */
	data[version == 9 ? 19 : 21] = (uint8_t)id;
	struct ring_head h = { .port = port, .from = a, .len = sizeof(data) };
	return sender_find(&ss, &h, data, source);
}

static void
setup(void)
{
	sources_init(&ss);
}

static void
teardown(void)
{
	sources_free(&ss);
}

START_TEST(a_source_alone_on_its_port_takes_everybody)
{
	struct source *a = add("a", 1000, "192.0.2.1"), *got;
	ck_assert_ptr_nonnull(from("192.0.2.1", 1000, 9, 1, &got));
	ck_assert_ptr_eq(got, a);
	ck_assert_ptr_nonnull(from("198.51.100.7", 1000, 9, 1, &got));
	ck_assert_ptr_eq(got, a);
	ck_assert_ptr_null(from("192.0.2.1", 1001, 9, 1, &got));
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(sources_on_one_port_are_told_apart_by_the_sender)
{
	struct source *a = add("a", 1000, "192.0.2.1");
	struct source *b = add("b", 1000, "2001:db8::1"), *got;
	(void)from("192.0.2.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, a);
	(void)from("2001:db8::1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, b);
	ck_assert_ptr_null(from("192.0.2.2", 1000, 9, 1, &got));
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(the_longest_prefix_wins)
{
	struct source *a = add("a", 1000, "10.0.0.0/8");
	struct source *b = add("b", 1000, "10.1.0.0/16");
	struct source *c = add("c", 1000, "10.1.2.3"), *got;
	(void)from("10.200.0.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, a);
	(void)from("10.1.200.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, b);
	(void)from("10.1.2.3", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, c);
	ck_assert_ptr_null(from("11.0.0.1", 1000, 9, 1, &got));
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(a_source_may_take_its_own_only)
{
	struct source *a = add("a", 1000, "10.0.0.0/8"), *got;
	a->only_ips = true;
	(void)from("10.0.0.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, a);
	(void)from("192.0.2.1", 1000, 9, 1, &got);
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(an_exporter_is_address_version_and_id)
{
	struct source *a = add("a", 1000, NULL), *got;
	struct sender *x = from("192.0.2.1", 1000, 9, 1, &got);
	ck_assert_uint_eq(x->e.sysid, 1);
	ck_assert_ptr_eq(from("192.0.2.1", 1000, 9, 1, &got), x);
	ck_assert_ptr_ne(from("192.0.2.1", 1000, 9, 2, &got), x);
	ck_assert_ptr_ne(from("192.0.2.1", 1000, 5, 1, &got), x);
	ck_assert_ptr_ne(from("192.0.2.2", 1000, 9, 1, &got), x);
	ck_assert_uint_eq(a->n_senders, 4);
	ck_assert_uint_eq(a->last_sysid, 4);
	/* No known version: nobody's exporter, but the source's datagram. */
	ck_assert_ptr_null(from("192.0.2.1", 1000, 8, 1, &got));
	ck_assert_ptr_eq(got, a);
}
END_TEST

START_TEST(many_exporters_are_found_again_and_are_bounded)
{
	struct source *a = add("a", 1000, NULL), *got;
	uint8_t data[20] = { 0, 9 };
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i <= DECODE_EXPORTERS_MAX; i++) {
			struct ring_head h = { .port = 1000,
				.from = addr_v4(i),
				.len = sizeof(data) };
			struct sender *x = sender_find(&ss, &h, data, &got);
			ck_assert((x != NULL) == (i < DECODE_EXPORTERS_MAX));
			ck_assert(x == NULL || x->e.ip.lo == i);
		}
	ck_assert_uint_eq(a->n_senders, DECODE_EXPORTERS_MAX);
	/* The silent ones make room. */
	for (struct sender *x = a->senders; x != NULL; x = x->next_sibling)
		x->e.last_seen_ms =
		    (int64_t)(x->e.ip.lo < 100 ? 2 : 1) * SENDERS_IDLE_MS;
	senders_expire(&ss, 2 * SENDERS_IDLE_MS + 1);
	ck_assert_uint_eq(a->n_senders, 100);
	/* They are few: a week. */
	senders_expire(&ss, 2 * SENDERS_IDLE_MS + KEEP_AGE_MS);
	ck_assert_uint_eq(a->n_senders, 100);
	senders_expire(&ss, 2 * SENDERS_IDLE_MS + KEEP_AGE_MS + 1);
	ck_assert_uint_eq(a->n_senders, 0);
}
END_TEST

START_TEST(limits_hold_for_what_comes_after_them)
{
	struct sources_limits limits = SOURCES_LIMITS;
	struct source *a = add("a", 1000, NULL), *got;
	for (uint32_t id = 1; id <= 4; id++)
		ck_assert_ptr_nonnull(from("192.0.2.1", 1000, 9, id, &got));
	limits.exporters = 2;
	sources_limit(&ss, &limits);
	ck_assert_uint_eq(a->n_senders, 4);
	ck_assert_ptr_nonnull(from("192.0.2.1", 1000, 9, 4, &got));
	ck_assert_ptr_null(from("192.0.2.1", 1000, 9, 5, &got));
	ck_assert_ptr_eq(got, a);
	limits.exporters = 5;
	sources_limit(&ss, &limits);
	ck_assert_ptr_nonnull(from("192.0.2.1", 1000, 9, 5, &got));
	ck_assert_ptr_null(from("192.0.2.1", 1000, 9, 6, &got));
	/* Few or many: an idle time below the ten minutes is the one. */
	limits.exporter_idle_ms = 60000;
	sources_limit(&ss, &limits);
	int64_t last = 0;
	for (struct sender *x = a->senders; x != NULL; x = x->next_sibling)
		x->e.last_seen_ms = last += 1000;
	senders_expire(&ss, 60000 + 3000);
	ck_assert_uint_eq(a->n_senders, 3);
	senders_expire(&ss, 60000 + 5001);
	ck_assert_uint_eq(a->n_senders, 0);
}
END_TEST

START_TEST(removal_takes_the_exporters_along)
{
	struct source *a = add("a", 1000, "192.0.2.1"), *got;
	struct source *b = add("b", 1000, "192.0.2.2");
	(void)from("192.0.2.1", 1000, 9, 1, &got);
	struct sender *x = from("192.0.2.2", 1000, 9, 1, &got);
	source_remove(&ss, a);
	ck_assert_uint_eq(ss.n_senders, 1);
	ck_assert_ptr_eq(from("192.0.2.2", 1000, 9, 1, &got), x);
	/* Alone now: everybody's; with a companion not any more. */
	(void)from("192.0.2.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, b);
	struct source *c = add("c", 1000, "192.0.2.1");
	senders_recheck(&ss);
	ck_assert_uint_eq(b->n_senders, 1);
	(void)from("192.0.2.1", 1000, 9, 1, &got);
	ck_assert_ptr_eq(got, c);
	ck_assert_ptr_eq(source_find(&ss, "c"), c);
	ck_assert_ptr_null(source_find(&ss, "a"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sources");
	TCase *t = tcase_create("slots");
	tcase_add_loop_test(t, a_slot_ends_by_the_wall_clock, 0,
	    sizeof(clocks) / sizeof(*clocks));
	suite_add_tcase(s, t);
	t = tcase_create("sources");
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_source_alone_on_its_port_takes_everybody);
	tcase_add_test(t, sources_on_one_port_are_told_apart_by_the_sender);
	tcase_add_test(t, the_longest_prefix_wins);
	tcase_add_test(t, a_source_may_take_its_own_only);
	tcase_add_test(t, an_exporter_is_address_version_and_id);
	tcase_add_test(t, many_exporters_are_found_again_and_are_bounded);
	tcase_add_test(t, limits_hold_for_what_comes_after_them);
	tcase_add_test(t, removal_takes_the_exporters_along);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
