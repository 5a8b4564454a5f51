/* nfprofile's command line and channel list. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "profiler/joblist.h"
#include "profiler/jobopts.h"

static struct arena arena;
static struct job_opts opts;
static struct job_list list;
static struct buf said;
static struct err err;

static void
teardown(void)
{
	arena_free(&arena);
	jobopts_free(&opts);
	buf_free(&said);
}

/* ---- options -------------------------------------------------------------------- */

#define BASE "nfprofile -I -p /d -r nfcapd.202601011200"

static int
parse(const char *line)
{
	static char text[1024];
	static char *argv[64];
	int argc = 0;
	(void)snprintf(text, sizeof(text), "%s", line);
	for (char *s = text, *next; s != NULL; s = next) {
		next = strchr(s, ' ');
		if (next != NULL)
			*next++ = '\0';
		argv[argc++] = s;
	}
	argv[argc] = NULL;
	return jobopts_parse(&opts, argc, argv, &err);
}

START_TEST(the_line_nfsen_builds_is_taken)
{
	ck_assert_int_eq(
	    parse("nfprofile -I -t 1795413600 -z=lz4 -p /d -P /s -S 1 -L "
		  "local3 -M /d/live/a:b -r nfcapd.202611230600"),
	    0);
	ck_assert(opts.list);
	ck_assert_int_eq(opts.action, JOB_RUN);
	ck_assert_str_eq(opts.data_dir, "/d");
	ck_assert_str_eq(opts.stat_dir, "/s");
	ck_assert_str_eq(opts.suffix, "filter.txt");
	ck_assert_str_eq(opts.sources, "/d/live/a:b");
	ck_assert_str_eq(opts.file, "nfcapd.202611230600");
	ck_assert_int_eq(opts.slot, 1795413600);
	ck_assert_int_eq(opts.layout, 1);
	ck_assert_int_eq(opts.codec, CODEC_LZ4);
	ck_assert_uint_eq(opts.notes.len, 0);
}
END_TEST

START_TEST(without_options_the_original_s_values_hold)
{
	ck_assert_int_eq(parse(BASE), 0);
	ck_assert_str_eq(opts.stat_dir, "/d");
	ck_assert_ptr_null(opts.sources);
	ck_assert_int_eq(opts.slot, 0);
	ck_assert_int_eq(opts.layout, 0);
	ck_assert_int_eq(opts.codec, CODEC_NONE);
	ck_assert_uint_eq(opts.threads, 0);
}
END_TEST

static const struct {
	const char *options;
	enum nffile_codec codec;
	int level;
} codecs[] = {
	{ "-z", CODEC_LZO, 0 },
	{ "-y", CODEC_LZ4, 0 },
	{ "-j", CODEC_BZ2, 0 },
	{ "-z=lzo", CODEC_LZO, 0 },
	{ "-z=lz4", CODEC_LZ4, 0 },
	{ "-z=lz4:5", CODEC_LZ4, 5 },
	{ "-z=bz2", CODEC_BZ2, 0 },
	{ "-z=zstd", CODEC_ZSTD, 0 },
	{ "-z=zstd:3", CODEC_ZSTD, 3 },
	{ "-z=none", CODEC_NONE, 0 },
	{ "-z -y", CODEC_LZ4, 0 },
};

START_TEST(every_way_of_naming_a_codec_works)
{
	char line[256];
	(void)snprintf(line, sizeof(line), BASE " %s", codecs[_i].options);
	ck_assert_msg(parse(line) == 0, "%s", err.msg);
	ck_assert_int_eq(opts.codec, codecs[_i].codec);
	ck_assert_int_eq(opts.level, codecs[_i].level);
}
END_TEST

static const struct {
	const char *line;
	const char *message;
} refused[] = {
	{ "nfprofile -I -r f", "-p: the folder of flow files is missing" },
	{ "nfprofile -I -p /d", "-r: the name of the flow file is missing" },
	{ BASE " -S 9", "-S 9: a number from 0 to 8" },
	{ BASE " -S -1", "-S -1: a number from 0 to 8" },
	{ BASE " -t now", "-t now: a number from 0 to 253402300799" },
	{ BASE " -t 99999999999999999999",
	    "-t 99999999999999999999: a number from 0 to 253402300799" },
	{ BASE " -s", "-s: no such option" },
	{ BASE " --nonsense", "--nonsense: no such option" },
	{ BASE " --threads 65", "--threads 65: a number from 0 to 64" },
	{ BASE " any", "any: no argument expected" },
	{ BASE " -M", "-M: a value is missing" },
	{ BASE " -f a/b", "-f a/b: the end of a file's name" },
	{ "nfprofile -I -p /d -r /a/b/", "-r /a/b/: the name of a flow file" },
	{ "nfprofile -I -p /d -r ..", "-r ..: the name of a flow file" },
};

