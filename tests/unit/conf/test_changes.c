/* What a running collector's config lacks of another: every key, by name. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/changes.h"

#define BASE "$BASEDIR = '/n';\n"

static struct err err;
static struct buf found, restart;
static enum changes_of of; /* whose are asked for */

static void
take(void *ctx, const struct conf_source *s, const char *what)
{
	(void)ctx;
	buf_printf(&found, "%s: %s\n", s != NULL ? s->ident : "-", what);
}

/* The changes from one config to the next, "who: what" lines. */
static const char *
changes(const char *from, const char *to)
{
	struct buf running = BUF_EMPTY;
	struct conf *a = conf_load_text("a", from, strlen(from), &err);
	ck_assert_msg(a != NULL, "%s: %s", from, err.msg);
	struct conf *b = conf_load_text("b", to, strlen(to), &err);
	ck_assert_msg(b != NULL, "%s: %s", to, err.msg);
	changes_print(a, of, &running);
	buf_clear(&found);
	buf_clear(&restart);
	ck_assert_msg(changes_find(b, of, buf_str(&running), running.len, take,
			  NULL, &restart, &err) == 0,
	    "%s", err.msg);
	buf_free(&running);
	conf_free(a);
	conf_free(b);
	return buf_str(&found);
}

#define BEGIN        BASE "%sources = ('a' => { 'port' => 9995"
#define END          " });"
#define SOURCE(keys) BEGIN keys END
#define TLS          "$TLSCERT = '/c'; $TLSKEY = '/k';\n"

START_TEST(every_key_of_a_source_is_noticed)
{
	static const struct {
		const char *key, *want;
	} keys[] = {
		{ ", 'type' => 'sflow'", "a: type\n" },
		{ ", 'IP' => '192.0.2.1'", "a: IP\n" },
		{ ", 'optarg' => '-4'", "a: optarg\n" },
		{ ", 'optarg' => '-s 7'", "a: optarg, sampling\n" },
		{ ", 'transport' => 'udp tcp'", "a: transport\n" },
		{ ", 'sampling' => '100'", "a: sampling\n" },
		{ ", 'codec' => 'bz2'", "a: codec\n" },
		{ ", 'subdirlayout' => '2'", "a: subdirlayout\n" },
		{ ", 'command' => '/bin/true %f'", "a: command\n" },
		{ ", 'repeater' => '192.0.2.9'", "a: repeater\n" },
		{ ", 'spoof' => 1", "a: spoof\n" },
		{ ", 'multicast' => '239.1.2.3'", "a: multicast\n" },
		{ ", 'tunnels' => 1", "a: tunnels\n" },
		{ ", 'dynamic' => 5", "a: dynamic\n" },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct buf text = BUF_EMPTY;
		buf_printf(&text, "%s%s%s", BEGIN, keys[i].key, END);
		ck_assert_str_eq(changes(SOURCE(""), buf_str(&text)),
		    keys[i].want);
		/* And that it goes again. */
		ck_assert_str_eq(changes(buf_str(&text), SOURCE("")),
		    keys[i].want);
		ck_assert_str_eq(changes(buf_str(&text), buf_str(&text)), "");
		buf_free(&text);
	}
}
END_TEST

START_TEST(several_changes_are_all_named)
{
	ck_assert_str_eq(
	    changes(SOURCE(", 'codec' => 'lz4', 'sampling' => 5"),
		BASE "%sources = ('a' => { 'port' => 9996, 'codec' => 'bz2',"
		     " 'tunnels' => 1 },"
		     "'b' => { 'port' => 9997 });"),
	    "a: port 9996, codec, tunnels, sampling\nb: port 9997\n");
}
END_TEST

START_TEST(another_way_to_write_the_same_is_no_change)
{
	ck_assert_str_eq(changes(SOURCE(", 'repeater' => '192.0.2.9/9995'"),
			     SOURCE(", 'repeater' => ' 192.0.2.9 '")),
	    "");
	ck_assert_str_eq(changes(SOURCE(", 'IP' => '192.0.2.2;192.0.2.1'"),
			     SOURCE(", 'IP' => '192.0.2.1 192.0.2.2/32'")),
	    "");
	ck_assert_str_eq(changes(SOURCE(""),
			     "$CYCLETIME = 300; $BINDADDR = undef;" SOURCE(
				 ", 'type' => 'netflow'")),
	    "");
	/* What a collector does not know. */
	ck_assert_str_eq(changes(SOURCE(", 'col' => '#000000'"),
			     SOURCE(", 'col' => '#ffffff'")),
	    "");
	ck_assert_str_eq(changes(SOURCE(""),
			     "$PROFILERS = 4; $DISKLIMIT = 3;" SOURCE("")),
	    "");
}
END_TEST

