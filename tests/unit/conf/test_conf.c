/* Settings, sources and profiles: defaults, checks, the way back to text. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"

#define BASE "$BASEDIR = '/n';\n"

static struct err err;

static struct conf *
load(const char *text)
{
	return conf_load_text("f", text, strlen(text), &err);
}

static struct conf *
must_load(const char *text)
{
	struct conf *c = load(text);
	ck_assert_msg(c != NULL, "%s: %s", text, err.msg);
	return c;
}

START_TEST(defaults_follow_basedir)
{
	struct conf *c = must_load(BASE);
	ck_assert_str_eq(c->bindir, "/n/bin");
	ck_assert_str_eq(c->piddir, "/n/var/run");
	ck_assert_str_eq(c->commsocket, "/n/var/run/nfsen.comm");
	ck_assert_str_eq(c->fcgisocket, "/n/var/run/nfsen-fcgi.sock");
	ck_assert_str_eq(c->profilestatdir, "/n/profiles-stat");
	ck_assert_str_eq(c->user, "nobody");
	ck_assert_ptr_null(c->wwwgroup);
	ck_assert_int_eq(c->cycletime, 300);
	ck_assert_int_eq(c->refresh, 300);
	ck_assert_int_eq(c->low_water, 90);
	ck_assert_int_eq(c->disklimit, 98);
	ck_assert_int_eq(c->zip_collected.codec, CODEC_LZ4);
	ck_assert_int_eq(c->zip_profiles.codec, CODEC_LZ4);
	ck_assert_int_eq(c->fcgiworkers, 4);
	ck_assert_int_eq(c->flowformat, COMPAT_171);
	ck_assert_int_eq(c->fsync, FSYNC_SLOT);
	ck_assert(!c->has_profiles);
	ck_assert_str_eq(buf_str(&c->warnings), "");
	conf_free(c);
}
END_TEST

START_TEST(a_simulation_has_its_times)
{
	struct conf *c = must_load(BASE "$SIMmode = 1; %sim = ( 'tstart' => "
					"'202611220403', tend => 202611220500, "
					"'cycletime' => '1', 'x' => 2 );");
	ck_assert_int_eq(c->sim.tend - c->sim.tstart, 3600);
	ck_assert_int_eq(c->sim.tstart % 300, 0);
	ck_assert_int_eq(c->sim.tbegin, -1);
	ck_assert_int_eq(c->sim.cycletime, 1);
	ck_assert_int_eq(c->refresh, 2);
	ck_assert_ptr_nonnull(strstr(buf_str(&c->warnings), "unknown key 'x'"));
	conf_free(c);
	/* Without simulation nobody looks at it. */
	conf_free(must_load(BASE "$SIMmode = 0; %sim = ( 'tstart' => 'x' );"));
}
END_TEST

START_TEST(a_simulation_without_sense_is_refused)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "$SIMmode needs %sim" },
		{ "%sim = ( 'tend' => '202611220500' );", "no tstart" },
		{ "%sim = ( 'tstart' => '202611220500' );", "no tend" },
		{ "%sim = ( 'tstart' => '2026112205', 'tend' => 1 );",
		    "is no time" },
		{ "%sim = ( 'tstart' => '202611220500', 'tend' => "
		  "'202611220500' );",
		    "not after" },
		{ "%sim = ( 'tstart' => '202611220500', 'tend' => "
		  "'202611220600', 'tbegin' => '202611220400' );",
		    "tbegin" },
		{ "%sim = ( 'tstart' => '202611220500', 'tend' => "
		  "'202611220600', 'cycletime' => -1 );",
		    "cycletime" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		(void)snprintf(text, sizeof(text), "%s$SIMmode = 1; %s", BASE,
		    cases[i].text);
		ck_assert_ptr_null(load(text));
		ck_assert_msg(strstr(err.msg, cases[i].says) != NULL, "%s: %s",
		    text, err.msg);
	}
}
END_TEST

START_TEST(an_empty_setting_has_its_default)
{
	struct conf *c =
	    must_load(BASE "$VARDIR = ''; $BUFFLEN = undef; $USER = '';");
	ck_assert_str_eq(c->vardir, "/n/var");
	ck_assert_str_eq(c->piddir, "/n/var/run");
	ck_assert_str_eq(c->user, "nobody");
	ck_assert_int_eq(c->bufflen, 0);
	conf_free(c);
}
END_TEST

