/* Which rule of sampling applies, over the ways exporters announce it. */
#include "decode/sampling.h"

#include "build.h"

#define MAX_FIELDS 6

/*
 * One options record, its fields by element (values: 48, 302: 7; 34, 50:
 * 100; 305: 2; 306: 98, or `space`; 309: 5; 310: 500; 10: interface 3), and
 * the factor, as numerator, for records with sampler 7, with sampler 8, and
 * with none; all come through interface 3.
 */
static const struct {
	uint16_t element[MAX_FIELDS];
	uint32_t with, other, none;
	const char *rule; /* of the record with sampler 7 */
} matrix[] = {
	{ { 34 }, 100, 100, 100, "generic: 1 of 100, 3 flows" },
	{ { 34, 35 }, 100, 100, 100, "generic: 1 of 100, 3 flows" },
	{ { 304, 306 }, 98, 98, 98, "generic: 1 of 98, 3 flows" },
	{ { 49, 50 }, 100, 100, 100, "generic: 1 of 100, 3 flows" },
	{ { 304, 50 }, 100, 100, 100, "generic: 1 of 100, 3 flows" },
	{ { 304, 305, 306 }, 50, 50, 50, "generic: 2 of 100, 3 flows" },
	{ { 305, 306 }, 50, 50, 50, "generic: 2 of 100, 3 flows" },
	{ { 306 }, 98, 98, 98, "generic: 1 of 98, 3 flows" },
	{ { 50 }, 100, 100, 100, "generic: 1 of 100, 3 flows" },
	{ { 302, 304, 305, 306 }, 50, 1, 1, "id 7: 2 of 100, 1 flows" },
	{ { 302, 304, 306 }, 98, 1, 1, "id 7: 1 of 98, 1 flows" },
	{ { 48, 49, 50 }, 100, 1, 1, "id 7: 1 of 100, 1 flows" },
	{ { 302, 304, 50 }, 100, 1, 1, "id 7: 1 of 100, 1 flows" },
	{ { 302, 305, 306 }, 50, 1, 1, "id 7: 2 of 100, 1 flows" },
	{ { 302, 306 }, 98, 1, 1, "id 7: 1 of 98, 1 flows" },
	{ { 48, 50 }, 100, 1, 1, "id 7: 1 of 100, 1 flows" },
	{ { 34, 302 }, 100, 1, 1, "id 7: 1 of 100, 1 flows" },
	{ { 34, 48 }, 100, 1, 1, "id 7: 1 of 100, 1 flows" },
	{ { 302, 305 }, 1, 1, 1, NULL },
	{ { 305 }, 1, 1, 1, NULL },
	{ { 302, 304, 305 }, 1, 1, 1, NULL },
	{ { 309, 310 }, 100, 100, 100, "generic: 5 of 500, 3 flows" },
	{ { 10, 34 }, 100, 100, 100, "interface 3: 1 of 100, 3 flows" },
	{ { 10, 305, 306 }, 50, 50, 50, "interface 3: 2 of 100, 3 flows" },
};
#define MATRIX (sizeof(matrix) / sizeof(matrix[0]))

static uint64_t
value_of(uint16_t element)
{
	switch (element) {
	case 10:
		return 3;
	case 34:
	case 50:
		return 100;
	case 48:
	case 302:
		return 7;
	case 305:
		return 2;
	case 306:
		return 98;
	case 309:
		return 5;
	case 310:
		return 500;
	default:
		return 1;
	}
}

static bool v9;

static void
start(void)
{
	if (v9)
		v9_header(1000, (uint32_t)ex.stats.datagrams);
	else
		ipfix_header(0);
}

static void
finish(void)
{
	if (v9)
		feed();
	else
		ipfix_feed();
}

/* An options template and one record of it, from elements of 4 bytes. */
static void
put_options(const uint16_t *element, uint64_t value(uint16_t element))
{
	unsigned n = 0;
	while (n < MAX_FIELDS && element[n] != 0)
		n++;
	size_t at = set_open(v9 ? 1 : 3);
	put(2, 256);
	if (v9)
		puts_be(2, UINT64_C(4), 2, n * UINT64_C(4), 2, UINT64_C(1), 2,
		    UINT64_C(4), 0);
	else
		puts_be(2, n + UINT64_C(1), 2, UINT64_C(1), 2, UINT64_C(149), 2,
		    UINT64_C(4), 0);
	for (unsigned i = 0; i < n; i++)
		puts_be(2, (uint64_t)element[i], 2, UINT64_C(4), 0);
	set_close(at);
	at = set_open(256);
	put(4, 1);
	for (unsigned i = 0; i < n; i++)
		put(4, value(element[i]));
	set_close(at);
}

