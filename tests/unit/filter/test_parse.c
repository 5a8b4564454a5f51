#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct filter *
parse(const char *text, struct filter_error *fe)
{
	return filter_parse(text, strlen(text), fe);
}

/* Text and its normal form. */
static const struct {
	const char *text;
	const char *normal;
} forms[] = {
	{ "", "any" },
	{ " # nothing\n", "any" },
	{ "any", "any" },
	{ "NOT Any", "not any" },
	{ "not not proto tcp", "proto tcp" },
	{ "not (not (proto tcp))", "proto tcp" },
	{ "!!!proto tcp", "not proto tcp" },
	{ "proto 6", "proto tcp" },
	{ "proto 0x11", "proto udp" },
	{ "proto 38", "proto 38" },
	{ "proto 107", "proto 107" },
	{ "proto t", "proto tcp" },
	{ "proto 200", "proto 200" },
	{ "inet or inet6", "ipv4 or ipv6" },
	{ "port=80", "port 80" },
	{ "src port=80", "src port 80" },
	{ "port eq 80", "port 80" },
	{ "dst port gt 1k", "dst port > 1000" },
	{ "src or dst port 80", "port 80" },
	{ "dst and src port 80", "src and dst port 80" },
	{ "src or dst tos 3", "src or dst tos 3" },
	{ "port in [80,443, 8080]", "port in [ 80 443 8080 ]" },
	{ "src ip in[10.0.0.1]", "src ip in [ 10.0.0.1 ]" },
	{ "host ::FFFF:1.2.3.4", "ip ::ffff:1.2.3.4" },
	{ "ip in [10.1.2.0/24, 172.16.0.0/12 2001:DB8::/32 ::1]",
	    "ip in [ 10.1.2.0/24 172.16.0.0/12 2001:db8::/32 ::1 ]" },
	{ "net 10.1.2.3/24", "net 10.1.2.0/24" },
	{ "src net 172.16/12", "src net 172.16.0.0/12" },
	{ "net 192.168.1 / 24", "net 192.168.1.0/24" },
	{ "net 10.1.2.3 255.0.0.0", "net 10.0.0.0/8" },
	{ "net 10.1.2.3 255.0.255.0", "net 10.0.2.0 255.0.255.0" },
	{ "net 0.0.0.0/0", "net 0.0.0.0/0" },
	{ "net ::/0", "net ::/0" },
	{ "flags AS", "flags SA" },
	{ "flags SA and not flags R", "flags SA and not flags R" },
	{ "flags X", "flags FSRPAU" },
	{ "flags FSRPAUX", "flags FSRPAU" },
	{ "flags EC", "flags EC" },
	{ "flags S and not flags AFRPU", "flags S and not flags FRPAU" },
	{ "not (not flags SA)", "flags SA" },
	{ "flags =S", "flags 2" },
	{ "flags > 10", "flags > 10" },
	{ "packets > 1K", "packets > 1000" },
	{ "in packets > 10", "in packets > 10" },
	{ "bytes>=0x400", "bytes >= 1024" },
	{ "bytes > 18446744073709551615", "bytes > 18446744073709551615" },
	{ "previous as 65001", "prev as 65001" },
	{ "as in [65001 65002]", "as in [ 65001 65002 ]" },
	{ "mac 0:1:2:3:4:5", "mac 00:01:02:03:04:05" },
	{ "in src mac 00:11:22:33:44:55", "in src mac 00:11:22:33:44:55" },
	{ "mpls label2 > 100", "mpls label2 > 100" },
	{ "icmp type 8", "icmp-type 8" },
	{ "dir ingress", "flowdir ingress" },
	{ "flowdir 2", "flowdir 2" },
	{ "fwdstat 64", "fwdstat 64" },
	{ "fwdstat FORW", "fwdstat forw" },
	{ "ident test_1-a", "ident test_1-a" },
	{ "ident 'foo bar'", "ident 'foo bar'" },
	{ "ident foo.bar", "ident 'foo.bar'" },
	{ "ident \"it's\"", "ident \"it's\"" },
	{ "ident \"not\"", "ident 'not'" },
	{ "asa user 'EQ' or pf interface 'in'",
	    "asa user 'EQ' or pf interface in" },
	{ "ident 127-0-0-1", "ident 127-0-0-1" },
	{ "port in pblock", "port in nat pblock" },
	{ "src xip 10.1.1.1", "src nat ip 10.1.1.1" },
	{ "asa event deny", "asa event denied" },
	{ "asa event denied nosyn", "asa denied nosyn" },
	{ "sysid 3", "exporter id 3" },
	{ "((proto tcp))", "proto tcp" },
	{ "proto tcp or proto udp and src port 53",
	    "proto tcp or proto udp and src port 53" },
	{ "(proto tcp or proto udp) and src port 53",
	    "(proto tcp or proto udp) and src port 53" },
	{ "not proto tcp and any", "not proto tcp and any" },
	{ "not (proto tcp and any)", "not (proto tcp and any)" },
	{ "any and (any and (any and any))", "any and any and any and any" },
	{ "proto tcp && port 80 || !any", "proto tcp and port 80 or not any" },
	{ "count < 5 or cnt 7", "count < 5 or count 7" },
	{ "asa user 'a b'", "asa user 'a b'" },
	{ "asa user bob.c", "asa user 'bob.c'" },
	{ "pf action 1 or pf reason 5", "pf action block or pf reason memory" },
	{ "pf dir 2 and pf interface em0", "pf dir out and pf interface em0" },
	{ "ttl equal and ttl = 3", "ttl equal and ttl 3" },
	{ "first seen eq 2024-02-29", "first seen 2024-02-29" },
	{ "last seen ge 2024-07-11t09:15:00.5z",
	    "last seen >= 2024-07-11T09:15:00.5Z" },
	{ "flowlabel web", "flowlabel web" },
	{ "(proto tcp) %web", "(proto tcp) %web" },
	{ "%web (proto tcp)", "(proto tcp) %web" },
	{ "not ((any) %a) %b", "not ((any) %a) %b" },
	{ "(any or (any) %a) %b or any and (any) %c",
	    "(any or (any) %a) %b or any and (any) %c" },
	{ "@define web (port in [80 443]) filter web and not filter web",
	    "port in [ 80 443 ] and not port in [ 80 443 ]" },
	{ "@define a (any or port 1)\n@define b (not filter a)\n"
	  "(@define c (filter b) filter c and filter a)",
	    "not (any or port 1) and (any or port 1)" },
	{ "@define s (flags SF) filter s and not filter s",
	    "flags FS and not flags FS" },
	{ "@define x (any)", "any" },
	{ "proto tcp # one\nand # two\nport 80", "proto tcp and port 80" },
};