START_TEST(a_default_can_be_read_before_it_is_set)
{
	struct conf *c =
	    must_load(BASE "$VARDIR = '/v//';\n"
			   "$COMMSOCKET = \"$PIDDIR/x\"; $CYCLETIME = 5;");
	ck_assert_str_eq(c->vardir, "/v");
	ck_assert_str_eq(c->commsocket, "/v/run/x");
	ck_assert_int_eq(c->refresh, 5);
	conf_free(c);
}
END_TEST

static const struct {
	const char *value;
	int codec, level;
} codecs[] = {
	{ "0", CODEC_NONE, 0 },
	{ "1", CODEC_LZ4, 0 },
	{ "undef", CODEC_NONE, 0 },
	{ "''", CODEC_NONE, 0 },
	{ "'-z'", CODEC_LZO, 0 },
	{ "'-y'", CODEC_LZ4, 0 },
	{ "'-j'", CODEC_BZ2, 0 },
	{ "'-z=lz4'", CODEC_LZ4, 0 },
	{ "'-z=zstd:7'", CODEC_ZSTD, 7 },
};

START_TEST(compression_means_what_its_users_meant)
{
	char text[128];
	(void)snprintf(text, sizeof(text), BASE "$ZIPcollected = %s;",
	    codecs[_i].value);
	struct conf *c = must_load(text);
	ck_assert_int_eq(c->zip_collected.codec, codecs[_i].codec);
	ck_assert_int_eq(c->zip_collected.level, codecs[_i].level);
	ck_assert_int_eq(c->zip_profiles.codec, CODEC_LZ4);
	conf_free(c);
}
END_TEST

