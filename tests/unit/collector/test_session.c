/* Exporters over TCP: what a connection brings goes with it. */
#include <check.h>
#include <stdio.h>

#include "collector/source.h"

static struct sources ss;
static struct session_refusals refusals;
static struct source *src;

#define A (5U << SESSION_BITS | 1)
#define B (6U << SESSION_BITS | 2)
#define C (7U << SESSION_BITS | 1) /* in the slot of A */

static void
setup(void)
{
	struct flowfile_spec spec = { .ident = "src", .cycletime = 300 };
	sources_init(&ss);
	refusals = (struct session_refusals){ 0 };
	ss.refusals = &refusals;
	src = source_add(&ss, &spec, 4739);
}

static void
teardown(void)
{
	sources_free(&ss);
}

static struct sender *
from(uint32_t session, uint8_t domain)
{
	uint8_t data[16] = { 0, 10, 0, 16 };
	struct ring_head h = { .len = sizeof(data),
		.port = 4739,
		.session = session,
		.from = addr_v4(0xc0000201) };
	struct source *s;
	data[15] = domain;
	struct sender *x = sender_find(&ss, &h, data, &s);
	ck_assert_ptr_eq(s, src);
	ck_assert_ptr_nonnull(x);
	return x;
}

/* Give it a template, and a place in its sequence. */
static void
teach(struct sender *x)
{
	static const uint8_t wire[] = { 1, 0, 0, 1, 0, 1, 0, 4 };
	struct decode_template t = { .p = wire, .len = sizeof(wire) };
	ck_assert(exporter_template_load(&x->e, &t));
	x->e.sequence.known = true;
}

static bool
knows(const struct sender *x)
{
	size_t pos = 0;
	struct decode_template t;
	bool has = exporter_template_next(&x->e, &pos, &t);
	ck_assert(has == x->e.sequence.known);
	return has;
}

START_TEST(each_connection_has_exporters_of_its_own)
{
	struct sender *udp = from(0, 1);
	struct sender *a = from(A, 1), *b = from(B, 1);
	ck_assert_ptr_ne(udp, a);
	ck_assert_ptr_ne(udp, b);
	ck_assert_ptr_ne(a, b);
	teach(a);
	ck_assert(!knows(b));
	ck_assert(!knows(udp));
	ck_assert_ptr_eq(from(A, 1), a);
	ck_assert_ptr_eq(from(B, 1), b);
	ck_assert_ptr_eq(from(0, 1), udp);
	ck_assert_ptr_ne(from(A, 2), a);
	ck_assert_uint_eq(ss.n_senders, 4);
}
END_TEST

START_TEST(the_end_takes_templates_and_leaves_the_counters)
{
	struct sender *a1 = from(A, 1), *a2 = from(A, 2), *b = from(B, 1);
	teach(a1);
	teach(a2);
	teach(b);
	a1->e.stats.flows = 7;
	session_end(&ss, A);
	ck_assert(!knows(a1));
	ck_assert(!knows(a2));
	ck_assert(knows(b));
	/* The next connection goes on as the same exporter. */
	ck_assert_ptr_eq(from(C, 1), a1);
	ck_assert_ptr_eq(from(C, 2), a2);
	ck_assert_uint_eq(a1->e.stats.flows, 7);
	ck_assert_uint_eq(a1->session, C);
	ck_assert_uint_eq(src->n_senders, 3);
	/* An end that is late has nothing to do with it. */
	teach(a1);
	session_end(&ss, A);
	ck_assert(knows(a1));
	session_end(&ss, C);
	ck_assert(!knows(a1));
	ck_assert(knows(b));
}
END_TEST

START_TEST(a_thousand_reconnects_are_one_exporter)
{
	struct sender *first = from(A, 1);
	session_end(&ss, A);
	for (uint32_t i = 1; i <= 1000; i++) {
		uint32_t session = i << SESSION_BITS | i % 7;
		ck_assert_ptr_eq(from(session, 1), first);
		session_end(&ss, session);
	}
	ck_assert_uint_eq(ss.n_senders, 1);
	ck_assert_uint_eq(first->e.sysid, 1);
}
END_TEST

START_TEST(a_session_that_lost_an_exporter_is_refused)
{
	(void)from(A, 1);
	(void)from(A, 2);
	(void)from(B, 1);
	session_end(&ss, B);
	source_remove(&ss, src);
	ck_assert_uint_eq(atomic_load(&refusals.session[session_slot(A)]), A);
	/* That one has ended by itself. */
	ck_assert_uint_eq(atomic_load(&refusals.session[session_slot(B)]), 0);
	ck_assert_ptr_null(ss.sessions[session_slot(A)]);
	session_end(&ss, A);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session");
	TCase *t = tcase_create("session");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_connection_has_exporters_of_its_own);
	tcase_add_test(t, the_end_takes_templates_and_leaves_the_counters);
	tcase_add_test(t, a_thousand_reconnects_are_one_exporter);
	tcase_add_test(t, a_session_that_lost_an_exporter_is_refused);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
