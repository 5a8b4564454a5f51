#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ops_fixture.h"
#include "profile/nfstat.h"
#include "profile/saved.h"
#include "store/rrd.h"

static struct profile *
load(const char *group, const char *name)
{
	struct profile *p = profile_load(tree, group, name, &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	return p;
}

/* The profile's file without its first line(s) of description. */
static void
expect_file(const char *group, const char *name, const char *want)
{
	struct profile *p = load(group, name);
	struct buf text = BUF_EMPTY;
	profile_print(p, &text);
	ck_assert_str_eq(buf_str(&text), want);
	buf_free(&text);
	profile_free(p);
}

static bool
there(const char *below)
{
	char path[FILE_PATH_MAX];
	return file_join(path, root, below) && file_exists(path);
}

static void
expect_text(const char *below, const char *want)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	ck_assert(file_join(path, root, below));
	ck_assert_msg(file_read(path, 100000, &text, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(buf_str(&text), want);
	buf_free(&text);
}

static int64_t
last_of(const char *group, const char *name, const char *channel)
{
	char path[FILE_PATH_MAX];
	struct profile *p = load(group, name);
	ck_assert(profile_rrd_path(tree, p, channel, path));
	profile_free(p);
	return rrd_channel_last(path, &err);
}

static void
expect_channels(const char *group, const char *name, const char *want)
{
	struct buf text = BUF_EMPTY;
	struct profile *p = load(group, name);
	for (size_t i = 0; i < p->n_channels; i++) {
		const struct channel *ch = &p->channels[i];
		buf_printf(&text, "%s%s%c%d", i > 0 ? " " : "", ch->name,
		    ch->sign, ch->order);
	}
	ck_assert_str_eq(buf_str(&text), want);
	buf_free(&text);
	profile_free(p);
}

/* ---- what is refused ------------------------------------------------------------ */

/* Each leaves the tree as it was. */
static const struct {
	const char *say;
	const char *answer;
} refused[] = {
	{ "modify-profile", "Missing profile name" },
	{ "modify-profile;profile=", "Missing profile name" },
	{ "modify-profile;profilegroup=services", "Missing profile name" },
	{ "modify-profile;profile=nosuch", "Profile 'nosuch' does not exists" },
	{ "modify-profile;profile=services/nosuch",
	    "Profile 'nosuch' does not exists profile group 'services'" },
	{ "modify-profile;profile=dns;profilegroup=nogroup",
	    "Profile 'dns' does not exists profile group 'nogroup'" },
	{ "modify-profile;profile=services/dns;profilegroup=services",
	    "Ambiguous profile group" },
	{ "modify-profile;profile=we*b",
	    "Illegal characters in profile name 'we*b'!" },
	{ "modify-profile;profile=../web",
	    "Illegal characters in profile group name '..'!" },
	{ "modify-profile;profile=a/b/c",
	    "Illegal characters in profile group name 'a/b'!" },
	{ "modify-profile;profile=web;profilegroup=../..",
	    "Illegal characters in profile group name '../..'!" },
	{ "modify-profile;profile=..",
	    "Illegal characters in profile name '..'!" },
	{ "modify-profile;profile=a\nb",
	    "Illegal characters in profile name 'a\nb'!" },

	{ "add-profile", "Missing profile name" },
	{ "add-profile;profile=web",
	    "profile 'web' in group '.' already exists" },
	{ "add-profile;profile=live",
	    "profile 'live' in group '.' already exists" },
	{ "add-profile;profile=we b",
	    "Illegal characters in profile name 'we b'!" },
	{ "add-profile;profile=x1;tstart=2026", "Time format wrong '2026'!" },
	{ "add-profile;profile=x1;tstart=202613010000",
	    "Time format wrong '202613010000'!" },
	{ "add-profile;profile=x1;tstart=203001010000",
	    "Profile start time in future: '1893456000'!" },
	{ "add-profile;profile=x1;tstart=202611010000",
	    "'202611010000' not within 'live' profile time window" },
	{ "add-profile;profile=x1;tstart=202611230500;tend=202611230400",
	    "'202611230400' before start time '202611230500'" },
	{ "add-profile;profile=x1;tend=x", "Time format wrong 'x'!" },
	{ "add-profile;profile=x2;expire=soon", "Unknown expire time 'soon'" },
	{ "add-profile;profile=x2;expire=-1", "Unknown expire time '-1'" },
	{ "add-profile;profile=x2;maxsize=big", "Unknown max size 'big'" },
	{ "add-profile;profile=x2;maxsize=-5m", "Unknown max size '-5m'" },

	{ "add-channel;profile=draft", "Missing channel name!" },
	{ "add-channel;channel=c", "Missing profile name" },
	{ "add-channel;profile=draft;channel=draft/c",
	    "Ambiguous channel definition" },
	{ "add-channel;profilegroup=x;channel=draft/c",
	    "Ambiguous channel definition" },
	{ "add-channel;channel=/c", "Missing profile name" },
	{ "add-channel;profile=live;channel=c",
	    "For profile 'live', add channels in nfsen.conf and run "
	    "nfsen reconfig !" },
	{ "add-channel;profile=draft;channel=.c",
	    "checking channel name: Name must not start with '.'!" },
	{ "add-channel;profile=draft;channel=***",
	    "checking channel name: Invalid name: RRD allowed characters: "
	    "A-Z, a-z, 0-9, -,_ !" },
	{ "add-channel;profile=draft;channel=a b",
	    "checking channel name: Invalid name: RRD allowed characters: "
	    "A-Z, a-z, 0-9, -,_ !" },
	{ "add-channel;profile=draft;channel=c\nd",
	    "checking channel name: Invalid name: RRD allowed characters: "
	    "A-Z, a-z, 0-9, -,_ !" },
	{ "add-channel;profile=draft;channel="
	  "a123456789a123456789a123456789a123456789a123456789a123456789a1234",
	    "checking channel name: Name is too long!" },
	{ "add-channel;profile=draft;channel=ssh",
	    "channel 'ssh' already exists." },
	{ "add-channel;profile=draft;channel=c1;sourcelist=peer1|nosuch",
	    "source 'nosuch' does not exist in profile live" },
	{ "add-channel;profile=draft;channel=c1;sourcelist=|",
	    "source '' does not exist in profile live" },
	{ "add-channel;profile=draft;channel=c1;filter=proto tcp and and",
	    "Filter syntax error: Line 1: syntax error at 'and'" },
	{ "add-channel;profile=draft;channel=c1;filter=",
	    "Filter syntax error: the filter is empty" },
	{ "add-channel;profile=draft;channel=c1;filter=# nothing;filter= ",
	    "Filter syntax error: the filter is empty" },
	{ "add-channel;profile=frozen;channel=c1", "Profile is locked!" },
	{ "add-channel;profile=draft;channel=c3;colour=red",
	    "colour format error. Use '#dddddd'" },
	{ "add-channel;profile=draft;channel=c3;sign=x",
	    "sign format error. Use '+' or '-'" },
	{ "add-channel;profile=web;channel=c3;order=x",
	    "option format error: not a number" },
	{ "add-channel;profile=web;channel=c3;order=-1",
	    "option format error: not a number" },

	{ "modify-channel;profile=web",
	    "checking channel name: Invalid name: RRD allowed characters: "
	    "A-Z, a-z, 0-9, -,_ !" },
	{ "modify-channel;profile=web;channel=nosuch;colour=#111111",
	    "channel 'nosuch' does not exists." },
	{ "modify-channel;profile=web;channel=http;colour=blue",
	    "Invalid value for option colour: 'blue'. Use colour=#aabbcc" },
	{ "modify-channel;profile=web;channel=http;sign=0",
	    "Invalid value for option sign: '0'. Use sign=+ or sign=-" },
	{ "modify-channel;profile=web;channel=http;order=7",
	    "Invalid value for option order: '7'. Use order=1..2" },
	{ "modify-channel;profile=web;channel=http;order=abc",
	    "Invalid value for option order: 'abc'. Use order=1..2" },
	{ "modify-channel;profile=web;channel=http;order=99999999999999999999",
	    "Invalid value for option order: '99999999999999999999'. "
	    "Use order=1..2" },
	{ "modify-channel;profile=web;channel=http;sourcelist=nosuch",
	    "source 'nosuch' does not exist in profile live" },
	{ "modify-channel;profile=web;channel=http;filter=host \"a",
	    "Filter syntax error: Line 1: " },
	{ "modify-channel;profile=web;channel=http;colour=#010101;"
	  "filter=nonsense",
	    "Filter syntax error: Line 1: " },
	{ "modify-channel;profile=live;channel=peer1;filter=any",
	    "Can't modify filter in profile 'live'." },
	{ "modify-channel;profile=live;channel=peer1;sourcelist=peer2",
	    "Can't modify sourcelist in profile 'live'." },
	{ "modify-channel;profile=dns;channel=services/dns/query;"
	  "colour=#222222",
	    "Ambiguous channel definition" },

	{ "modify-profile;profile=web;locked=2",
	    "Invalid value for option locked: '2'. Use locked=0 or locked=1" },
	{ "modify-profile;profile=web;status=broken",
	    "Invalid value for option status: 'broken'. "
	    "Use 'new', 'OK' or 'FAILED'" },
	{ "modify-profile;profile=web;expire=x", "Unknown expire time 'x'" },
	{ "modify-profile;profile=web;maxsize=x", "Unknown max size 'x'" },
	{ "modify-profile;profile=web;maxsize=1t;expire=x",
	    "Unknown expire time 'x'" },
	{ "modify-profile;profile=incident;expire=x",
	    "Unknown expire time 'x'" },
	{ "modify-profile;profile=live;newgroup=customers",
	    "Don't want to move profile 'live'!" },
	{ "modify-profile;profile=draft;newgroup=customers",
	    "Profile 'draft' is not in status 'OK' and can not be moved now!" },
	{ "modify-profile;profile=draft;status=OK;newgroup=customers",
	    "Profile 'draft' is not in status 'OK' and can not be moved now!" },
	{ "modify-profile;profile=web;newgroup=a b",
	    "Illegal characters in group name: 'a b'!" },
	{ "modify-profile;profile=web;newgroup=",
	    "Illegal characters in group name: ''!" },
	{ "modify-profile;profile=web;profile_type=4",
	    "Illegal profile type '0'" },
	{ "modify-profile;profile=web;profile_type=3",
	    "Illegal profile type '3'" },
	{ "modify-profile;profile=web;profile_type=9",
	    "Illegal profile type '9'" },
	{ "modify-profile;profile=web;profile_type=x",
	    "Illegal profile type 'x'" },
	{ "modify-profile;profile=web;profile_type=22",
	    "Illegal profile type '22'" },
	{ "modify-profile;profile=live;profile_type=2",
	    "Don't want to change the type of profile 'live'!" },
	{ "modify-profile;profile=services/dns;profile_type=1",
	    "Can not convert to history profile - no data available" },

	{ "delete-channel;profile=web",
	    "checking channel name: Invalid name: RRD allowed characters: "
	    "A-Z, a-z, 0-9, -,_ !" },
	{ "delete-channel;profile=web;channel=..",
	    "checking channel name: Name must not start with '.'!" },
	{ "delete-channel;profile=web;channel=nosuch",
	    "channel 'nosuch' does not exists." },
	{ "delete-channel;profile=live;channel=peer1",
	    "Profile 'live'. Delete channels in nfsen.conf and run nfsen "
	    "reconfig !" },
	{ "delete-channel;profile=frozen;channel=icmp", "Profile is locked!" },
	{ "delete-channel;profile=frozen;channel=icmp;force=1",
	    "Profile is locked!" },

	{ "delete-profile;profile=live;force=1",
	    "Don't want to delete profile 'live'!" },
	{ "delete-profile;profile=frozen",
	    "Profile 'frozen' is locked and can not be deleted now!" },
	{ "delete-profile;profile=draft",
	    "Profile 'draft' is not in status 'OK' and can not be deleted "
	    "now!" },

	{ "commit-profile;profile=web",
	    "Profile 'web' not a new profile. Nothing to confirm." },
	{ "commit-profile;profile=live",
	    "Profile 'live' not a new profile. Nothing to confirm." },
	{ "commit-profile;profile=stall",
	    "No channels in profile 'stall'. At least one channels must "
	    "exists." },
	{ "cancel-profile;profile=web", "No such build in progress" },
	{ "cancel-profile;profile=draft", "No such build in progress" },
	{ "cancel-profile;profile=live",
	    "Don't want to delete profile 'live'!" },
};

START_TEST(what_cannot_be_done_is_refused_and_changes_nothing)
{
	struct buf want = BUF_EMPTY;
	char *before = picture(tree);
	const char *answer = say(refused[_i].say);
	buf_printf(&want, "ERR %s", refused[_i].answer);
	/* Messages that go on in the parser's words end in a blank. */
	if (want.data[want.len - 1] == ' ')
		ck_assert_msg(strncmp(answer, want.data, want.len) == 0, "%s",
		    answer);
	else
		ck_assert_str_eq(answer, buf_str(&want));
	char *after = picture(tree);
	ck_assert_str_eq(before, after);
	buf_free(&want);
	free(before);
	free(after);
}
END_TEST

START_TEST(a_broken_descriptor_is_named)
{
	struct profile p = { .group = ".", .name = "web" };
	char path[FILE_PATH_MAX];
	make_file(&p, "profile.dat", "name = web\nnonsense = 1\n");
	ck_assert_ptr_nonnull(strstr(say("modify-profile;profile=web;locked=1"),
	    "ERR Profile 'web' in group '.': "));
	ck_assert(profile_stat_path(tree, ".", "web", "profile.dat", path));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_str_eq(say("modify-profile;profile=web;locked=1"),
	    "ERR Missing profile descriptor file of profile 'web'");
}
END_TEST

START_TEST(a_marked_profile_is_not_there_and_in_the_way)
{
	struct profile p = { .group = ".", .name = "web" };
	make_file(&p, ".DELETED", "profile deleted and to be removed later\n");
	ck_assert_str_eq(say("modify-profile;profile=web"),
	    "ERR Profile 'web' does not exists");
	ck_assert_str_eq(say("add-profile;profile=web"),
	    "ERR profile 'web' in group '.' already exists");
	ck_assert_int_eq(ops_recover(tree, &err), 0);
	ck_assert(!there("stat/web"));
	ck_assert(!there("data/web"));
	ck_assert_str_eq(say("add-profile;profile=web"), "OK profile added");
}
END_TEST

/* ---- profiles come ----------------------------------------------------------------- */

START_TEST(a_continuous_profile_from_add_to_commit)
{
	ck_assert_str_eq(say("add-profile;profile=c1;expire=2 days 3 hours;"
			     "maxsize=1.5g;description=first line;"
			     "description=second line"),
	    "OK profile added");
	ck_assert(res.changed);
	ck_assert_str_eq(res.name, "c1");
	expect_file(".", "c1",
	    "# first line\n# second line\nname = c1\ngroup = .\n"
	    "tbegin = 1795413300\ntcreate = 1795413740\n"
	    "tstart = 1795413300\ntend = 1795413300\nupdated = 1795413000\n"
	    "expire = 51\nmaxsize = 1610612736\nsize = 0\ntype = 2\n"
	    "locked = 0\nstatus = new\nversion = 130\n");
	ck_assert_str_eq(
	    say("add-channel;profile=c1;channel=tcp;filter=proto tcp;"
		"colour=#ff0000;sign=+;order=1;sourcelist=upstream1|peer1"),
	    "OK Channel 'tcp' added.");
	ck_assert_str_eq(
	    say("add-channel;profile=c1;channel=udp;filter=proto udp;"
		"filter=and not port 53;colour=#00ff00;order=1;"
		"sourcelist=||upstream1||peer1|upstream1"),
	    "OK Channel 'udp' added.");
	ck_assert_str_eq(
	    say("add-channel;channel=c1/neg;filter=proto icmp;sign=-"),
	    "OK Channel 'neg' added.");
	ck_assert_str_eq(say("commit-profile;profile=c1"),
	    "OK command completed");
	ck_assert(!res.build);
	expect_file(".", "c1",
	    "# first line\n# second line\nname = c1\ngroup = .\n"
	    "tbegin = 1795413300\ntcreate = 1795413740\n"
	    "tstart = 1795413300\ntend = 1795413300\nupdated = 1795413000\n"
	    "expire = 51\nmaxsize = 1610612736\nsize = 0\ntype = 2\n"
	    "locked = 0\nstatus = OK\nversion = 130\n"
	    "channel = tcp:+:#ff0000:2:upstream1|peer1\n"
	    "channel = udp:+:#00ff00:1:upstream1|peer1\n"
	    "channel = neg:-:#abcdef:1:peer1|peer2|upstream1\n");
	expect_text("stat/c1/udp-filter.txt", "proto udp\nand not port 53\n");
	ck_assert(there("data/c1/neg"));
	ck_assert_int_eq(last_of(".", "c1", "udp"), LIVE_END - 300);
	ck_assert_str_eq(say("commit-profile;profile=c1"),
	    "ERR Profile 'c1' not a new profile. Nothing to confirm.");
}
END_TEST

/* An import, which has no part in the tree's lock. */
START_TEST(another_program_at_work_is_waited_for)
{
	int fd = open(tree->profilestatdir, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_str_eq(say("add-profile;profile=c1"),
	    "ERR Another program is changing profiles. Try again later.");
	pid_t pid = fork();
	if (pid == 0) {
		static const struct timespec nap = { .tv_nsec = 200000000 };
		(void)nanosleep(&nap, NULL);
		_exit(0);
	}
	/* The lock is the child's now, and goes with it. */
	(void)close(fd);
	ck_assert_str_eq(say("add-profile;profile=c1"), "OK profile added");
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(a_history_needs_a_build)
{
	ck_assert_str_eq(say("add-profile;profile=ops/h1;tstart=202611230400;"
			     "tend=202611230430;expire=10;description=one"),
	    "OK profile added");
	ck_assert_str_eq(res.group, "ops");
	expect_file("ops", "h1",
	    "# one\nname = h1\ngroup = ops\ntbegin = 1795406400\n"
	    "tcreate = 1795413740\ntstart = 1795406400\ntend = 1795408200\n"
	    "updated = 1795406100\nexpire = 0\nmaxsize = 0\nsize = 0\n"
	    "type = 1\nlocked = 0\nstatus = new\nversion = 130\n");
	ck_assert(there("stat/ops/.group"));
	ck_assert(there("data/ops/.group"));
	ck_assert_str_eq(say("add-channel;channel=ops/h1/all;filter=any"),
	    "OK Channel 'all' added.");
	ck_assert_int_eq(last_of("ops", "h1", "all"), 1795406100);
	ck_assert_str_eq(say("commit-profile;profile=ops/h1"),
	    "OK Profiling netflow data");
	ck_assert(res.build);
	ck_assert(!res.changed);
	ck_assert_int_eq(res.from, 1795406400);
	ck_assert_int_eq(res.to, 1795408200);
	struct profile *p = load("ops", "h1");
	ck_assert_str_eq(p->status, "new");
	profile_free(p);
}
END_TEST

/* Arguments of add-profile, and what becomes of them. */
static const struct {
	const char *args;
	int type;
	int64_t tstart, tend, expire;
	uint64_t maxsize;
} windows[] = {
	{ "", 2, LIVE_END, LIVE_END, 0, 0 },
	{ ";shadow=0", 2, LIVE_END, LIVE_END, 0, 0 },
	{ ";shadow=1;expire=10;maxsize=10m", 6, LIVE_END, LIVE_END, 0, 0 },
	{ ";tstart=2026-11-23-04-03", 2, 1795406400, LIVE_END, 0, 0 },
	{ ";tstart=202611230400;expire=1 day;maxsize=2.5", 2, 1795406400,
	    LIVE_END, 24, 2621440 },
	{ ";tstart=202611230400;tend=203001010000;maxsize=5", 1, 1795406400,
	    LIVE_END, 0, 0 },
	{ ";tstart=202611230400;tend=202611230404;shadow=1", 5, 1795406400,
	    1795406400, 0, 0 },
	{ ";tend=202611010000", 2, LIVE_END, LIVE_END, 0, 0 },
	{ ";tstart=202611230300", 2, LIVE_START, LIVE_END, 0, 0 },
};

START_TEST(the_arguments_say_what_kind_of_profile_it_is)
{
	struct buf line = BUF_EMPTY;
	buf_printf(&line, "add-profile;profile=p%s", windows[_i].args);
	ck_assert_str_eq(say(buf_str(&line)), "OK profile added");
	struct profile *p = load(".", "p");
	ck_assert_int_eq(p->type, windows[_i].type);
	ck_assert_int_eq(p->tstart, windows[_i].tstart);
	ck_assert_int_eq(p->tbegin, windows[_i].tstart);
	ck_assert_int_eq(p->updated, windows[_i].tstart - 300);
	ck_assert_int_eq(p->tend, windows[_i].tend);
	ck_assert_int_eq(p->expire, windows[_i].expire);
	ck_assert_uint_eq(p->maxsize, windows[_i].maxsize);
	ck_assert_str_eq(p->status, "new");
	profile_free(p);
	buf_free(&line);
}
END_TEST

START_TEST(a_profile_from_the_past_is_built_up_to_now)
{
	ck_assert_str_eq(say("commit-profile;profile=draft"),
	    "OK Profiling netflow data");
	ck_assert_int_eq(res.from, LIVE_START);
	ck_assert_int_eq(res.to, LIVE_END);
}
END_TEST

/* Live has gone on between add and commit. */
START_TEST(a_profile_that_waited_too_long_is_built_as_well)
{
	(void)say("add-profile;profile=p");
	(void)say("add-channel;profile=p;channel=c");
	struct profile *live = load(".", "live");
	live->tend += 600;
	keep_profile(live);
	ck_assert_str_eq(say("commit-profile;profile=p"),
	    "OK command completed");
	(void)say("modify-profile;profile=p;status=new");
	live = load(".", "live");
	live->tend += 300;
	keep_profile(live);
	ck_assert_str_eq(say("commit-profile;profile=p"),
	    "OK Profiling netflow data");
	ck_assert_int_eq(res.from, LIVE_END);
	ck_assert_int_eq(res.to, LIVE_END + 900);
}
END_TEST

START_TEST(a_stalled_profile_begins_again_now)
{
	ck_assert_str_eq(say("add-channel;profile=stall;channel=again"),
	    "OK Channel 'again' added.");
	expect_text("stat/stall/again-filter.txt", "not any\n");
	ck_assert_str_eq(say("commit-profile;profile=stall"),
	    "OK command completed");
	struct profile *p = load(".", "stall");
	ck_assert_str_eq(p->status, "OK");
	ck_assert_int_eq(p->tstart, SLOT);
	ck_assert_int_eq(p->tend, SLOT);
	/* The slot that runs is still to come. */
	ck_assert_int_eq(p->updated, SLOT - 300);
	profile_free(p);
	ck_assert_int_eq(last_of(".", "stall", "again"), SLOT - 300);
}
END_TEST

START_TEST(a_stalled_history_stays_so)
{
	ck_assert_str_eq(say("delete-channel;profile=incident;channel=all"),
	    "OK Channel 'all' deleted.");
	(void)say("add-channel;profile=incident;channel=c");
	ck_assert_str_eq(say("commit-profile;profile=incident"),
	    "ERR Can not commit stalled history profile.");
}
END_TEST

START_TEST(a_build_is_asked_to_stop)
{
	struct profile p = { .group = ".", .name = "web" };
	make_file(&p, ".BUILDING", "99999\n");
	for (int twice = 0; twice < 2; twice++)
		ck_assert_str_eq(say("cancel-profile;profile=web"),
		    "OK Building profile 'web' canceled.");
	ck_assert(there("stat/web/.BUILDING"));
	ck_assert(there("stat/web/.CANCELED"));
	ck_assert_str_eq(say("modify-profile;profile=web;newgroup=g"),
	    "ERR Profile 'web' is being built. Cancel the build first!");
	ck_assert_str_eq(say("modify-profile;profile=web;description=new"),
	    "OK profile modified");
}
END_TEST

START_TEST(a_profile_is_no_group_and_a_group_no_profile)
{
	ck_assert_ptr_nonnull(strstr(say("add-profile;profile=web/sub"),
	    "ERR Can't create profile group directory "));
	ck_assert_ptr_nonnull(strstr(say("add-profile;profile=live/sub"),
	    "ERR Can't create profile group directory "));
	ck_assert(!there("stat/web/.group"));
	ck_assert_ptr_nonnull(strstr(say("add-profile;profile=services"),
	    "ERR Can't create profile directory "));
	ck_assert_ptr_nonnull(
	    strstr(say("modify-profile;profile=web;newgroup=frozen"),
		"ERR Can't create profile group directory "));
}
END_TEST

/* ---- channels ------------------------------------------------------------------------ */

START_TEST(channels_keep_their_order)
{
	static const struct {
		const char *say;
		const char *order;
	} steps[] = {
		{ "add-channel;profile=web;channel=n1;order=1;colour=#010101",
		    "https+2 http+3 quic-1 n1+1" },
		{ "add-channel;profile=web;channel=n2;sign=-",
		    "https+2 http+3 quic-1 n1+1 n2-2" },
		{ "modify-channel;profile=web;channel=http;order=1",
		    "https+3 http+1 quic-1 n1+2 n2-2" },
		{ "modify-channel;profile=web;channel=https;sign=-",
		    "https-3 http+1 quic-1 n1+2 n2-2" },
		{ "modify-channel;profile=web;channel=n2;order=1",
		    "https-3 http+1 quic-2 n1+2 n2-1" },
		{ "modify-channel;profile=web;channel=n2;order=0",
		    "https-2 http+1 quic-1 n1+2 n2-3" },
		{ "modify-channel;profile=web;channel=n1;order=0;"
		  "colour=#AABBCC",
		    "https-2 http+1 quic-1 n1+2 n2-3" },
		{ "modify-channel;profile=web;channel=n1;order=1",
		    "https-2 http+2 quic-1 n1+1 n2-3" },
		{ "modify-channel;profile=web;channel=quic;sign=+;order=2",
		    "https-1 http+3 quic+2 n1+1 n2-2" },
		{ "delete-channel;profile=web;channel=n1",
		    "https-1 http+2 quic+1 n2-2" },
		{ "add-channel;profile=web;channel=n3;order=99",
		    "https-1 http+2 quic+1 n2-2 n3+3" },
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		ck_assert_msg(strncmp(say(steps[i].say), "OK ", 3) == 0, "%s",
		    err.msg);
		expect_channels(".", "web", steps[i].order);
	}
}
END_TEST

START_TEST(a_channel_of_a_running_profile_begins_with_the_next_slot)
{
	ck_assert_str_eq(say("add-channel;profile=web;channel=upstream1"),
	    "OK Channel 'upstream1' added.");
	ck_assert_int_eq(last_of(".", "web", "upstream1"), LIVE_END);
	struct profile *p = load(".", "web");
	/* It looks like the one of live. */
	ck_assert_str_eq(profile_find_channel(p, "upstream1")->color,
	    "#0000ff");
	profile_free(p);
}
END_TEST

START_TEST(a_channel_gets_another_filter_and_other_sources)
{
	ck_assert_str_eq(
	    say("modify-channel;profile=web;channel=http;"
		"filter=proto tcp and;filter=(port 80 or port 8080);"
		"sourcelist=peer2;colour=#111111"),
	    "OK profile modified");
	expect_text("stat/web/http-filter.txt",
	    "proto tcp and\n(port 80 or port 8080)\n");
	struct profile *p = load(".", "web");
	const struct channel *ch = profile_find_channel(p, "http");
	ck_assert_uint_eq(ch->n_sources, 1);
	ck_assert_str_eq(ch->sources[0], "peer2");
	ck_assert_str_eq(ch->color, "#111111");
	profile_free(p);
	ck_assert_str_eq(say("modify-channel;profile=web;channel=http"),
	    "OK Nothing modified");
	ck_assert(!res.changed);
	ck_assert_str_eq(say("modify-channel;profile=live;channel=peer1;"
			     "color=#ABCDEF;order=3"),
	    "OK profile modified");
	expect_channels(".", "live", "peer1+3 peer2+1 upstream1+2");
	ck_assert_str_eq(
	    say("modify-channel;channel=services/dns/query;colour=#222222"),
	    "OK profile modified");
}
END_TEST

START_TEST(the_last_channel_leaves_a_stalled_profile)
{
	ck_assert_str_eq(say("delete-channel;profile=services/mail;"
			     "channel=smtp"),
	    "OK Channel 'smtp' deleted.");
	ck_assert(!there("data/services/mail/smtp"));
	ck_assert(!there("stat/services/mail/smtp.rrd"));
	ck_assert(!there("stat/services/mail/smtp-filter.txt"));
	struct profile *p = load("services", "mail");
	ck_assert_str_eq(p->status, "stalled");
	ck_assert_int_eq(p->tstart, LIVE_END);
	ck_assert_int_eq(p->tbegin, LIVE_START - 7200);
	ck_assert_uint_eq(p->size, 0);
	profile_free(p);
	ck_assert_str_eq(say("delete-channel;profile=draft;channel=ssh"),
	    "OK Channel 'ssh' deleted.");
	p = load(".", "draft");
	ck_assert_str_eq(p->status, "new");
	ck_assert_int_eq(p->tstart, LIVE_START);
	profile_free(p);
}
END_TEST

START_TEST(the_size_is_that_of_the_channels_that_stay)
{
	char dir[FILE_PATH_MAX];
	ck_assert(profile_data_path(tree, ".", "web", "http", dir));
	ck_assert_int_eq(nfstat_file_added(dir, LIVE_END, 8192, -1, &err), 0);
	ck_assert(profile_data_path(tree, ".", "web", "quic", dir));
	ck_assert_int_eq(nfstat_file_added(dir, LIVE_END, 512, -1, &err), 0);
	(void)say("delete-channel;profile=web;channel=http");
	struct profile *p = load(".", "web");
	ck_assert_uint_eq(p->size, 512);
	profile_free(p);
}
END_TEST

/* A channel that another system has made can be thrown away. */
START_TEST(a_channel_with_a_strange_name_can_be_deleted)
{
	struct profile *p = load(".", "web");
	make_channel(p, "a;b c", '+');
	keep_profile(p);
	struct ops_request r = { .profile = "web", .channel = "a;b c" };
	ck_assert_msg(ops_delete_channel(tree, &r, NOW, &res, &err) == 0, "%s",
	    err.msg);
	ck_assert(!there("data/web/a;b c"));
	ck_assert(!there("stat/web/a;b c.rrd"));
}
END_TEST

/* ---- profiles change ------------------------------------------------------------------- */

START_TEST(simple_values_change_all_or_none)
{
	ck_assert_str_eq(say("modify-profile;profile=web;description=new text;"
			     "description=;description=third line;"
			     "expire=1 day;maxsize=1t;locked=1;status=FAILED"),
	    "OK profile modified");
	struct profile *p = load(".", "web");
	ck_assert_str_eq(p->description, "new text\n\nthird line");
	ck_assert_int_eq(p->expire, 24);
	ck_assert_uint_eq(p->maxsize, UINT64_C(1099511627776));
	ck_assert_int_eq(p->locked, 1);
	ck_assert_str_eq(p->status, "FAILED");
	profile_free(p);
	ck_assert_str_eq(say("modify-profile;profile=web"),
	    "OK Nothing modified");
	ck_assert(!res.changed);
	ck_assert_str_eq(say("modify-profile;profile=incident;expire=10;"
			     "maxsize=10"),
	    "OK Nothing modified");
	ck_assert_str_eq(say("modify-profile;profile=live;expire=48;"
			     "maxsize=10g"),
	    "OK profile modified");
	p = load(".", "live");
	ck_assert_int_eq(p->expire, 48);
	profile_free(p);
	ck_assert_str_eq(say("modify-profile;profile=frozen;locked=0"),
	    "OK profile modified");
	ck_assert_str_eq(say("add-channel;profile=frozen;channel=c"),
	    "OK Channel 'c' added.");
}
END_TEST

START_TEST(a_profile_moves_to_a_group_and_back)
{
	ck_assert_str_eq(say("modify-profile;profile=web;newgroup=customers"),
	    "OK profile modified");
	ck_assert_str_eq(res.group, "customers");
	ck_assert(there("stat/customers/.group"));
	ck_assert(there("data/customers/.group"));
	ck_assert(there("data/customers/web/https/nfcapd.202611230555"));
	ck_assert(there("stat/customers/web/https.rrd"));
	ck_assert(!there("stat/web"));
	ck_assert(!there("data/web"));
	struct profile *p = load("customers", "web");
	struct buf text = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	ck_assert(
	    profile_stat_path(tree, "customers", "web", "profile.dat", path));
	ck_assert_int_eq(file_read(path, 10000, &text, &err), 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&text), "\ngroup = customers\n"));
	buf_free(&text);
	profile_free(p);
	ck_assert_str_eq(say("add-profile;profile=web"), "OK profile added");
	ck_assert_str_eq(say("modify-profile;profile=customers/web;newgroup=."),
	    "ERR An other profile with name 'web' already exists in new "
	    "group");
	ck_assert_str_eq(say("delete-profile;profile=web;force=1"),
	    "OK Profile 'web' deleted.");
	ck_assert_str_eq(say("modify-profile;profile=customers/web;newgroup=."),
	    "OK profile modified");
	/* Nothing is left of the group, and the roots are none. */
	ck_assert(!there("stat/customers"));
	ck_assert(!there("data/customers"));
	ck_assert(!there("stat/.group"));
	ck_assert_str_eq(say("modify-profile;profile=web;newgroup=."),
	    "OK profile modified");
}
END_TEST

START_TEST(a_profile_becomes_a_shadow_and_real_again)
{
	ck_assert_str_eq(say("modify-profile;profile=web;profile_type=6"),
	    "OK profile modified");
	struct profile *p = load(".", "web");
	ck_assert_int_eq(p->type, 6);
	ck_assert_int_eq(p->tstart, LIVE_START);
	ck_assert_int_eq(p->expire, 0);
	ck_assert_uint_eq(p->size, 0);
	profile_free(p);
	ck_assert(there("data/web/https"));
	ck_assert(!there("data/web/https/nfcapd.202611230555"));
	ck_assert(there("stat/web/https.rrd"));

	ck_assert_str_eq(say("modify-profile;profile=web;profile_type=2"),
	    "OK profile modified");
	p = load(".", "web");
	ck_assert_int_eq(p->type, 2);
	ck_assert_int_eq(p->tstart, SLOT);
	ck_assert_int_eq(p->tbegin, LIVE_START - 7200);
	profile_free(p);

	ck_assert_str_eq(say("modify-profile;profile=web;profile_type=5"),
	    "OK profile modified");
	p = load(".", "web");
	ck_assert_int_eq(p->tstart, LIVE_START - 7200);
	profile_free(p);
	ck_assert_str_eq(say("modify-profile;profile=web;profile_type=1"),
	    "ERR Can not convert to history profile - no data available");
}
END_TEST

START_TEST(a_profile_stops_and_goes_on)
{
	ck_assert_str_eq(
	    say("modify-profile;profile=services/mail;profile_type=1"),
	    "OK profile modified");
	struct profile *p = load("services", "mail");
	ck_assert_int_eq(p->type, PROFILE_HISTORY);
	ck_assert_int_eq(p->tstart, LIVE_START);
	p->updated = p->tend = LIVE_START + 300;
	keep_profile(p);
	ck_assert(there("data/services/mail/smtp/nfcapd.202611230555"));
	ck_assert_str_eq(
	    say("modify-profile;profile=services/mail;profile_type=2"),
	    "OK profile modified");
	p = load("services", "mail");
	ck_assert_int_eq(p->type, PROFILE_CONTINUOUS);
	/* What it has missed is not worked off afterwards. */
	ck_assert_int_eq(p->updated, LIVE_END);
	profile_free(p);
}
END_TEST

/* ---- profiles go -------------------------------------------------------------------------- */

START_TEST(deleted_profiles_are_out_of_sight_at_once)
{
	ck_assert_str_eq(say("delete-profile;profile=services/dns"),
	    "OK Profile 'dns' deleted.");
	ck_assert_str_eq(say("delete-profile;profile=services/mail;force=1"),
	    "OK Profile 'mail' deleted.");
	ck_assert_str_eq(say("delete-profile;profile=draft;force=1"),
	    "OK Profile 'draft' deleted.");
	ck_assert_str_eq(say("delete-profile;profile=frozen;force=1"),
	    "OK Profile 'frozen' deleted.");
	ck_assert(!there("stat/services"));
	ck_assert(!there("data/services"));
	ck_assert(!there("stat/draft"));
	ck_assert(!there("data/frozen"));
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	ck_assert_int_eq(profile_list(tree, &a, &l, &err), 0);
	ck_assert_uint_eq(l.n, 4);
	arena_free(&a);
}
END_TEST

/* Two of one name in two groups, again and again. */
START_TEST(deleted_names_do_not_get_into_each_others_way)
{
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq(say("add-profile;profile=a/same"),
		    "OK profile added");
		ck_assert_str_eq(say("add-profile;profile=b/same"),
		    "OK profile added");
		ck_assert_str_eq(say("delete-profile;profile=a/same;force=1"),
		    "OK Profile 'same' deleted.");
		ck_assert_str_eq(say("delete-profile;profile=b/same;force=1"),
		    "OK Profile 'same' deleted.");
	}
	ck_assert(!there("stat/a"));
	ck_assert(!there("data/b"));
}
END_TEST

START_TEST(rubbish_goes_in_pieces)
{
	char *before = picture(tree);
	(void)say("add-profile;profile=g/p");
	(void)say("add-channel;profile=g/p;channel=one");
	(void)say("add-channel;profile=g/p;channel=two");
	(void)say("delete-channel;profile=g/p;channel=one");
	(void)say("delete-profile;profile=g/p;force=1");
	int pieces = 0;
	int rc;
	while ((rc = ops_sweep(tree, 2, &err)) == 1)
		pieces++;
	ck_assert_int_eq(rc, 0);
	ck_assert_int_ge(pieces, 2);
	char *after = picture(tree);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(a_profile_without_readable_descriptor_goes_by_force)
{
	struct profile p = { .group = ".", .name = "web" };
	make_file(&p, "profile.dat", "nonsense\n");
	ck_assert_ptr_nonnull(strstr(say("delete-profile;profile=web"),
	    "ERR Profile 'web' in group '.': "));
	ck_assert_str_eq(say("delete-profile;profile=web;force=1"),
	    "OK Profile 'web' deleted.");
	ck_assert(!there("stat/web"));
}
END_TEST

START_TEST(an_empty_group_vanishes_and_one_in_use_stays)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, "stat/services/dns/profile.dat"));
	ck_assert_int_eq(unlink(path), 0);
	ops_tidy_groups(tree);
	ck_assert(there("stat/services/.group"));
	ck_assert(file_join(path, root, "stat/services/mail/profile.dat"));
	ck_assert_int_eq(unlink(path), 0);
	ops_tidy_groups(tree);
	/* What else is in there is nobody's to delete. */
	ck_assert(!there("stat/services/.group"));
	ck_assert(there("stat/services/mail"));
	ck_assert(!there("data/services/.group"));
}
END_TEST