static const struct {
	const char *text, *msg;
} refused[] = {
	{ "1;", "f:1:1: '$PROFILESTATDIR' is not set, and neither is "
		"'$BASEDIR'" },
	{ "$BASEDIR = 'x';", "f:1:12: '$BASEDIR' is 'x', but must be an "
			     "absolute path" },
	{ BASE "$BUFFLEN = 'big';",
	    "f:2:12: '$BUFFLEN' must be a whole number, "
	    "not 'big'" },
	{ BASE "$SUBDIRLAYOUT = 9;", "f:2:17: '$SUBDIRLAYOUT' is 9, allowed is "
				     "0 to 8" },
	{ BASE "$low_water = 0.5;", "f:2:14: '$low_water' must be a whole "
				    "number, not '0.5'" },
	{ BASE "$CYCLETIME = 90;",
	    "f:2:14: '$CYCLETIME' is 90: from 60 seconds "
	    "on it must be whole minutes" },
	{ BASE "$USER = [ 'a' ];", "f:2:9: '$USER' must be one value, not a "
				   "list" },
	{ BASE "$FSYNC = 'always';", "f:2:10: '$FSYNC' is 'always', must be "
				     "'off', 'slot' or 'block'" },
	{ BASE "$FLOWFORMAT = 1.8;", "f:2:15: '$FLOWFORMAT' is '1.8', must be "
				     "'1.7.1' or 'newest'" },
	{ BASE "$ZIPprofiles = '-Z';",
	    "f:2:16: '$ZIPprofiles': compression '-Z': expected none, lzo, "
	    "bz2[:1-9], lz4[:1-12|:fast] or zstd[:1-22]" },
	{ BASE "$BINDADDR = 'lo';", "f:2:13: '$BINDADDR' is 'lo', which is no "
				    "address" },
	{ BASE "$METRICS = '9390';", "f:2:12: '$METRICS' is '9390', must be "
				     "like '127.0.0.1:9390'" },
	{ BASE "$METRICS = '0.0.0.0:9390';",
	    "f:2:12: '$METRICS' is '0.0.0.0:9390', which is no loopback "
	    "address" },
	{ BASE "%sources = ( 'a-b' => { } );",
	    "f:2:14: source 'a-b': source "
	    "identifiers must contain only characters [a-zA-Z0-9_]" },
	{ BASE "%sources = ( abcdefghijklmnopqrst => { } );",
	    "f:2:14: source "
	    "'abcdefghijklmnopqrst': source identifiers must be between 1 and "
	    "19 chars long" },
	{ BASE "%sources = ( '' => { } );",
	    "f:2:14: source '': source "
	    "identifiers must be between 1 and 19 chars long" },
	{ BASE "%sources = ( a => 9995 );", "f:2:19: source 'a' must be a "
					    "{ ... } list of keys and values" },
	{ BASE "%sources = ( a => { port => 70000 } );",
	    "f:2:29: 'port' is "
	    "70000, allowed is 0 to 65535" },
	{ BASE "%sources = ( a => { port => 1, type => 'ipfax' } );",
	    "f:2:40: source 'a': unknown collector for type 'ipfax'" },
	{ BASE "%sources = ( a => { port => 1, col => 'red' } );",
	    "f:2:39: "
	    "source 'a': colour 'red' is not of the form #rrggbb" },
	{ BASE "%sources = ( a => { port => 1, IP => '1.2.3' } );",
	    "f:2:38: "
	    "source 'a': IP '1.2.3' is no address or prefix" },
	{ BASE "%sources = ( a => { port => 1, IP => '::1' },\n b => { port => "
	       "1 } );",
	    "f:3:2: source 'b': missing parameter 'IP' for multiple "
	    "sources collector (port 1 is also that of 'a')" },
	{ BASE "%sources = ( a => { port => 1, IP => '::1' },\n b => { port => "
	       "1, IP => '::1' } );",
	    "f:3:2: source 'b': has port 1 and IP of "
	    "'a'" },
	{ BASE "%sources = ( a => { port => 1, IP => '::1' },\n b => { port => "
	       "1, IP => '::2', type => 'sflow' } );",
	    "f:3:2: source 'b': has "
	    "different type than 'a' for same collector (port 1)" },
	{ BASE "%profiles = ( 'live' => { } );",
	    "f:2:15: profile 'live': "
	    "'live' is the built-in profile of all sources" },
	{ BASE "%profiles = ( 'a b' => { } );",
	    "f:2:15: profile 'a b': names "
	    "are 'name' or 'group/name', each 1 to 64 of [a-zA-Z0-9+_-]" },
	{ BASE "%profiles = ( 'a/b/c' => { } );",
	    "f:2:15: profile 'a/b/c': "
	    "names are 'name' or 'group/name', each 1 to 64 of "
	    "[a-zA-Z0-9+_-]" },
	{ BASE "%profiles = ( '../x' => { } );",
	    "f:2:15: profile '../x': "
	    "names are 'name' or 'group/name', each 1 to 64 of "
	    "[a-zA-Z0-9+_-]" },
	{ BASE "%profiles = ( a => 1 );", "f:2:20: profile 'a' must be a "
					  "{ ... } list of keys and values" },
	{ BASE "%profiles = ( a => { colour => 1 } );",
	    "f:2:22: profile 'a': "
	    "key 'colour' is not known" },
	{ BASE "%profiles = ( a => { } );", "f:2:15: profile 'a' has no "
					    "channels" },
	{ BASE "%profiles = ( a => { channels => { 'x y' => {} } } );",
	    "f:2:36: profile 'a': channel 'x y': channel names have 1 to 64 of "
	    "[a-zA-Z0-9_-]" },
	{ BASE "%profiles = ( a => { channels => { x => { src => 1 } } } );",
	    "f:2:43: profile 'a': channel 'x': key 'src' is not known" },
	{ BASE "%profiles = ( a => { channels => { x => { sources => 'q' } } "
	       "} );",
	    "f:2:54: profile 'a': channel 'x': source 'q' is not in "
	    "%sources" },
	{ BASE "%profiles = ( a => { channels => { x => { sign => '*' } } } );",
	    "f:2:51: profile 'a': channel 'x': 'sign' is '*', but must be '+' "
	    "or "
	    "'-'" },
	{ BASE "%profiles = ( a => { channels => { x => { col => 'red' } } } "
	       ");",
	    "f:2:50: profile 'a': channel 'x': 'col' is 'red', but must be "
	    "a colour as #rrggbb" },
	{ BASE "%profiles = ( a => { channels => { x => { order => -1 } } } );",
	    "f:2:52: 'order' is -1, allowed is 0 to 100000" },
	{ BASE "%profiles = ( a => { type => 'odd' } );",
	    "f:2:30: profile 'a': "
	    "'type' is 'odd', but must be 'continuous' or 'history'" },
	{ BASE "%profiles = ( a => { expire => 'soon' } );",
	    "f:2:32: profile "
	    "'a': 'expire' is 'soon', but must be a life time like '30 days', "
	    "'2 days 3 hours' or 'never'" },
	{ BASE "%profiles = ( a => { maxsize => 'big' } );",
	    "f:2:33: profile "
	    "'a': 'maxsize' is 'big', but must be a size like '500m', '2g' or "
	    "'unlimited'" },
	{ BASE "%profiles = ( a => { tstart => 'now' } );",
	    "f:2:32: profile "
	    "'a': 'tstart' is 'now', but must be a time as yyyymmddHHMM" },
	{ BASE "%profiles = ( a => { type => 'history', channels => { x => {} "
	       "} } );",
	    "f:2:15: profile 'a': a history profile needs 'tstart' "
	    "and 'tend'" },
	{ BASE "%profiles = ( a => { tend => 202601010000, channels => { x => "
	       "{} } } );",
	    "f:2:15: profile 'a': only a history profile has an "
	    "end, 'tend' is not for a continuous one" },
	{ BASE "%profiles = ( a => { channels => { x => {} } },\n 'a/b' => { "
	       "channels => { x => {} } } );",
	    "f:3:2: profile 'a/b': 'a' is a "
	    "profile already and cannot be a group" },
};

