/* nfcapd's command line, and what NfSen's optarg adds to one. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/capd.h"

static struct arena arena;
static struct err err;
static struct capd o;

/* The words of a shell line, as a start script has it. */
static int
parse(const char *line)
{
	size_t n;
	const char **argv = capd_words(line, &n, &arena, &err);
	ck_assert_msg(argv != NULL, "%s: %s", line, err.msg);
	return capd_parse(&o, (int)n, argv, &arena, &err);
}

static void
must_parse(const char *line)
{
	ck_assert_msg(parse(line) == 0, "%s: %s", line, err.msg);
}

static void
teardown(void)
{
	capd_free(&o);
	arena_free(&arena);
}

START_TEST(nfdump_16_aligns_by_flag)
{
	must_parse("nfcapd -w -D -p 4444 -u www -g www -B 200000 -S 1 -P FILE "
		   "-z -I example -l DIR");
	ck_assert_str_eq(o.dir, "DIR");
	ck_assert(o.detach);
	ck_assert_uint_eq(o.port, 4444);
	ck_assert_str_eq(o.user, "www");
	ck_assert_str_eq(o.group, "www");
	ck_assert_int_eq(o.in.bufflen, 200000);
	ck_assert_int_eq(o.in.layout, 1);
	ck_assert_str_eq(o.pidfile, "FILE");
	ck_assert(o.in.own_codec);
	ck_assert_int_eq(o.in.codec.codec, CODEC_LZO);
	ck_assert_str_eq(o.ident, "example");
	ck_assert_uint_eq(o.notes.len, 0);
}
END_TEST

START_TEST(later_w_has_the_folder)
{
	must_parse("nfcapd -w /var/flows -t60 -p 9995 -z=zstd:3 -4");
	ck_assert_str_eq(o.dir, "/var/flows");
	ck_assert_int_eq(o.interval, 60);
	ck_assert_int_eq(o.in.codec.codec, CODEC_ZSTD);
	ck_assert_int_eq(o.in.codec.level, 3);
	ck_assert_int_eq(o.in.family, ADDR_V4);
	ck_assert_int_eq(o.in.layout, -1);
}
END_TEST

START_TEST(sources_have_lists_of_addresses)
{
	must_parse("nfcapd -n 'a,192.0.2.1;10.0.0.0/8,/a' -n b,2001:db8::1,/b");
	ck_assert_uint_eq(o.n_sources, 2);
	ck_assert_str_eq(o.sources[0].ident, "a");
	ck_assert_uint_eq(o.sources[0].n_ips, 2);
	ck_assert_uint_eq(o.sources[0].ips[0].len, 8);
	ck_assert_uint_eq(o.sources[0].ips[1].len, 32);
	ck_assert_str_eq(o.sources[1].dir, "/b");
}
END_TEST

START_TEST(repeaters_commands_and_verbosity)
{
	must_parse("nfcapd -w /d -R 127.0.0.1/9996 -R ::1 -A -v 2 -ZEv "
		   "-x 'tell %d/%f \"two words\" $HOME' -s -100");
	ck_assert_uint_eq(o.in.n_repeat, 2);
	ck_assert_uint_eq(o.in.repeat[0].port, 9996);
	ck_assert_str_eq(o.in.repeat[1].host, "::1");
	ck_assert_uint_eq(o.in.repeat[1].port, 9995);
	ck_assert(o.in.spoof);
	ck_assert(o.in.zone);
	ck_assert_int_eq(o.verbose, 3);
	ck_assert_str_eq(o.in.command[0], "tell");
	ck_assert_str_eq(o.in.command[1], "%d/%f");
	ck_assert_str_eq(o.in.command[2], "two words");
	ck_assert_str_eq(o.in.command[3], "$HOME");
	ck_assert_ptr_null(o.in.command[4]);
	ck_assert_int_eq(o.in.sampling, -100);
}
END_TEST