START_TEST(a_filter_prints_in_normal_form_and_parses_to_the_same)
{
	struct filter_error fe;
	struct filter *f = parse(forms[_i].text, &fe);
	ck_assert_msg(f != NULL, "%s: %s", forms[_i].text, fe.message);
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	filter_print(f, &once);
	ck_assert_str_eq(buf_str(&once), forms[_i].normal);
	struct filter *again = parse(buf_str(&once), &fe);
	ck_assert_msg(again != NULL, "%s: %s", buf_str(&once), fe.message);
	filter_print(again, &twice);
	ck_assert_str_eq(buf_str(&twice), buf_str(&once));
	filter_free(f);
	filter_free(again);
	buf_free(&once);
	buf_free(&twice);
}
END_TEST

/* What is refused, and where exactly. */
static const struct {
	const char *text;
	const char *message;
} errors[] = {
	{ "tcp", "Line 1: column 1: syntax error at 'tcp'" },
	{ "proto foo", "Line 1: column 7: unknown protocol at 'foo'" },
	{ "proto ip", "Line 1: column 7: unknown protocol at 'ip'" },
	{ "proto 256",
	    "Line 1: column 7: number outside of range 0..255 at '256'" },
	{ "proto > 5", "Line 1: column 7: 'proto' takes no comparison at '>'" },
	{ "src proto tcp",
	    "Line 1: column 1: 'src' cannot stand before 'proto' at 'src'" },
	{ "any and\n  port 70000", "Line 2: column 8: number outside of range "
				   "0..65535 at '70000'" },
	{ "any and\n\n", "Line 3: column 1: syntax error at ''" },
	{ "port 80;", "Line 1: column 8: syntax error at ';'" },
	{ "port != 80", "Line 1: column 6: syntax error at '!'" },
	{ "port80", "Line 1: column 1: syntax error at 'port80'" },
	{ "port http", "Line 1: column 6: syntax error at 'http'" },
	{ "port in []", "Line 1: column 10: syntax error at ']'" },
	{ "port in [80-90]", "Line 1: column 10: syntax error at '80-90'" },
	{ "port in [1,,2]", "Line 1: column 12: syntax error at ','" },
	{ "ip in [1.1.1.1,]", "Line 1: column 16: syntax error at ']'" },
	{ "ip 10.1.2", "Line 1: column 4: invalid address at '10.1.2'" },
	{ "ip 10.1.2.3/24", "Line 1: column 12: syntax error at '/'" },
	{ "ip www.example.net", "Line 1: column 4: host names are not looked "
				"up here at 'www.example.net'" },
	{ "net 10.0.0.0/33", "Line 1: column 14: prefix length outside of "
			     "range 0..32 at '33'" },
	{ "ip in [::/129]", "Line 1: column 11: prefix length outside of "
			    "range 0..128 at '129'" },
	{ "net 10/8", "Line 1: column 5: invalid address at '10'" },
	{ "net 10.0.0.0", "Line 1: column 13: syntax error at ''" },
	{ "net 2001:db8:: ffff::", "Line 1: column 16: syntax error at "
				   "'ffff::'" },
	{ "flags SS", "Line 1: column 7: invalid flags at 'SS'" },
	{ "flags s", "Line 1: column 7: invalid flags at 's'" },
	{ "flags = S", "Line 1: column 9: invalid flags at 'S'" },
	{ "flags >S", "Line 1: column 8: invalid flags at 'S'" },
	{ "packets > 1p", "Line 1: column 11: syntax error at '1p'" },
	{ "bytes 18446744073709551616",
	    "Line 1: column 7: number outside of range "
	    "0..18446744073709551615 at '18446744073709551616'" },
	{ "mac 00:00:00:00:00:00",
	    "Line 1: column 5: invalid MAC address at '00:00:00:00:00:00'" },
	{ "any or @include x",
	    "Line 1: column 8: files cannot be read here at 'x'" },
	{ "ip in [@x]", "Line 1: column 8: files cannot be read here at 'x'" },
	{ "filter web", "Line 1: column 8: unknown filter at 'web'" },
	{ "(any) %averyverylonglabelname",
	    "Line 1: column 8: label of 22 bytes, at most 16 at "
	    "'averyverylonglabelname'" },
	{ "src or src port 1", "Line 1: column 8: syntax error at 'src'" },
	{ "ident 'open", "Line 1: column 7: quote without end at 'open'" },
	{ "'a';", "Line 1: column 1: syntax error at 'a'" },
	{ "()", "Line 1: column 2: syntax error at ')'" },
	{ "(any", "Line 1: column 5: syntax error at ''" },
	{ "any)", "Line 1: column 4: syntax error at ')'" },
	{ "ident and", "Line 1: column 7: syntax error at 'and'" },
};

