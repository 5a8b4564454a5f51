/* Addresses: text both ways, prefixes, sockets, order. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"

static struct addr
must_parse(const char *s)
{
	struct addr a;
	ck_assert_msg(addr_parse(s, &a), "'%s'", s);
	return a;
}

static struct prefix
must_prefix(const char *s)
{
	struct prefix p;
	ck_assert_msg(prefix_parse(s, &p), "'%s'", s);
	return p;
}

/* Text, and how it is printed: RFC 5952. */
static const struct {
	const char *in, *out;
} texts[] = {
	{ "0.0.0.0", "0.0.0.0" },
	{ "10.1.2.3", "10.1.2.3" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "fe80::0001", "fe80::1" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::ffff:10.0.0.1", "::ffff:10.0.0.1" },
};

START_TEST(an_address_prints_in_its_shortest_form)
{
	char buf[ADDR_STRLEN];
	struct addr a = must_parse(texts[_i].in);
	ck_assert_str_eq(addr_str(&a, buf), texts[_i].out);
}
END_TEST

static const char *const no_addresses[] = { "", "10.1.2", "10.1.2.3.4",
	"10.1.2.256", " 10.1.2.3", "10.1.2.3 ", "::1::", "1:2:3:4:5:6:7:8:9",
	"12345::", "fe80::1%eth0", "host", "10.0.0.0/8" };

START_TEST(what_is_no_full_address_leaves_the_result_alone)
{
	struct addr a = addr_v4(42);
	ck_assert_msg(!addr_parse(no_addresses[_i], &a), "'%s'",
	    no_addresses[_i]);
	ck_assert_uint_eq(a.lo, 42);
}
END_TEST

START_TEST(words_hold_the_address_in_host_order)
{
	struct addr a = must_parse("1.2.3.4");
	ck_assert_uint_eq(a.lo, 0x01020304);
	ck_assert_uint_eq(a.hi, 0);
	a = must_parse("2001:db8::5");
	ck_assert_uint_eq(a.hi, UINT64_C(0x20010db800000000));
	ck_assert_uint_eq(a.lo, 5);
}
END_TEST

START_TEST(the_families_are_never_equal)
{
	struct addr v4 = must_parse("1.2.3.4");
	struct addr v6 = must_parse("::1.2.3.4");
	ck_assert_uint_eq(v4.lo, v6.lo);
	ck_assert(!addr_eq(&v4, &v6));
	ck_assert_int_lt(addr_cmp(&v4, &v6), 0);
	ck_assert_int_gt(addr_cmp(&v6, &v4), 0);
}
END_TEST

START_TEST(order_is_by_value_within_a_family)
{
	static const char *const up[] = { "0.0.0.1", "9.255.255.255",
		"10.0.0.0", "200.0.0.0", "::", "::1", "1::", "ffff::" };
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++)
		for (size_t j = 0; j < sizeof(up) / sizeof(*up); j++) {
			struct addr a = must_parse(up[i]);
			struct addr b = must_parse(up[j]);
			int want = i < j ? -1 : i > j;
			ck_assert_int_eq(addr_cmp(&a, &b), want);
			ck_assert_int_eq(addr_eq(&a, &b), want == 0);
		}
}
END_TEST

static const struct {
	const char *in, *out;
} prefixes[] = {
	{ "10.1.2.3/0", "0.0.0.0/0" },
	{ "10.1.2.3/8", "10.0.0.0/8" },
	{ "10.1.2.3/31", "10.1.2.2/31" },
	{ "10.1.2.3/32", "10.1.2.3/32" },
	{ "ffff:ffff:ffff:ffff:ffff::/0", "::/0" },
	{ "ffff:ffff:ffff:ffff:ffff::/1", "8000::/1" },
	{ "2001:db8:1:2:3::/63", "2001:db8:1:2::/63" },
	{ "2001:db8:1:3:3::/63", "2001:db8:1:2::/63" },
	{ "2001:db8:1:2:3::/64", "2001:db8:1:2::/64" },
	{ "2001:db8:1:2:ffff::/65", "2001:db8:1:2:8000::/65" },
	{ "::ffff/127", "::fffe/127" },
	{ "::ffff/128", "::ffff/128" },
};