START_TEST(what_cannot_be_is_refused_by_name)
{
	ck_assert_int_eq(parse(refused[_i].line), -1);
	ck_assert_str_eq(err.msg, refused[_i].message);
}
END_TEST

START_TEST(an_unknown_codec_says_what_there_is)
{
	ck_assert_int_eq(parse(BASE " -z=rar"), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "lz4"));
}
END_TEST

START_TEST(options_without_meaning_are_accepted_and_noted)
{
	ck_assert_int_eq(parse(BASE " -D 1.2.3.4 -i http://x -H -n a -J"), 0);
	ck_assert_str_eq(buf_str(&opts.notes),
	    "-D has no meaning here\n-i has no meaning here\n"
	    "-H has no meaning here\n-n has no meaning here\n"
	    "-J has no meaning here\n");
}
END_TEST

START_TEST(help_and_version_need_nothing_else)
{
	ck_assert_int_eq(parse("nfprofile -h"), 0);
	ck_assert_int_eq(opts.action, JOB_HELP);
	ck_assert_int_eq(parse("nfprofile -V"), 0);
	ck_assert_int_eq(opts.action, JOB_VERSION);
	ck_assert_int_eq(parse("nfprofile -Z -I -p /d"), 0);
	ck_assert_int_eq(opts.action, JOB_CHECK);
	ck_assert_int_eq(parse("nfprofile"), 0);
	ck_assert(!opts.list);
}
END_TEST

/* ---- the list -------------------------------------------------------------------- */

static void
note(const char *text)
{
	buf_printf(&said, "%s\n", text);
}

static void
read_list(const char *text, size_t len)
{
	joblist_parse(text, len, &arena, &list, note);
}

#define READ(text) read_list((text), sizeof(text) - 1)

START_TEST(a_line_is_five_fields)
{
	READ(".#web#2#http#a|b\ng#sh#6#x#*\r\n\n.#~al#8#~al#\n");
	ck_assert_uint_eq(list.n, 3);
	ck_assert_uint_eq(list.bad, 0);
	ck_assert_str_eq(list.channels[0].group, ".");
	ck_assert_str_eq(list.channels[0].profile, "web");
	ck_assert_uint_eq(list.channels[0].type, 2);
	ck_assert_str_eq(list.channels[0].name, "http");
	ck_assert_uint_eq(list.channels[0].n_sources, 2);
	ck_assert_str_eq(list.channels[0].sources[1], "b");
	ck_assert_uint_eq(list.channels[1].n_sources, 0);
	ck_assert_uint_eq(list.channels[2].type, JOB_ALERT);
	ck_assert_uint_eq(list.channels[2].n_sources, 0);
	ck_assert_uint_eq(list.channels[2].line, 4);
}
END_TEST

START_TEST(a_last_line_without_an_end_counts)
{
	READ("g#p#6#c#*\n.#q#2#d#a|");
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.channels[0].n_sources, 0);
	ck_assert_uint_eq(list.channels[1].n_sources, 1);
	ck_assert_uint_eq(list.bad, 0);
}
END_TEST

static const struct {
	const char *line;
	const char *message;
} hostile[] = {
	{ ".#p#2#c", "4 fields of group#profile#type#channel#sources" },
	{ "nonsense", "1 fields of group#profile#type#channel#sources" },
	{ ".#p#x#c#", "type 'x': a number from 0 to 15" },
	{ ".#p#-1#c#", "type '-1': a number from 0 to 15" },
	{ ".#p#16#c#", "type '16': a number from 0 to 15" },
	{ ".#p##c#", "type '': a number from 0 to 15" },
	{ "..#p#2#c#", "group '..': begins with a dot" },
	{ "../x#p#2#c#", "group '../x': begins with a dot" },
	{ "a/b#p#2#c#", "group 'a/b': not the name of one folder" },
	{ "#p#2#c#", "group: empty" },
	{ ".#..#2#c#", "profile '..': begins with a dot" },
	{ ".#.#2#c#", "profile '.': begins with a dot" },
	{ ".#/etc#2#c#", "profile '/etc': not the name of one folder" },
	{ ".##2#c#", "profile: empty" },
	{ ".#p#2#../../c#", "channel '../../c': begins with a dot" },
	{ ".#p#2#c/../../d#",
	    "channel 'c/../../d': not the name of one folder" },
	{ ".#p#2#c\x01#", "channel 'c\x01': not the name of one folder" },
	{ ".#p#2##", "channel: empty" },
	{ ".#p#2#c#a|../b", "source '../b': begins with a dot" },
	{ ".#p#2#c#a#b/c", "source 'a#b/c': not the name of one folder" },
	{ ".#p#2#c#|", "sources: only '|'" },
};