/* Templates 300 with a sampler, 301 without. */
static void
put_templates(void)
{
	unsigned set = v9 ? 0 : 2;
	put_template((uint16_t)set, 300, 1, 8, 2, 8, 24, 4, 10, 4, 14, 4, 302,
	    4, -1);
	put_template((uint16_t)set, 301, 1, 8, 2, 8, 24, 4, 10, 4, 14, 4, -1);
}

/* bytes 1000, packets 10, out packets 4, through 3 to `out_if` */
static void
put_flow(uint16_t template, uint32_t out_if, uint32_t sampler)
{
	size_t at = set_open(template);
	puts_be(8, UINT64_C(1000), 8, UINT64_C(10), 4, UINT64_C(4), 4,
	    UINT64_C(3), 4, (uint64_t)out_if, 0);
	if (template == 300)
		put(4, sampler);
	set_close(at);
}

static void
check_flow(const struct flow *f, uint64_t factor)
{
	ck_assert_uint_eq(f->bytes, 1000 * factor);
	ck_assert_uint_eq(f->packets, 10 * factor);
	ck_assert_uint_eq(f->out_packets, 4 * factor);
	ck_assert_uint_eq(f->flags, factor > 1 ? FLOW_SAMPLED : 0);
}

/* The first rule that was applied, as text. */
static const char *
rule_used(void)
{
	static char buf[SAMPLER_STRLEN];
	size_t n;
	const struct sampler *s = exporter_samplers(&ex, &n);
	for (size_t i = 0; i < n; i++)
		if (s[i].flows != 0)
			return sampler_str(&s[i], buf);
	return NULL;
}

START_TEST(what_options_announce_applies_to_whom_it_is_for)
{
	v9 = _i % 2 == 0;
	size_t m = (size_t)_i / 2;
	begin(v9 ? 9 : 10, 1);
	start();
	put_options(matrix[m].element, value_of);
	put_templates();
	put_flow(300, 4, 7);
	put_flow(300, 4, 8);
	put_flow(301, 4, 0);
	finish();
	ck_assert_uint_eq(n_got, 3);
	check_flow(&got[0], matrix[m].with);
	check_flow(&got[1], matrix[m].other);
	check_flow(&got[2], matrix[m].none);
	ck_assert_pstr_eq(rule_used(), matrix[m].rule);
	ck_assert_uint_eq(ex.stats.refused, 0);
}
END_TEST

static uint64_t
zero_id(uint16_t element)
{
	return element == 302 ? 0 : value_of(element);
}

START_TEST(id_0_means_all_of_the_exporter)
{
	static const uint16_t element[MAX_FIELDS] = { 302, 304, 306 };
	v9 = false;
	begin(10, 1);
	start();
	put_options(element, zero_id);
	put_templates();
	put_flow(300, 4, 0);
	put_flow(300, 4, 9);
	put_flow(301, 4, 0);
	finish();
	for (int i = 0; i < 3; i++)
		check_flow(&got[i], 98);
}
END_TEST

START_TEST(an_interface_counts_in_the_direction_of_the_flow)
{
	static const uint16_t element[MAX_FIELDS] = { 14, 34 };
	v9 = true;
	begin(9, 1);
	start();
	put_options(element, value_of); /* 14: interface 1 */
	put_templates();
	put_flow(301, 4, 0);
	put_flow(301, 1, 0);
	finish();
	check_flow(&got[0], 1);
	check_flow(&got[1], 100);
}
END_TEST

/* v9 has a scope for it. */
START_TEST(a_v9_scope_names_an_interface)
{
	v9 = true;
	begin(9, 1);
	start();
	size_t at = set_open(1);
	puts_be(2, UINT64_C(256), 2, UINT64_C(4), 2, UINT64_C(4), 2,
	    UINT64_C(2), 2, UINT64_C(4), 2, UINT64_C(34), 2, UINT64_C(4), 0);
	set_close(at);
	at = set_open(256);
	puts_be(4, UINT64_C(3), 4, UINT64_C(20), 0);
	puts_be(4, UINT64_C(5), 4, UINT64_C(30), 0);
	set_close(at);
	put_templates();
	put_flow(301, 5, 0);
	finish();
	check_flow(&got[0], 20);
	ck_assert_str_eq(rule_used(), "interface 3: 1 of 20, 1 flows");
}
END_TEST