START_TEST(an_error_tells_line_column_and_word)
{
	struct filter_error fe;
	struct filter *f = parse(errors[_i].text, &fe);
	ck_assert_msg(f == NULL, "accepted: %s", errors[_i].text);
	ck_assert_str_eq(fe.message, errors[_i].message);
}
END_TEST

START_TEST(the_caret_stands_below_the_error)
{
	const char *text = "any and\n\tport foo or any";
	struct filter_error fe;
	struct buf out = BUF_EMPTY;
	ck_assert_ptr_null(parse(text, &fe));
	filter_error_caret(&fe, &out);
	ck_assert_str_eq(buf_str(&out), "\tport foo or any\n\t     ^\n");
	buf_clear(&out);
	ck_assert_ptr_null(parse("any and", &fe));
	filter_error_caret(&fe, &out);
	ck_assert_str_eq(buf_str(&out), "any and\n       ^\n");
	buf_clear(&out);
	filter_error_line(&fe, &out);
	ck_assert_str_eq(buf_str(&out), "Line 1: syntax error at ''");
	ck_assert(strstr(fe.expected, "proto") != NULL);
	buf_free(&out);
}
END_TEST

static struct buf
nested(size_t levels)
{
	struct buf b = BUF_EMPTY;
	for (size_t i = 0; i < levels; i++)
		buf_adds(&b, i % 2 != 0 ? "not (" : "(any and ");
	buf_adds(&b, "any");
	for (size_t i = 0; i < levels; i++)
		buf_adds(&b, ")");
	return b;
}