START_TEST(a_hostile_line_is_left_out_and_named)
{
	char text[512];
	char want[512];
	int n = snprintf(text, sizeof(text), "\n%s\n.#p#2#good#\n",
	    hostile[_i].line);
	(void)snprintf(want, sizeof(want), "line 2: %s\n", hostile[_i].message);
	read_list(text, (size_t)n);
	ck_assert_str_eq(buf_str(&said), want);
	ck_assert_uint_eq(list.bad, 1);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_str_eq(list.channels[0].name, "good");
}
END_TEST

START_TEST(a_nul_byte_is_no_end_of_a_line)
{
	READ(".#p#2#c#\0a\n");
	ck_assert_str_eq(buf_str(&said), "line 1: a NUL byte\n");
}
END_TEST

START_TEST(the_same_channel_twice_is_said)
{
	READ(".#p#2#c#a\ng#p#2#c#a\n.#p#6#c#b\n");
	ck_assert_str_eq(buf_str(&said),
	    "line 3: the channel of line 1 again\n");
	ck_assert_uint_eq(list.n, 2);
}
END_TEST

START_TEST(lengths_are_bounded)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, ".#p#2#");
	for (int i = 0; i < JOBLIST_NAME_MAX; i++)
		buf_addc(&b, 'c');
	buf_adds(&b, "#\n.#p#2#");
	for (int i = 0; i < JOBLIST_NAME_MAX + 1; i++)
		buf_addc(&b, 'd');
	buf_adds(&b, "#\n.#p#2#e#");
	while (b.len < 2 * JOBLIST_LINE)
		buf_adds(&b, "source|");
	read_list(b.data, b.len);
	buf_free(&b);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_uint_eq(list.bad, 2);
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&said), "line 2: channel: 128 characters, at most "
				   "127\nline 3: "));
	ck_assert_ptr_nonnull(strstr(buf_str(&said), "at most 65536\n"));
}
END_TEST

START_TEST(more_channels_than_the_limit_are_left_out)
{
	struct buf b = BUF_EMPTY;
	for (int i = 0; i < JOBLIST_CHANNELS + 1; i++)
		buf_printf(&b, ".#p#6#c%d#\n", i);
	read_list(b.data, b.len);
	buf_free(&b);
	ck_assert_uint_eq(list.n, JOBLIST_CHANNELS);
	ck_assert_str_eq(buf_str(&said),
	    "line 100001: at most 100000 channels\n");
}
END_TEST

#define N(a) ((int)(sizeof(a) / sizeof(*(a))))

int
main(void)
{
	Suite *s = suite_create("job");
	TCase *t = tcase_create("options");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, the_line_nfsen_builds_is_taken);
	tcase_add_test(t, without_options_the_original_s_values_hold);
	tcase_add_loop_test(t, every_way_of_naming_a_codec_works, 0, N(codecs));
	tcase_add_loop_test(t, what_cannot_be_is_refused_by_name, 0,
	    N(refused));
	tcase_add_test(t, an_unknown_codec_says_what_there_is);
	tcase_add_test(t, options_without_meaning_are_accepted_and_noted);
	tcase_add_test(t, help_and_version_need_nothing_else);
	suite_add_tcase(s, t);
	t = tcase_create("list");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_line_is_five_fields);
	tcase_add_test(t, a_last_line_without_an_end_counts);
	tcase_add_loop_test(t, a_hostile_line_is_left_out_and_named, 0,
	    N(hostile));
	tcase_add_test(t, a_nul_byte_is_no_end_of_a_line);
	tcase_add_test(t, the_same_channel_twice_is_said);
	tcase_add_test(t, lengths_are_bounded);
	tcase_add_test(t, more_channels_than_the_limit_are_left_out);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