START_TEST(both_trees_in_one_folder)
{
	tree->profiledatadir = tree->profilestatdir;
	ck_assert_str_eq(say("add-profile;profile=g/p"), "OK profile added");
	ck_assert_str_eq(say("add-channel;profile=g/p;channel=c;filter=any"),
	    "OK Channel 'c' added.");
	ck_assert_str_eq(say("commit-profile;profile=g/p"),
	    "OK command completed");
	ck_assert_str_eq(say("modify-profile;profile=g/p;newgroup=h"),
	    "OK profile modified");
	ck_assert(there("stat/h/p/c"));
	ck_assert(there("stat/h/p/c.rrd"));
	ck_assert(!there("stat/g"));
	ck_assert_str_eq(say("delete-profile;profile=h/p"),
	    "OK Profile 'p' deleted.");
	ck_assert(!there("stat/h"));
	ck_assert_int_eq(ops_sweep(tree, SIZE_MAX, &err), 0);
}
END_TEST

/* ---- config's profiles ------------------------------------------------------------------------ */

START_TEST(a_profile_of_config_that_moves_is_no_longer_configs)
{
	conf_free(tree);
	tree = fixture_conf(SOURCES,
	    "%profiles = ( 'p' => { 'channels' => { 'x' => { 'filter' => "
	    "'any' } } } );");
	fixture_reconfig(tree, NOW);
	expect_text("stat/.from-config", "./p\n");
	ck_assert_str_eq(say("modify-profile;profile=p;newgroup=mine"),
	    "OK profile modified");
	ck_assert(!there("stat/.from-config"));
	ck_assert_uint_eq(fixture_reconfig(tree, NOW), 1);
	ck_assert(there("stat/mine/p/profile.dat"));
	ck_assert(there("stat/p/profile.dat"));
	ck_assert_str_eq(say("delete-profile;profile=p"),
	    "OK Profile 'p' deleted.");
	ck_assert(!there("stat/.from-config"));
}
END_TEST