START_TEST(all_samplers_of_a_set_are_learnt_and_may_change)
{
	v9 = true;
	begin(9, 1);
	for (uint64_t round = 1; round <= 2; round++) {
		start();
		size_t at = set_open(1);
		puts_be(2, UINT64_C(256), 2, UINT64_C(4), 2, UINT64_C(8), 2,
		    UINT64_C(1), 2, UINT64_C(4), 2, UINT64_C(48), 2,
		    UINT64_C(2), 2, UINT64_C(50), 2, UINT64_C(4), 0);
		set_close(at);
		at = set_open(256);
		for (uint64_t id = 1; id <= 3; id++)
			puts_be(4, UINT64_C(9), 2, id, 4, id * 10 * round, 0);
		set_close(at);
		put_templates();
		for (uint32_t id = 1; id <= 3; id++)
			put_flow(300, 4, id);
		finish();
		for (uint64_t id = 1; id <= 3; id++)
			check_flow(&got[id - 1], id * 10 * round);
	}
}
END_TEST

START_TEST(options_that_come_later_apply_from_then_on)
{
	static const uint16_t element[MAX_FIELDS] = { 34 };
	v9 = false;
	begin(10, 1);
	start();
	put_templates();
	put_flow(301, 4, 0);
	put_options(element, value_of);
	put_flow(301, 4, 0);
	finish();
	check_flow(&got[0], 1);
	check_flow(&got[1], 100);
}
END_TEST

START_TEST(a_record_may_carry_its_own_rate)
{
	static const uint16_t element[MAX_FIELDS] = { 34 };
	v9 = true;
	begin(9, 1);
	start();
	put_options(element, value_of);
	put_template(0, 302, 1, 8, 2, 8, 24, 4, 34, 4, -1);
	put_template(0, 303, 1, 8, 2, 8, 24, 4, 305, 4, 306, 4, -1);
	size_t at = set_open(302);
	for (uint64_t rate = 0; rate < 3; rate++)
		puts_be(8, UINT64_C(1000), 8, UINT64_C(10), 4, UINT64_C(4), 4,
		    rate * 25, 0);
	set_close(at);
	at = set_open(303);
	puts_be(8, UINT64_C(1000), 8, UINT64_C(10), 4, UINT64_C(4), 4,
	    UINT64_C(2), 4, UINT64_C(4), 0);
	set_close(at);
	finish();
	check_flow(&got[0], 100); /* 0 says nothing: the options' */
	check_flow(&got[1], 25);
	check_flow(&got[2], 50);
	check_flow(&got[3], 3);
}
END_TEST

START_TEST(the_configuration_helps_out_or_overrides)
{
	static const uint16_t element[MAX_FIELDS] = { 302, 304, 306 };
	static struct decode_opts opts;
	v9 = false;
	begin(10, 1);
	ex.opts = &opts;
	opts = (struct decode_opts){ .sampling = 5 };
	start();
	put_options(element, value_of);
	put_templates();
	put_flow(300, 4, 7);
	put_flow(301, 4, 0);
	finish();
	check_flow(&got[0], 98);
	check_flow(&got[1], 5);
	opts = (struct decode_opts){ .sampling = 5, .sampling_override = 3 };
	start();
	put_flow(300, 4, 7);
	put_flow(301, 4, 0);
	finish();
	check_flow(&got[0], 3);
	check_flow(&got[1], 3);
	ck_assert_str_eq(rule_used(), "override: 1 of 3, 2 flows");
	opts = (struct decode_opts){ .sampling_override = 1 };
	start();
	put_flow(300, 4, 7);
	finish();
	check_flow(&got[0], 1);
}
END_TEST

static uint64_t
garbage(uint16_t element)
{
	return element == 302 ? 7 : UINT32_MAX;
}

START_TEST(garbage_is_counted_and_not_applied)
{
	static const uint16_t element[MAX_FIELDS] = { 302, 304, 306 };
	v9 = false;
	begin(10, 1);
	start();
	put_options(element, garbage);
	put_templates();
	put_flow(300, 4, 7);
	finish();
	check_flow(&got[0], 1);
	ck_assert_uint_eq(ex.stats.refused, 1);
	ck_assert_ptr_null(rule_used());
}
END_TEST