START_TEST(a_prefix_loses_its_host_bits)
{
	char buf[PREFIX_STRLEN];
	struct prefix p = must_prefix(prefixes[_i].in);
	ck_assert_str_eq(prefix_str(&p, buf), prefixes[_i].out);
}
END_TEST

static const char *const no_prefixes[] = { "", "/8", "10.0.0.0", "10.0.0.0/",
	"10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8",
	"10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.0/18446744073709551617",
	"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/1", "10/8" };

START_TEST(what_is_no_prefix_leaves_the_result_alone)
{
	struct prefix p = { .len = 77 };
	ck_assert_msg(!prefix_parse(no_prefixes[_i], &p), "'%s'",
	    no_prefixes[_i]);
	ck_assert_uint_eq(p.len, 77);
}
END_TEST

static const struct {
	const char *prefix, *addr;
	bool in;
} members[] = {
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "0.0.0.0/0", "255.1.2.3", true },
	{ "0.0.0.0/0", "::", false },
	{ "::/0", "0.0.0.0", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::/96", "2001:db8::1:0:0", false },
	{ "2001:db8::/96", "2001:db8::ffff:ffff", true },
	{ "::1/128", "::1", true },
	{ "::1/128", "::2", false },
};

START_TEST(a_prefix_has_the_addresses_of_its_family_below_it)
{
	struct prefix p = must_prefix(members[_i].prefix);
	struct addr a = must_parse(members[_i].addr);
	ck_assert_int_eq(prefix_has(&p, &a), members[_i].in);
}
END_TEST

START_TEST(a_socket_address_survives_the_way_there_and_back)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) - 1; i++) {
		struct sockaddr_storage ss;
		struct addr a = must_parse(texts[i].in), b;
		uint16_t port;
		socklen_t n = addr_to_sockaddr(&a, 9995, &ss);
		ck_assert_uint_eq(n, a.family == ADDR_V4
					 ? sizeof(struct sockaddr_in)
					 : sizeof(struct sockaddr_in6));
		ck_assert(
		    addr_from_sockaddr((struct sockaddr *)&ss, &b, &port));
		ck_assert(addr_eq(&a, &b));
		ck_assert_uint_eq(port, 9995);
	}
}
END_TEST

START_TEST(a_mapped_socket_address_is_ipv4)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(53) };
	struct addr a, want = must_parse("192.0.2.1");
	uint16_t port;
	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.1",
			     &in6.sin6_addr),
	    1);
	ck_assert(addr_from_sockaddr((struct sockaddr *)&in6, &a, &port));
	ck_assert(addr_eq(&a, &want));
	ck_assert_uint_eq(port, 53);
}
END_TEST

START_TEST(other_socket_families_have_no_address)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct addr a;
	uint16_t port;
	ck_assert(!addr_from_sockaddr(&sa, &a, &port));
}
END_TEST

START_TEST(no_address_prints_as_a_dash)
{
	char buf[ADDR_STRLEN];
	struct addr a = { 0 };
	ck_assert_str_eq(addr_str(&a, buf), "-");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base addr");
	TCase *t = tcase_create("addr");
	tcase_add_loop_test(t, an_address_prints_in_its_shortest_form, 0,
	    sizeof(texts) / sizeof(*texts));
	tcase_add_loop_test(t, what_is_no_full_address_leaves_the_result_alone,
	    0, sizeof(no_addresses) / sizeof(*no_addresses));
	tcase_add_test(t, words_hold_the_address_in_host_order);
	tcase_add_test(t, the_families_are_never_equal);
	tcase_add_test(t, order_is_by_value_within_a_family);
	tcase_add_loop_test(t, a_prefix_loses_its_host_bits, 0,
	    sizeof(prefixes) / sizeof(*prefixes));
	tcase_add_loop_test(t, what_is_no_prefix_leaves_the_result_alone, 0,
	    sizeof(no_prefixes) / sizeof(*no_prefixes));
	tcase_add_loop_test(t,
	    a_prefix_has_the_addresses_of_its_family_below_it, 0,
	    sizeof(members) / sizeof(*members));
	tcase_add_test(t, a_socket_address_survives_the_way_there_and_back);
	tcase_add_test(t, a_mapped_socket_address_is_ipv4);
	tcase_add_test(t, other_socket_families_have_no_address);
	tcase_add_test(t, no_address_prints_as_a_dash);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