START_TEST(what_means_nothing_here_is_named)
{
	must_parse("nfcapd -T all -X 1,2 -W 4 -C none -i 5 -E -w /d");
	ck_assert_str_eq(buf_str(&o.notes),
	    "option -T all means nothing here, ignored\n"
	    "option -X 1,2 means nothing here, ignored\n"
	    "option -W 4 means nothing here, ignored\n"
	    "option -C none means nothing here, ignored\n"
	    "option -i 5 means nothing here, ignored\n"
	    "option -E means nothing here, ignored\n");
}
END_TEST

START_TEST(questions_need_no_folder)
{
	must_parse("nfcapd -h");
	ck_assert(o.help);
	must_parse("nfcapd -V");
	ck_assert(o.version);
}
END_TEST

static const struct {
	const char *line, *message;
} refused[] = {
	{ "nfcapd", "no folder for flows: option -w, -n or -M" },
	{ "nfcapd -w", "option -w: argument missing" },
	{ "nfcapd -w -D", "option -w: argument missing" },
	{ "nfcapd -w ''", "option -w: '' is no folder" },
	{ "nfcapd -w /d -q", "option -q is not known" },
	{ "nfcapd -w /d --help", "option -- is not known" },
	{ "nfcapd -w /d extra", "'extra' is no option" },
	{ "nfcapd -w /d -", "'-' is no option" },
	{ "nfcapd -w /d -l /e",
	    "option -l: the folder is '/d' already, not '/e'" },
	{ "nfcapd -w /d -p", "option -p: argument missing" },
	{ "nfcapd -w /d -p abc",
	    "option -p: 'abc' is not a number of 1 to 65535" },
	{ "nfcapd -w /d -p 70000",
	    "option -p: '70000' is not a number of 1 to 65535" },
	{ "nfcapd -w /d -p 99999999999999999999",
	    "option -p: '99999999999999999999' is not a number of 1 to "
	    "65535" },
	{ "nfcapd -w /d -t 0", "option -t: '0' is not a number of 1 to 86400" },
	{ "nfcapd -w /d -S 9", "option -S: '9' is not a number of 0 to 8" },
	{ "nfcapd -w /d -I 'a b'",
	    "option -I: 'a b' is no ident: 1 to 127 printable characters "
	    "without blank and slash" },
	{ "nfcapd -w /d -I ..",
	    "option -I: '..' is no ident: 1 to 127 printable characters "
	    "without blank and slash" },
	{ "nfcapd -w /d -s 0",
	    "option -s: '0' is not 1 to 10000000, or that with a minus" },
	{ "nfcapd -w /d -s 10000001",
	    "option -s: '10000001' is not 1 to 10000000, or that with a "
	    "minus" },
	{ "nfcapd -w /d -z -y",
	    "option -y: one compression at a time: -z (LZO), -y (LZ4), -j "
	    "(BZ2) or -z=NAME" },
	{ "nfcapd -w /d -R 127.0.0.1/0",
	    "option -R: '127.0.0.1/0': port '0' is not 1 to 65535" },
	{ "nfcapd -w /d -R 'a;b'",
	    "option -R: 'a;b' is not HOST or HOST/PORT" },
	{ "nfcapd -w /d -R a -R a -R a -R a -R a -R a -R a -R a -R b",
	    "option -R: 'b' is one target too many" },
	{ "nfcapd -w /d -A", "option -A: nothing to repeat, no -R" },
	{ "nfcapd -w /d -J 10.1.1.1",
	    "option -J: '10.1.1.1' is no multicast address" },
	{ "nfcapd -w /d -6 -J 239.1.1.1",
	    "option -J: '239.1.1.1' is not of the family of -6" },
	{ "nfcapd -w /d -4 -b ::1",
	    "option -b: '::1' is not of the family of -4" },
	{ "nfcapd -n a,127.0.0.1", "option -n: 'a,127.0.0.1' is not "
				   "IDENT,IP,FOLDER" },
	{ "nfcapd -n a,1.2.3,/d",
	    "option -n: a,1.2.3,/d: '1.2.3' is no address or prefix" },
	{ "nfcapd -n a/b,1.2.3.4,/d", "option -n: 'a/b' is no ident" },
	{ "nfcapd -n a,1.2.3.4,/d -n a,1.2.3.5,/e",
	    "option -n: 'a' is there twice" },
	{ "nfcapd -w /d -n a,1.2.3.4,/d",
	    "options -w, -n and -M exclude each other" },
	{ "nfcapd -w /d -M /e", "options -w, -n and -M exclude each other" },
	{ "nfcapd -w /d -x ' '", "option -x: no command in ' '" },
	{ "nfcapd -w /d -x 'a \"b'",
	    "option -x: character 3: \" without its end" },
	{ "nfcapd -w /d -f file", "option -f: only the network is read from" },
	{ "nfcapd -w /d -e -Z", "options -e and -Z exclude each other" },
	{ "nfcapd -w /d -o fat", "option -o: 'fat' is not 'tun'" },
};