START_TEST(counters_stop_at_the_greatest_number)
{
	static const uint16_t element[MAX_FIELDS] = { 34 };
	v9 = false;
	begin(10, 1);
	start();
	put_options(element, value_of);
	put_template(2, 300, 1, 8, 2, 8, -1);
	size_t at = set_open(300);
	puts_be(8, UINT64_MAX / 2, 8, UINT64_C(3), 0);
	set_close(at);
	finish();
	ck_assert_uint_eq(got[0].bytes, UINT64_MAX);
	ck_assert_uint_eq(got[0].packets, 300);
}
END_TEST

START_TEST(samplers_are_bounded_and_rules_apply_without_room)
{
	static struct decode_opts opts = { .sampling = 5 };
	struct budget b = { 0 };
	v9 = false;
	begin(10, 1);
	ex.budget = &b;
	ex.opts = &opts;
	ipfix_header(0);
	ipfix_feed();
	b.left = 2000;
	start();
	put_template(2, 300, 1, 8, 2, 8, -1);
	finish();
	b.left = 0;
	start();
	size_t at = set_open(300);
	puts_be(8, UINT64_C(1000), 8, UINT64_C(10), 0);
	set_close(at);
	finish();
	ck_assert_uint_eq(got[0].bytes, 5000);
	exporter_free(&ex);
	ck_assert_uint_gt(b.left, 0);
	ex.budget = NULL;
}
END_TEST

/* ---- NetFlow v5 ----------------------------------------------------------- */

static void
v5(uint32_t sequence, uint16_t sampling)
{
	puts_be(2, UINT64_C(5), 2, UINT64_C(1), 4, UINT64_C(1000), 4,
	    (uint64_t)NOW_S, 4, UINT64_C(0), 4, (uint64_t)sequence, 2,
	    UINT64_C(0), 2, (uint64_t)sampling, 0);
	puts_be(8, UINT64_C(1), 8, UINT64_C(2), 4, UINT64_C(10), 4,
	    UINT64_C(1000), 8, UINT64_C(0), 8, UINT64_C(0), 8, UINT64_C(0), 0);
	feed();
}

static const struct {
	uint16_t header;
	uint64_t factor;
} headers[] = {
	{ 0, 1 },
	{ 1, 1 },
	{ 0x4002, 2 }, /* nfdump leaves this one out */
	{ 0x4003, 3 },
	{ 0x3fff, 16383 },
	{ 0xffff, 16383 },
	{ 0xc000, 1 },
};

START_TEST(a_v5_header_says_the_interval)
{
	begin(5, 0);
	v5(0, headers[_i].header);
	ck_assert_uint_eq(got[0].bytes, 1000 * headers[_i].factor);
	ck_assert_uint_eq(got[0].packets, 10 * headers[_i].factor);
	/* It may change, and end. */
	v5(1, 10);
	ck_assert_uint_eq(got[0].bytes, 10000);
	uint32_t changed = ex.samplers_changed;
	v5(2, 10);
	ck_assert_uint_eq(ex.samplers_changed, changed);
	v5(3, 0);
	ck_assert_uint_eq(got[0].bytes, 1000);
	ck_assert_uint_eq(got[0].flags, 0);
	ck_assert_uint_eq(ex.samplers_changed, changed + 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sampling");
	TCase *t = tcase_create("rules");
	tcase_add_loop_test(t, what_options_announce_applies_to_whom_it_is_for,
	    0, 2 * MATRIX);
	tcase_add_test(t, id_0_means_all_of_the_exporter);
	tcase_add_test(t, an_interface_counts_in_the_direction_of_the_flow);
	tcase_add_test(t, a_v9_scope_names_an_interface);
	tcase_add_test(t, all_samplers_of_a_set_are_learnt_and_may_change);
	tcase_add_test(t, options_that_come_later_apply_from_then_on);
	tcase_add_test(t, a_record_may_carry_its_own_rate);
	tcase_add_test(t, the_configuration_helps_out_or_overrides);
	tcase_add_test(t, garbage_is_counted_and_not_applied);
	tcase_add_test(t, counters_stop_at_the_greatest_number);
	tcase_add_test(t, samplers_are_bounded_and_rules_apply_without_room);
	tcase_add_loop_test(t, a_v5_header_says_the_interval, 0,
	    sizeof(headers) / sizeof(headers[0]));
	suite_add_tcase(s, t);
	return run_suite(s);
}