START_TEST(settings_are_named_first)
{
	ck_assert_str_eq(changes(SOURCE(""),
			     TLS "$CYCLETIME = 60; $ZIPcollected = '-j';"
				 "$METRICS = '127.0.0.1:9390';" SOURCE(
				     ", 'spoof' => 1")),
	    "-: $ZIPcollected, $CYCLETIME, $TLSCERT, $TLSKEY, $METRICS\n"
	    "a: spoof\n");
}
END_TEST

/* They are no change that a running one could make. */
START_TEST(what_takes_a_restart_is_named_apart)
{
	ck_assert_str_eq(changes(SOURCE(""),
			     "$RECEIVERS = 2; $syslog_facility = 'daemon';"
			     "$WWWGROUP = 'x'; $SANDBOX = 'off';"
			     "$FSYNC = 'off';" SOURCE("")),
	    "-: $FSYNC\n");
	ck_assert_str_eq(buf_str(&restart),
	    "$RECEIVERS, $SANDBOX, $WWWGROUP, $syslog_facility");
	ck_assert_str_eq(changes(SOURCE(""), SOURCE("")), "");
	ck_assert_str_eq(buf_str(&restart), "");
}
END_TEST

/* One that is older does not say what it does not know. */
START_TEST(what_is_not_said_has_its_default)
{
	static const char old[] = "$PIDDIR = '/n/var/run';"
				  "$COMMSOCKET = '/n/var/run/nfsen.comm';"
				  "$PROFILESTATDIR = '/n/profiles-stat';"
				  "$PROFILEDATADIR = '/n/profiles-data';"
				  "%sources = ('a' => { 'port' => '9995' });";
	static const char now[] = SOURCE("");
	struct conf *c = conf_load_text("f", now, strlen(now), &err);
	buf_clear(&found);
	ck_assert_int_eq(changes_find(c, of, old, strlen(old), take, NULL,
			     &restart, &err),
	    0);
	ck_assert_str_eq(buf_str(&restart), "");
	ck_assert_str_eq(buf_str(&found), "");
	ck_assert_int_eq(changes_find(c, of, "$X", 2, take, NULL, &restart,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "the collector's configuration:1:"));
	conf_free(c);
}
END_TEST

START_TEST(a_profiler_goes_by_other_settings)
{
	of = CHANGES_PROFILER;
	ck_assert_str_eq(
	    changes(SOURCE(""),
		"$ZIPprofiles = '-j'; $DISKLIMIT = 3; $low_water = 50;"
		"$WHOISSERVER = 'whois.example.org'; $INDEX = 0;" SOURCE("")),
	    "-: $ZIPprofiles, $DISKLIMIT, $low_water, $INDEX, $WHOISSERVER\n");
	ck_assert_str_eq(buf_str(&restart), "");
	/* And back to what nobody wrote. */
	ck_assert_str_eq(changes("$WHOISSERVER = 'x'; $INDEX = 0;" SOURCE(""),
			     SOURCE("")),
	    "-: $INDEX, $WHOISSERVER\n");
	/* The collector's, and sources: of no concern here. */
	ck_assert_str_eq(changes(SOURCE(""),
			     "$RECEIVERS = 2; $METRICS = '127.0.0.1:9390';"
			     "$ZIPcollected = '-j';" SOURCE(", 'spoof' => 1")),
	    "");
	ck_assert_str_eq(buf_str(&restart), "");
}
END_TEST

START_TEST(what_a_profiler_has_from_its_start)
{
	of = CHANGES_PROFILER;
	ck_assert_str_eq(changes("@plugins = ();" SOURCE(""),
			     "$CYCLETIME = 60; $RRDCACHED = 'unix:/r.sock';"
			     "$FILTERDIR = '/f'; $BACKEND_PLUGINDIR = '/p';"
			     "@plugins = (['live', 'demo']);"
			     "%PluginConf = ('demo' => { 'a' => 1 });" SOURCE(
				 "")),
	    "");
	ck_assert_str_eq(buf_str(&restart),
	    "$CYCLETIME, $RRDCACHED, $FILTERDIR, $BACKEND_PLUGINDIR, @plugins, "
	    "%PluginConf");
	ck_assert_str_eq(changes("@plugins = (['live', 'demo']);" SOURCE(""),
			     "@plugins = ([ 'live' , \"demo\" ]);" SOURCE("")),
	    "");
	ck_assert_str_eq(buf_str(&restart), "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("changes");
	TCase *t = tcase_create("changes");
	tcase_add_test(t, every_key_of_a_source_is_noticed);
	tcase_add_test(t, several_changes_are_all_named);
	tcase_add_test(t, another_way_to_write_the_same_is_no_change);
	tcase_add_test(t, settings_are_named_first);
	tcase_add_test(t, what_takes_a_restart_is_named_apart);
	tcase_add_test(t, what_is_not_said_has_its_default);
	tcase_add_test(t, a_profiler_goes_by_other_settings);
	tcase_add_test(t, what_a_profiler_has_from_its_start);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	buf_free(&found);
	buf_free(&restart);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