START_TEST(a_wrong_value_is_refused_with_its_place)
{
	struct conf *c = load(refused[_i].text);
	ck_assert_msg(c == NULL, "%s", refused[_i].text);
	ck_assert_str_eq(err.msg, refused[_i].msg);
}
END_TEST

START_TEST(sources_are_read_and_sorted)
{
	struct conf *c = must_load(BASE
	    "%sources = (\n"
	    "'up' => { 'port' => '9995', 'col' => '#0000ff' },\n"
	    "'p2' => { 'port' => '9996', 'IP' => '10.0.0.2' },\n"
	    "'p1' => { 'port' => '9996', 'IP' => '2001:db8::1' },\n"
	    "'s' => { 'port' => 6343, type => 'sflow', optarg => '-b ::1' },\n"
	    "'off' => { 'port' => '0' }, );");
	ck_assert_uint_eq(c->n_sources, 5);
	ck_assert_str_eq(c->sources[0].ident, "off");
	ck_assert_str_eq(c->sources[4].ident, "up");
	const struct conf_source *s = conf_source_find(c, "p1");
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(s->port, 9996);
	ck_assert_uint_eq(s->n_ips, 1);
	ck_assert_int_eq(s->ips[0].addr.family, ADDR_V6);
	ck_assert_ptr_null(s->col);
	s = conf_source_find(c, "s");
	ck_assert_int_eq(s->type, SOURCE_SFLOW);
	ck_assert_str_eq(s->optarg, "-b ::1");
	ck_assert_ptr_null(conf_source_find(c, "x"));
	conf_free(c);
}
END_TEST

static const char with_profiles[] = BASE
    "%sources = ( up => { port => 1, col => '#123456' }, p1 => { port => 2 }"
    ");\n%profiles = (\n"
    "'web' => { 'description' => \"two\\nlines\", 'type' => 'continuous', "
    "'shadow' => 0, 'expire' => '30 days', 'maxsize' => '1.5g',\n"
    "  'channels' => {\n"
    "    'https' => { 'filter' => 'proto tcp and port 443', 'sources' => "
    "'|up||p1|', 'col' => '#00aa00', 'sign' => '-', 'order' => 2 },\n"
    "    'quic' => { 'sources' => [ qw(p1) ] },\n"
    "    'up' => { },\n  } },\n"
    "'g/h' => { type => 'history', tstart => '2026-01-01-00-03', tend => "
    "202601020000, shadow => 1, channels => { all => { filter => q{any} } } "
    "},\n);\n";