START_TEST(a_removed_source_is_in_no_list_any_more)
{
	(void)say("add-channel;profile=web;channel=one;sourcelist=upstream1");
	conf_free(tree);
	tree = fixture_conf("'peer1' => { 'port' => '0' }, "
			    "'peer2' => { 'port' => '0' }",
	    "");
	fixture_reconfig(tree, NOW);
	struct profile *p = load(".", "web");
	const struct channel *ch = profile_find_channel(p, "http");
	ck_assert_uint_eq(ch->n_sources, 1);
	ck_assert_str_eq(ch->sources[0], "peer1");
	/* An empty list would be all of them. */
	ch = profile_find_channel(p, "one");
	ck_assert_uint_eq(ch->n_sources, 1);
	ck_assert_str_eq(ch->sources[0], "upstream1");
	profile_free(p);
}
END_TEST

/* ---- filters and formats ---------------------------------------------------------------------- */

static const char *
answer(int rc)
{
	return rc == 0 ? "OK" : err.msg;
}

START_TEST(filters_are_kept_by_name)
{
	struct arena a = ARENA_EMPTY;
	struct buf text = BUF_EMPTY;
	struct saved_list l;
	const char *three = "proto tcp\n# a comment\nand port 80 # rest";
	ck_assert_str_eq(answer(
			     saved_filter_add(tree, "web", three, false, &err)),
	    "OK");
	expect_text("var/filters/web", three);
	ck_assert_str_eq(answer(
			     saved_filter_add(tree, "web", "any", false, &err)),
	    "filter 'web' already exists!");
	ck_assert_str_eq(answer(saved_filter_add(tree, "web", "any\n", true,
			     &err)),
	    "OK");
	expect_text("var/filters/web", "any");
	ck_assert_str_eq(answer(
			     saved_filter_add(tree, NULL, "any", false, &err)),
	    "Missing filter name!");
	ck_assert_str_eq(answer(
			     saved_filter_add(tree, "web2", NULL, false, &err)),
	    "Missing filter!");
	ck_assert_str_eq(answer(saved_filter_add(tree, "we/b", "any", false,
			     &err)),
	    "Illegal characters in filter name 'we/b': '/'!");
	ck_assert_str_eq(answer(saved_filter_add(tree, "b", "proto tcp and",
			     false, &err)),
	    "Filter syntax error: Line 1: syntax error at ''");
	ck_assert_str_eq(answer(
			     saved_filter_add(tree, "b", "# c", false, &err)),
	    "Filter syntax error: the filter is empty");
	ck_assert_str_eq(answer(saved_filter_add(tree, "dns", "port 53", false,
			     &err)),
	    "OK");
	ck_assert_str_eq(answer(saved_filter_list(tree, &a, &l, &err)), "OK");
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.names[0], "dns");
	ck_assert_str_eq(answer(saved_filter_get(tree, "dns", &text, &err)),
	    "OK");
	ck_assert_str_eq(buf_str(&text), "port 53");
	ck_assert_str_eq(answer(saved_filter_get(tree, "no", &text, &err)),
	    "filter 'no' No such filter!");
	ck_assert_str_eq(answer(saved_filter_get(tree, "../../etc/passwd",
			     &text, &err)),
	    "Illegal characters in filter name '../../etc/passwd': '../../'!");
	ck_assert_str_eq(answer(saved_filter_get(tree, NULL, &text, &err)),
	    "Missing filter name!");
	ck_assert_str_eq(answer(saved_filter_delete(tree, "dns", &err)), "OK");
	ck_assert_str_eq(answer(saved_filter_delete(tree, "dns", &err)),
	    "No such filter 'dns'!");
	ck_assert_str_eq(answer(saved_filter_delete(tree, NULL, &err)),
	    "Missing filter name!");
	ck_assert_str_eq(answer(saved_filter_delete(tree, "a b", &err)),
	    "Illegal characters in filter name 'a b': ' '!");
	buf_free(&text);
	arena_free(&a);
}
END_TEST