START_TEST(nesting_is_bounded)
{
	struct filter_error fe;
	struct buf b = nested(FILTER_DEPTH_MAX);
	struct filter *f = filter_parse(b.data, b.len, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	struct flow flow = { 0 };
	(void)filter_match(f, &flow, "x");
	struct filterset *s = filterset_new();
	(void)filterset_add(s, f);
	filterset_compile(s);
	filterset_free(s);
	filter_free(f);
	buf_free(&b);

	b = nested(FILTER_DEPTH_MAX + 1);
	ck_assert_ptr_null(filter_parse(b.data, b.len, &fe));
	ck_assert(strstr(fe.message, "1000 levels of parentheses") != NULL);
	buf_free(&b);
}
END_TEST

START_TEST(length_is_bounded)
{
	struct filter_error fe;
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "any");
	while (b.len < FILTER_TEXT_MAX - 8)
		buf_adds(&b, " or any");
	struct filter *f = filter_parse(b.data, b.len, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	filter_free(f);
	while (b.len <= FILTER_TEXT_MAX)
		buf_addc(&b, ' ');
	ck_assert_ptr_null(filter_parse(b.data, b.len, &fe));
	ck_assert(strstr(fe.message, "at most 1048576") != NULL);
	buf_free(&b);
}
END_TEST

START_TEST(sources_restrict_a_filter)
{
	static const char *const idents[] = { "peer1", "up.2" };
	struct filter_error fe;
	struct filter *f = parse("port 80 or port 443", &fe);
	struct filter *none = filter_with_idents(f, idents, 0);
	struct filter *one = filter_with_idents(f, idents, 1);
	struct filter *two = filter_with_idents(f, idents, 2);
	filter_free(f); /* the others have their own trees */
	struct buf b = BUF_EMPTY;
	filter_print(none, &b);
	ck_assert_str_eq(buf_str(&b), "port 80 or port 443");
	buf_clear(&b);
	filter_print(one, &b);
	ck_assert_str_eq(buf_str(&b), "ident peer1 and (port 80 or port 443)");
	buf_clear(&b);
	filter_print(two, &b);
	ck_assert_str_eq(buf_str(&b), "(ident peer1 or ident 'up.2') and "
				      "(port 80 or port 443)");
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC), .src_port = 80 };
	ck_assert(filter_match(two, &flow, "up.2"));
	ck_assert(!filter_match(two, &flow, "peer2"));
	ck_assert(filter_match(none, &flow, "peer2"));
	buf_free(&b);
	filter_free(none);
	filter_free(one);
	filter_free(two);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter parse");
	TCase *t = tcase_create("parse");
	tcase_add_loop_test(t,
	    a_filter_prints_in_normal_form_and_parses_to_the_same, 0,
	    (int)COUNT(forms));
	tcase_add_loop_test(t, an_error_tells_line_column_and_word, 0,
	    (int)COUNT(errors));
	tcase_add_test(t, the_caret_stands_below_the_error);
	tcase_add_test(t, nesting_is_bounded);
	tcase_add_test(t, length_is_bounded);
	tcase_add_test(t, sources_restrict_a_filter);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