START_TEST(profiles_are_read_with_their_defaults)
{
	struct conf *c = must_load(with_profiles);
	ck_assert(c->has_profiles);
	ck_assert_uint_eq(c->n_profiles, 2);
	const struct conf_profile *p = conf_profile_find(c, ".", "web");
	ck_assert_str_eq(p->description, "two\nlines");
	ck_assert(!p->shadow && !p->history);
	ck_assert_int_eq(p->expire_hours, 720);
	ck_assert_uint_eq(p->maxsize, UINT64_C(3) << 29);
	ck_assert_uint_eq(p->n_channels, 3);
	const struct conf_channel *ch = p->channels;
	ck_assert_str_eq(ch[0].name, "https");
	ck_assert_uint_eq(ch[0].n_sources, 2);
	ck_assert_str_eq(ch[0].sources[1], "p1");
	ck_assert_int_eq(ch[0].sign, '-');
	ck_assert_int_eq(ch[0].order, 2);
	ck_assert_str_eq(ch[1].filter, "any");
	ck_assert_uint_eq(ch[1].n_sources, 1);
	ck_assert_int_eq(ch[1].sign, '+');
	ck_assert_ptr_null(ch[1].col);
	ck_assert_uint_eq(ch[2].n_sources, 0);
	p = conf_profile_find(c, "g", "h");
	ck_assert(p->shadow && p->history);
	ck_assert_int_eq(p->tstart, INT64_C(1767225600));
	ck_assert_int_eq(p->tend - p->tstart, 86400);
	ck_assert_ptr_null(conf_profile_find(c, ".", "h"));
	conf_free(c);
}
END_TEST

static void
check_round_trip(const char *text)
{
	struct conf *c = must_load(text);
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	conf_print(c, &once);
	struct conf *d = must_load(buf_str(&once));
	conf_print(d, &twice);
	ck_assert_str_eq(buf_str(&once), buf_str(&twice));
	conf_free(c);
	conf_free(d);
	buf_free(&once);
	buf_free(&twice);
}

START_TEST(the_printed_config_prints_the_same)
{
	check_round_trip(BASE);
	check_round_trip(with_profiles);
	check_round_trip(
	    BASE "%profiles = (); $X = 'it\\'s \\\\'; @Y = (1);\n"
		 "@plugins = ( [ '*', 'demo' ] ); $LogSocket = undef;\n"
		 "%PluginConf = ( a => { b => [ 1, { c => undef } ] } );");
	check_round_trip(BASE
	    "$CYCLETIME = 7; $ZIPprofiles = '-z=zstd:9'; $FSYNC = 'block';\n"
	    "$FLOWFORMAT = 'newest';\n"
	    "%profiles = ( a => { type => 'history', tstart => "
	    "'20260101000009', tend => '20260101010109', channels => { x => {} "
	    "} } );");
}
END_TEST

START_TEST(zstd_is_warned_about_unless_readers_know_it)
{
	struct conf *c = must_load(BASE "$ZIPcollected = '-z=zstd';");
	ck_assert_str_eq(buf_str(&c->warnings),
	    "f:2:17: '$ZIPcollected': nfdump 1.7.1 cannot read zstd, and "
	    "'$FLOWFORMAT' is not 'newest'\n");
	conf_free(c);
	c = must_load(BASE "$ZIPprofiles = 'zstd'; $FLOWFORMAT = 'newest';");
	ck_assert_int_eq(c->flowformat, COMPAT_NEWEST);
	ck_assert_str_eq(buf_str(&c->warnings), "");
	conf_free(c);
}
END_TEST

START_TEST(unknown_names_are_warned_about_and_kept)
{
	struct conf *c = must_load(BASE
	    "$helper = '/h';\n$VARDIR = "
	    "\"$helper/v\";\n$BUFLEN = 3;\n%sources = ( a => { prt => 1 } );");
	ck_assert_str_eq(buf_str(&c->warnings),
	    "f:4:1: '$BUFLEN' is no setting that is known here\n"
	    "f:5:21: source 'a': 'prt' is not known and ignored\n"
	    "f:5:14: source 'a' has no 'port', so no collector\n");
	struct buf b = BUF_EMPTY;
	conf_print(c, &b);
	ck_assert_ptr_nonnull(strstr(buf_str(&b), "$BUFLEN = 3;\n"));
	buf_free(&b);
	conf_free(c);
}
END_TEST

START_TEST(the_path_is_the_option_or_the_environment)
{
	ck_assert_str_eq(conf_path("/x"), "/x");
	ck_assert_int_eq(setenv("NFSEN_CONF", "/y", 1), 0);
	ck_assert_str_eq(conf_path(NULL), "/y");
	ck_assert_int_eq(unsetenv("NFSEN_CONF"), 0);
	ck_assert_ptr_nonnull(strstr(conf_path(NULL), "nfsen.conf"));
}
END_TEST