START_TEST(formats_are_kept_by_name)
{
	struct arena a = ARENA_EMPTY;
	struct buf text = BUF_EMPTY;
	struct saved_list l;
	ck_assert_str_eq(answer(saved_format_add(tree, "peers", "%ts %byt",
			     false, &err)),
	    "OK");
	expect_text("var/fmt/peers", "%ts %byt\n");
	ck_assert_str_eq(answer(saved_format_add(tree, "peers", "%ts", false,
			     &err)),
	    "format 'peers' already exists!");
	ck_assert_str_eq(answer(saved_format_add(tree, "peers", "%ts \"x\"",
			     true, &err)),
	    "OK");
	ck_assert_str_eq(answer(saved_format_get(tree, "peers", &text, &err)),
	    "OK");
	ck_assert_str_eq(buf_str(&text), "%ts \"x\"");
	ck_assert_str_eq(answer(saved_format_add(tree, "long", "%ts", false,
			     &err)),
	    "format name 'long' is a predefined format!");
	ck_assert_str_eq(answer(
			     saved_format_add(tree, NULL, "%ts", false, &err)),
	    "Missing format!");
	ck_assert_str_eq(answer(
			     saved_format_add(tree, "x y", "%ts", false, &err)),
	    "Illegal characters in format name 'x y': ' '!");
	ck_assert_str_eq(answer(
			     saved_format_add(tree, "xy", NULL, false, &err)),
	    "Missing format definition!");
	ck_assert_str_eq(answer(saved_format_add(tree, "xy", "", false, &err)),
	    "OK");
	ck_assert_str_eq(answer(
			     saved_format_add(tree, "xz", "a\tb", false, &err)),
	    "Illegal characters in format definition 'a\tb'!");
	ck_assert_str_eq(answer(saved_format_list(tree, &a, &l, &err)), "OK");
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(answer(saved_format_delete(tree, "peers", &err)),
	    "OK");
	ck_assert_str_eq(answer(saved_format_delete(tree, "peers", &err)),
	    "No such format 'peers'!");
	ck_assert_str_eq(answer(saved_format_delete(tree, "../x", &err)),
	    "Illegal characters in format name '../x'!");
	buf_free(&text);
	arena_free(&a);
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("ops");
	TCase *t = tcase_create("ops");
	tcase_add_checked_fixture(t, ops_setup, ops_teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t,
	    what_cannot_be_done_is_refused_and_changes_nothing, 0,
	    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(t, a_broken_descriptor_is_named);
	tcase_add_test(t, a_marked_profile_is_not_there_and_in_the_way);
	tcase_add_test(t, a_continuous_profile_from_add_to_commit);
	tcase_add_test(t, another_program_at_work_is_waited_for);
	tcase_add_test(t, a_history_needs_a_build);
	tcase_add_loop_test(t, the_arguments_say_what_kind_of_profile_it_is, 0,
	    (int)(sizeof(windows) / sizeof(windows[0])));
	tcase_add_test(t, a_profile_from_the_past_is_built_up_to_now);
	tcase_add_test(t, a_profile_that_waited_too_long_is_built_as_well);
	tcase_add_test(t, a_stalled_profile_begins_again_now);
	tcase_add_test(t, a_stalled_history_stays_so);
	tcase_add_test(t, a_build_is_asked_to_stop);
	tcase_add_test(t, a_profile_is_no_group_and_a_group_no_profile);
	tcase_add_test(t, channels_keep_their_order);
	tcase_add_test(t,
	    a_channel_of_a_running_profile_begins_with_the_next_slot);
	tcase_add_test(t, a_channel_gets_another_filter_and_other_sources);
	tcase_add_test(t, the_last_channel_leaves_a_stalled_profile);
	tcase_add_test(t, the_size_is_that_of_the_channels_that_stay);
	tcase_add_test(t, a_channel_with_a_strange_name_can_be_deleted);
	tcase_add_test(t, simple_values_change_all_or_none);
	tcase_add_test(t, a_profile_moves_to_a_group_and_back);
	tcase_add_test(t, a_profile_becomes_a_shadow_and_real_again);
	tcase_add_test(t, a_profile_stops_and_goes_on);
	tcase_add_test(t, deleted_profiles_are_out_of_sight_at_once);
	tcase_add_test(t, deleted_names_do_not_get_into_each_others_way);
	tcase_add_test(t, rubbish_goes_in_pieces);
	tcase_add_test(t, a_profile_without_readable_descriptor_goes_by_force);
	tcase_add_test(t, an_empty_group_vanishes_and_one_in_use_stays);
	tcase_add_test(t, both_trees_in_one_folder);
	tcase_add_test(t, a_profile_of_config_that_moves_is_no_longer_configs);
	tcase_add_test(t, a_removed_source_is_in_no_list_any_more);
	tcase_add_test(t, filters_are_kept_by_name);
	tcase_add_test(t, formats_are_kept_by_name);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