START_TEST(what_is_wrong_names_the_option)
{
	ck_assert_msg(parse(refused[_i].line) == -1, "%s", refused[_i].line);
	ck_assert_str_eq(err.msg, refused[_i].message);
}
END_TEST

static const struct {
	const char *text, *message; /* NULL: fine */
} optargs[] = {
	{ "", NULL },
	{ "-b 127.0.0.1", NULL },
	{ "-s 100 -T 'all' -x \"/usr/bin/tell %d/%f\"", NULL },
	{ "-R 10.0.0.1/2055\t-R 10.0.0.2", NULL },
	{ "-x tell\\ %f", NULL },
	{ "-x tell; rm -rf /", "character 8, ';': would need a shell, and "
			       "none is used" },
	{ "-x \"tell $HOME\"", "character 10, '$': would need a shell, and "
			       "none is used" },
	{ "-x `id`", "character 4, '`': would need a shell, and none is used" },
	{ "-x 'a", "character 4: ' without its end" },
	{ "> /dev/null", "character 1, '>': would need a shell, and none is "
			 "used" },
	{ "-b ~", "character 4, '~': would need a shell, and none is used" },
	{ "-w /d", "option -w is set from the rest of the configuration" },
	{ "-z -D", "option -D is set from the rest of the configuration" },
	{ "-q", "option -q is not known" },
};

START_TEST(optarg_is_split_without_a_shell)
{
	int rc = capd_parse_optarg(&o, optargs[_i].text, &arena, &err);
	ck_assert_msg(rc == (optargs[_i].message == NULL ? 0 : -1), "%s: %s",
	    optargs[_i].text, err.msg);
	if (rc == -1)
		ck_assert_str_eq(err.msg, optargs[_i].message);
}
END_TEST

START_TEST(many_words_and_options_end)
{
	char *line = calloc(1, 300000);
	const char **argv = calloc(70001, sizeof(*argv));
	for (size_t i = 0; i < 2 * CAPD_WORDS_MAX; i++)
		memcpy(line + 2 * i, "a ", 2);
	ck_assert_int_eq(capd_parse_optarg(&o, line, &arena, &err), -1);
	ck_assert_str_eq(err.msg, "more than 1024 words");
	argv[0] = "nfcapd";
	for (int i = 1; i < 70001; i++)
		argv[i] = "-v";
	ck_assert_int_eq(capd_parse(&o, 70001, argv, &arena, &err), -1);
	ck_assert_str_eq(err.msg, "no folder for flows: option -w, -n or -M");
	free(argv);
	free(line);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("capd");
	TCase *t = tcase_create("command line");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, nfdump_16_aligns_by_flag);
	tcase_add_test(t, later_w_has_the_folder);
	tcase_add_test(t, sources_have_lists_of_addresses);
	tcase_add_test(t, repeaters_commands_and_verbosity);
	tcase_add_test(t, what_means_nothing_here_is_named);
	tcase_add_test(t, questions_need_no_folder);
	tcase_add_test(t, many_words_and_options_end);
	tcase_add_loop_test(t, what_is_wrong_names_the_option, 0,
	    sizeof(refused) / sizeof(*refused));
	tcase_add_loop_test(t, optarg_is_split_without_a_shell, 0,
	    sizeof(optargs) / sizeof(*optargs));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