START_TEST(a_missing_file_is_an_error_with_its_name)
{
	ck_assert_ptr_null(conf_load("/nonexistent/n.conf", &err));
	ck_assert_str_eq(err.msg,
	    "/nonexistent/n.conf: No such file or directory");
}
END_TEST

START_TEST(real_configs_load_unchanged)
{
	const char *shared = getenv("SHARED");
	char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
	ck_assert(file_join(folder, shared != NULL ? shared : "../shared",
	    "data/conf"));
	DIR *d = opendir(folder);
	if (d == NULL) {
		(void)printf("skipped: %s is not here\n", folder);
		return;
	}
	unsigned n = 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		const char *dot = strrchr(e->d_name, '.');
		if (dot == NULL || strcmp(dot, ".conf") != 0)
			continue;
		ck_assert(file_join(path, folder, e->d_name));
		struct conf *c = conf_load(path, &err);
		ck_assert_msg(c != NULL, "%s", err.msg);
		ck_assert_str_eq(buf_str(&c->warnings), "");
		struct buf b = BUF_EMPTY;
		conf_print(c, &b);
		check_round_trip(buf_str(&b));
		buf_free(&b);
		conf_free(c);
		n++;
	}
	(void)closedir(d);
	ck_assert_uint_ge(n, 4);
}
END_TEST

START_TEST(the_shipped_example_loads_without_a_warning)
{
	struct conf *c = conf_load("etc/nfsen-compat.conf", &err);
	ck_assert_msg(c != NULL, "%s", err.msg);
	ck_assert_str_eq(buf_str(&c->warnings), "");
	ck_assert_uint_gt(c->n_sources, 0);
	ck_assert_uint_gt(c->n_profiles, 0);
	conf_free(c);
}
END_TEST

START_TEST(the_system_is_asked_for_user_group_and_folders)
{
	char dir[] = "/tmp/test_conf.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	char text[512];
	(void)snprintf(text, sizeof(text), "$BASEDIR = '%s';", dir);
	struct conf *c = must_load(text);
	ck_assert_msg(conf_check_system(c, &err) == 0, "%s", err.msg);
	c->user = "nosuchuser";
	ck_assert_int_eq(conf_check_system(c, &err), -1);
	ck_assert_str_eq(err.msg,
	    "f: user 'nosuchuser' not found on this system");
	c->user = "nobody";
	c->wwwgroup = "nosuchgroup";
	ck_assert_int_eq(conf_check_system(c, &err), -1);
	ck_assert_str_eq(err.msg,
	    "f: group 'nosuchgroup' not found on this system");
	c->wwwgroup = NULL;
	c->piddir = "/dev/null/x";
	ck_assert_int_eq(conf_check_system(c, &err), -1);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(conf_check_system(c, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "not found"));
	conf_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("load");
	tcase_add_test(t, defaults_follow_basedir);
	tcase_add_test(t, an_empty_setting_has_its_default);
	tcase_add_test(t, a_simulation_has_its_times);
	tcase_add_test(t, a_simulation_without_sense_is_refused);
	tcase_add_test(t, a_default_can_be_read_before_it_is_set);
	tcase_add_loop_test(t, compression_means_what_its_users_meant, 0,
	    sizeof(codecs) / sizeof(*codecs));
	tcase_add_loop_test(t, a_wrong_value_is_refused_with_its_place, 0,
	    sizeof(refused) / sizeof(*refused));
	tcase_add_test(t, sources_are_read_and_sorted);
	tcase_add_test(t, profiles_are_read_with_their_defaults);
	tcase_add_test(t, the_printed_config_prints_the_same);
	tcase_add_test(t, zstd_is_warned_about_unless_readers_know_it);
	tcase_add_test(t, unknown_names_are_warned_about_and_kept);
	tcase_add_test(t, the_path_is_the_option_or_the_environment);
	tcase_add_test(t, a_missing_file_is_an_error_with_its_name);
	tcase_add_test(t, real_configs_load_unchanged);
	tcase_add_test(t, the_shipped_example_loads_without_a_warning);
	tcase_add_test(t, the_system_is_asked_for_user_group_and_folders);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
