#include <inttypes.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "picture.h"
#include "profile/nfstat.h"
#include "store/rrd.h"

#define NOW  (INT64_C(1700000100) + 42)
#define SLOT INT64_C(1700000100)

#define TWO                                                                    \
	"'a' => { 'port' => '9995', 'col' => '#0000ff' }, "                    \
	"'b' => { 'port' => '9996', 'col' => '#00ff00' }"

#define WEB(extra, filter)                                                     \
	"%profiles = ( 'web' => { 'description' => 'The web', " extra          \
	" 'channels' => { 'http' => { 'filter' => '" filter                    \
	"', 'sources' => 'a|b', 'col' => '#aa0000', 'sign' => '+', "           \
	"'order' => 1 } } } );"

static char *
plan_text(const struct conf *c)
{
	struct plan plan;
	struct buf text = BUF_EMPTY;
	ck_assert_msg(plan_make(c, &plan, &err) == 0, "%s", err.msg);
	for (size_t i = 0; i < plan.n; i++) {
		plan_step_text(&plan.steps[i], &text);
		buf_addc(&text, '\n');
	}
	plan_free(&plan);
	buf_addc(&text, '\0');
	return text.data;
}

static void
expect_plan(const struct conf *c, const char *want)
{
	char *text = plan_text(c);
	ck_assert_str_eq(text, want);
	free(text);
}

static bool
there(const char *below)
{
	char path[FILE_PATH_MAX];
	return file_join(path, root, below) && file_exists(path);
}

START_TEST(a_new_source_gets_folder_database_and_channel)
{
	struct conf *c = fixture_conf(TWO, "");
	char path[FILE_PATH_MAX];
	expect_plan(c, "add source 'a'\nadd source 'b'\n");
	ck_assert(!plan_sources_match(c, &err));
	ck_assert_uint_eq(fixture_reconfig(c, NOW), 2);
	expect_plan(c, "");
	ck_assert(plan_sources_match(c, &err));
	ck_assert(there("data/live/a"));
	struct profile *p = profile_load(c, ".", "live", &err);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->n_channels, 2);
	ck_assert_str_eq(p->channels[1].color, "#00ff00");
	ck_assert_int_eq(p->channels[1].order, 2);
	ck_assert_int_eq(p->updated, SLOT - FIXTURE_CYCLE);
	ck_assert(profile_rrd_path(c, p, "a", path));
	ck_assert_int_eq(rrd_channel_last(path, &err), SLOT - FIXTURE_CYCLE);
	profile_free(p);
	conf_free(c);
}
END_TEST

static void
make_ledger(const char *source)
{
	char dir[FILE_PATH_MAX / 2], path[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s/stat/live/.ledger/%s", root,
	    source);
	ck_assert_int_eq(file_mkdirs(dir, 0755, &err), 0);
	ck_assert(file_join(path, dir, "20261118"));
	ck_assert_int_eq(file_write_atomic(path, "", 0, 0644, &err), 0);
}

START_TEST(a_removed_source_takes_its_files_with_it)
{
	struct conf *c = fixture_conf(TWO, "");
	fixture_reconfig(c, NOW);
	make_ledger("a");
	make_ledger("b");
	conf_free(c);
	c = fixture_conf("'b' => { 'port' => '9996', 'col' => '#112233' }", "");
	expect_plan(c,
	    "change source 'b': colour #112233\ndelete source 'a'\n");
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	ck_assert(!there("data/live/a"));
	ck_assert(!there("stat/live/a.rrd"));
	ck_assert(there("stat/live/b.rrd"));
	ck_assert(!there("stat/live/.ledger/a"));
	ck_assert(there("stat/live/.ledger/b/20261118"));
	struct profile *p = profile_load(c, ".", "live", &err);
	ck_assert_uint_eq(p->n_channels, 1);
	ck_assert_int_eq(p->channels[0].order, 1);
	ck_assert_str_eq(p->channels[0].color, "#112233");
	profile_free(p);
	conf_free(c);
}
END_TEST

START_TEST(sources_without_colour_get_different_ones)
{
	struct conf *c = fixture_conf("'a' => { 'port' => '0' }, "
				      "'b' => { 'port' => '0' }",
	    "");
	fixture_reconfig(c, NOW);
	struct profile *p = profile_load(c, ".", "live", &err);
	ck_assert_str_ne(p->channels[0].color, p->channels[1].color);
	ck_assert(conf_colour_ok(p->channels[0].color));
	expect_plan(c, "");
	profile_free(p);
	conf_free(c);
}
END_TEST

START_TEST(a_profile_of_config_is_made_changed_and_removed)
{
	struct conf *c = fixture_conf(TWO, WEB("", "proto tcp"));
	expect_plan(c, "add source 'a'\nadd source 'b'\n"
		       "add profile 'web': continuous, 1 channel\n");
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	struct profile *p = profile_load(c, ".", "web", &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	ck_assert_str_eq(p->status, "OK");
	ck_assert_int_eq(p->type, PROFILE_CONTINUOUS);
	ck_assert_int_eq(p->tstart, SLOT);
	ck_assert_int_eq(p->updated, SLOT - FIXTURE_CYCLE);
	profile_free(p);
	conf_free(c);

	c = fixture_conf(TWO, WEB("'expire' => '2 days',", "proto udp"));
	expect_plan(c, "change profile 'web': expire, channel http: filter\n");
	fixture_reconfig(c, NOW + 900);
	expect_plan(c, "");
	p = profile_load(c, ".", "web", &err);
	struct buf text = BUF_EMPTY;
	ck_assert_int_eq(profile_filter_read(c, p, "http", &text, &err), 0);
	ck_assert_str_eq(buf_str(&text), "proto udp\n");
	ck_assert_int_eq(p->expire, 48);
	ck_assert_int_eq(p->tstart, SLOT);
	buf_free(&text);
	profile_free(p);
	conf_free(c);

	c = fixture_conf(TWO, "%profiles = ();");
	expect_plan(c, "delete profile 'web'\n");
	fixture_reconfig(c, NOW);
	ck_assert(!there("stat/web"));
	ck_assert(!there("data/web"));
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

START_TEST(without_profiles_in_config_nothing_is_planned_for_them)
{
	struct conf *c = fixture_conf(TWO, WEB("", "any"));
	fixture_reconfig(c, NOW);
	conf_free(c);
	c = fixture_conf(TWO, "");
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

START_TEST(profiles_made_by_hand_are_left_alone)
{
	struct conf *c = fixture_conf(TWO, "%profiles = ();");
	fixture_reconfig(c, NOW);
	struct profile *p = profile_new(".", "mine");
	char path[FILE_PATH_MAX];
	ck_assert(profile_stat_path(c, ".", "mine", NULL, path));
	ck_assert_int_eq(file_mkdirs(path, 0775, &err), 0);
	ck_assert_int_eq(profile_save(c, p, &err), 0);
	profile_free(p);
	expect_plan(c, "");
	struct plan_step s = { PLAN_PROFILE_DELETE, ".", "mine", "", "" };
	ck_assert_int_eq(plan_apply(c, &s, NOW, &err), -1);
	ck_assert(there("stat/mine/profile.dat"));
	conf_free(c);
}
END_TEST

START_TEST(groups_come_and_go_with_their_profiles)
{
	struct conf *c = fixture_conf(TWO,
	    "%profiles = ( 'g/one' => { 'channels' => { 'x' => { "
	    "'filter' => 'any' } } }, 'g/two' => { 'shadow' => 1, "
	    "'channels' => { 'x' => { 'filter' => 'any' } } } );");
	fixture_reconfig(c, NOW);
	ck_assert(there("stat/g/.group"));
	ck_assert(there("data/g/.group"));
	struct profile *p = profile_load(c, "g", "two", &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	ck_assert_int_eq(p->type, PROFILE_CONTINUOUS + PROFILE_SHADOW);
	ck_assert_uint_eq(p->channels[0].n_sources, 2);
	profile_free(p);
	conf_free(c);

	c = fixture_conf(TWO, "%profiles = ( 'g/two' => { 'channels' => { "
			      "'x' => { 'filter' => 'any' } } } );");
	expect_plan(c, "change profile 'g/two': type\n"
		       "delete profile 'g/one'\n");
	fixture_reconfig(c, NOW + 3000);
	ck_assert(there("stat/g/.group"));
	p = profile_load(c, "g", "two", &err);
	ck_assert_int_eq(p->tstart, SLOT + 3000);
	ck_assert_int_eq(p->tbegin, SLOT);
	profile_free(p);
	conf_free(c);

	c = fixture_conf(TWO, "%profiles = ();");
	fixture_reconfig(c, NOW);
	ck_assert(!there("stat/g"));
	ck_assert(!there("data/g"));
	conf_free(c);
}
END_TEST

START_TEST(a_filter_that_does_not_compile_names_profile_channel_and_place)
{
	struct conf *c = fixture_conf(TWO, WEB("", "proto nonsense"));
	struct plan plan;
	ck_assert_int_eq(plan_make(c, &plan, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "'web'"));
	ck_assert_ptr_nonnull(strstr(err.msg, "'http'"));
	ck_assert_ptr_nonnull(strstr(err.msg, "Line 1"));
	ck_assert_ptr_nonnull(strstr(err.msg, "test.conf:"));
	conf_free(c);
}
END_TEST

START_TEST(all_sources_means_the_ones_there_are)
{
	static const char all[] =
	    "%profiles = ( 'p' => { 'channels' => { 'x' => { 'filter' => "
	    "'any', 'sources' => '*' } } } );";
	struct conf *c = fixture_conf("'a' => { 'port' => '9995' }", all);
	fixture_reconfig(c, NOW);
	conf_free(c);
	c = fixture_conf(TWO, all);
	expect_plan(c, "change source 'a': colour #0000ff\nadd source 'b'\n"
		       "change profile 'p': channel x: sources\n");
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

START_TEST(missing_files_are_made_anew)
{
	struct conf *c = fixture_conf(TWO, WEB("", "any"));
	char path[FILE_PATH_MAX];
	fixture_reconfig(c, NOW);
	ck_assert(file_join(path, root, "stat/web/http.rrd"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(file_join(path, root, "data/live/a"));
	ck_assert_int_eq(rmdir(path), 0);
	expect_plan(c, "change source 'a': files missing\n"
		       "change profile 'web': channel http: files missing\n");
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

START_TEST(a_history_waits_to_be_built)
{
	struct conf *c = fixture_conf(TWO,
	    "%profiles = ( 'h' => { 'type' => 'history', "
	    "'tstart' => '202301010000', 'tend' => '202301020000', "
	    "'channels' => { 'x' => { 'filter' => 'any' } } } );");
	fixture_reconfig(c, NOW);
	struct profile *p = profile_load(c, ".", "h", &err);
	ck_assert_str_eq(p->status, "new");
	ck_assert_int_eq(p->type, PROFILE_HISTORY);
	ck_assert_int_eq(p->tstart, 1672531200);
	ck_assert_int_eq(p->tend, 1672617600);
	profile_free(p);
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

static struct profile_list
waiting(const struct conf *c, struct arena *a)
{
	struct profile_list l;
	ck_assert_int_eq(plan_waiting(c, a, &l, &err), 0);
	return l;
}

/* Live has flows of an hour; what came before them cannot be built. */
START_TEST(a_profile_that_begins_in_the_past_waits_to_be_built)
{
	static const char past[] =
	    "%profiles = ( 'p' => { 'tstart' => '202311142130', 'channels' "
	    "=> { 'x' => { 'filter' => 'any' } } }, 'early' => { 'tstart' => "
	    "'202301010000', 'channels' => { 'x' => { 'filter' => 'any' } } "
	    "}, 'now' => { 'tstart' => '202311142230', 'channels' => { 'x' "
	    "=> { 'filter' => 'any' } } } );";
	struct arena a = ARENA_EMPTY;
	struct conf *c = fixture_conf(TWO, "");
	fixture_reconfig(c, NOW - 3600);
	conf_free(c);
	c = fixture_conf(TWO, past);
	struct profile *live = profile_load(c, ".", "live", &err);
	live->tend = live->updated = SLOT - 300;
	ck_assert_int_eq(profile_save(c, live, &err), 0);
	profile_free(live);
	fixture_reconfig(c, NOW);
	struct profile *p = profile_load(c, ".", "p", &err);
	ck_assert_str_eq(p->status, "new");
	ck_assert_int_eq(p->tstart, 1699997400);
	ck_assert_int_eq(p->tend, SLOT - 300);
	profile_free(p);
	p = profile_load(c, ".", "early", &err);
	ck_assert_int_eq(p->tstart, SLOT - 3600);
	ck_assert_int_eq(p->tbegin, SLOT - 3600);
	profile_free(p);
	p = profile_load(c, ".", "now", &err);
	ck_assert_str_eq(p->status, "OK");
	profile_free(p);
	struct profile_list l = waiting(c, &a);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.ids[0].name, "early");
	arena_free(&a);
	expect_plan(c, "");
	conf_free(c);
}
END_TEST

START_TEST(what_is_not_of_config_does_not_wait)
{
	struct arena a = ARENA_EMPTY;
	struct conf *c = fixture_conf(TWO, "%profiles = ();");
	struct ops_result res;
	struct ops_request r = { .profile = "mine" };
	fixture_reconfig(c, NOW);
	ck_assert_int_eq(ops_add_profile(c, &r, NOW, &res, &err), 0);
	r.channel = "x";
	ck_assert_int_eq(ops_add_channel(c, &r, NOW, &res, &err), 0);
	ck_assert_uint_eq(waiting(c, &a).n, 0);
	ck_assert(!plan_is_configs(c, ".", "mine"));
	arena_free(&a);
	conf_free(c);
}
END_TEST

/* ---- a step's costs ---------------------------------------------------------------- */

static void
expect_cost(const struct conf *c, size_t step, const char *want)
{
	struct plan plan;
	ck_assert_msg(plan_make(c, &plan, &err) == 0, "%s", err.msg);
	ck_assert_uint_gt(plan.n, step);
	ck_assert_str_eq(plan.steps[step].cost, want);
	plan_free(&plan);
}

START_TEST(a_plan_says_what_it_costs)
{
	struct conf *c = fixture_conf(TWO, WEB("", "proto tcp"));
	char dir[FILE_PATH_MAX];
	fixture_reconfig(c, NOW);
	ck_assert(profile_data_path(c, ".", "web", "http", dir));
	ck_assert_int_eq(nfstat_file_added(dir, SLOT, 3 << 20, -1, &err), 0);
	conf_free(c);
	c = fixture_conf(TWO, WEB("'expire' => 24,", "proto tcp"));
	expect_cost(c, 0, "flows older than 24 hours are deleted\n");
	conf_free(c);
	c = fixture_conf(TWO, WEB("", "proto udp"));
	expect_cost(c, 0,
	    "channel 'http': counts so from now on, what is stored stays\n");
	conf_free(c);
	c = fixture_conf(TWO, "%profiles = ( 'web' => { 'channels' => { "
			      "'dns' => { 'filter' => 'port 53' } } } );");
	expect_cost(c, 0,
	    "channel 'dns': begins now, flows before are not in it\n"
	    "channel 'http': its flows (3.0 MB) and its database are "
	    "deleted\n");
	conf_free(c);
	c = fixture_conf("'a' => { 'port' => '9995', 'col' => '#0000ff' }", "");
	expect_cost(c, 0,
	    "source 'b': its flows and its database are deleted\n"
	    "channel 'http' of profile 'web' no longer reads it\n");
	conf_free(c);
}
END_TEST

START_TEST(both_trees_may_be_one_folder)
{
	struct conf *c = fixture_conf(TWO, WEB("", "any"));
	c->profiledatadir = c->profilestatdir;
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	ck_assert(there("stat/web/http"));
	ck_assert(there("stat/web/http.rrd"));
	ck_assert(!there("data"));
	conf_free(c);
	c = fixture_conf("'a' => { 'port' => '9995', 'col' => '#0000ff' }",
	    "%profiles = ();");
	c->profiledatadir = c->profilestatdir;
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	ck_assert(!there("stat/web"));
	ck_assert(!there("stat/live/b"));
	ck_assert(there("stat/live/a"));
	conf_free(c);
}
END_TEST

/* ---- any order of edits, any point of interruption ------------------------------- */

#define N_CONFIGS 8

/* Configs to walk between: sources and profiles come, change and go. */
static const struct {
	const char *sources;
	const char *profiles;
} configs[N_CONFIGS] = {
	{ TWO, WEB("", "proto tcp") },
	{ TWO, WEB("'shadow' => 1,", "proto tcp") },
	{ "'b' => { 'port' => '9996', 'col' => '#00ff00' }",
	    "%profiles = ();" },
	{ TWO ", 'c' => { 'port' => '0', 'col' => '#333333' }",
	    "%profiles = ( 'web' => { 'channels' => { 'http' => { "
	    "'filter' => 'any', 'sources' => '*', 'col' => '#000001' }, "
	    "'dns' => { 'filter' => 'port 53', 'col' => '#000002' } } }, "
	    "'g/x' => { 'channels' => { 'y' => { 'filter' => 'any', "
	    "'col' => '#000003' } } } );" },
	{ "'c' => { 'port' => '0', 'col' => '#333333' }",
	    "%profiles = ( 'g/x' => { 'shadow' => 1, 'channels' => { "
	    "'z' => { 'filter' => 'proto udp', 'col' => '#000004' } } } );" },
	{ TWO, "%profiles = ( 'g/web' => { 'channels' => { 'dns' => { "
	       "'filter' => 'port 53', 'col' => '#000005', 'sign' => '-' }, "
	       "'http' => { 'filter' => 'any', 'col' => '#000006', "
	       "'sign' => '-' } } } );" },
	{ TWO, WEB("'maxsize' => '1g',", "proto udp") },
	{ "'a' => { 'port' => '9995', 'col' => '#abcdef' }",
	    "%profiles = ( 'web' => { 'channels' => { 'dns' => { "
	    "'filter' => 'any', 'col' => '#000007' }, 'http' => { "
	    "'filter' => 'any', 'col' => '#000008' } } } );" },
};

static struct conf *
config(size_t i)
{
	return fixture_conf(configs[i].sources, configs[i].profiles);
}

static char *
fresh_picture(size_t i)
{
	fixture_setup();
	struct conf *c = config(i);
	fixture_reconfig(c, NOW);
	char *text = picture(c);
	conf_free(c);
	fixture_teardown();
	return text;
}

START_TEST(any_sequence_of_edits_ends_in_the_tree_of_a_fresh_start)
{
	unsigned seed = (unsigned)_i * 7919 + 1;
	char *want = NULL;
	size_t last = 0;
	struct conf *c = NULL;
	fixture_teardown();
	char *fresh[N_CONFIGS];
	for (size_t i = 0; i < N_CONFIGS; i++)
		fresh[i] = fresh_picture(i);
	fixture_setup();
	for (int step = 0; step < 8; step++) {
		last = (size_t)rand_r(&seed) % N_CONFIGS;
		conf_free(c);
		c = config(last);
		fixture_reconfig(c, NOW + step);
		expect_plan(c, "");
		char *have = picture(c);
		want = fresh[last];
		ck_assert_str_eq(have, want);
		free(have);
	}
	conf_free(c);
	for (size_t i = 0; i < N_CONFIGS; i++)
		free(fresh[i]);
}
END_TEST

/* After every step (each done twice) the plan is made anew. */
START_TEST(an_interrupted_plan_is_finished_by_the_next_one)
{
	size_t from = (size_t)_i % N_CONFIGS;
	size_t to = ((size_t)_i / N_CONFIGS + from + 1) % N_CONFIGS;
	struct plan plan;
	struct conf *c = config(from);
	fixture_reconfig(c, NOW);
	conf_free(c);
	c = config(to);
	size_t left;
	do {
		ck_assert_int_eq(plan_make(c, &plan, &err), 0);
		left = plan.n;
		for (int twice = 0; left > 0 && twice < 2; twice++)
			ck_assert_msg(plan_apply(c, &plan.steps[0], NOW,
					  &err) == 0,
			    "%s", err.msg);
		plan_free(&plan);
		if (left > 0) {
			ck_assert_int_eq(plan_make(c, &plan, &err), 0);
			ck_assert_uint_eq(plan.n, left - 1);
			plan_free(&plan);
		}
	} while (left > 0);
	conf_free(c);
}
END_TEST

START_TEST(a_killed_reconfig_is_finished_by_the_next_one)
{
	size_t from = (size_t)_i % N_CONFIGS;
	size_t to = (from + 1 + (size_t)_i / N_CONFIGS) % N_CONFIGS;
	fixture_teardown();
	char *want = fresh_picture(to);
	fixture_setup();
	struct conf *c = config(from);
	fixture_reconfig(c, NOW);
	conf_free(c);
	c = config(to);
	/* Each time it gets a little further before it is killed. */
	for (useconds_t us = 200; us < 20000; us += us / 2) {
		pid_t pid = fork();
		if (pid == 0) {
			(void)fixture_reconfig_quietly(c, NOW);
			_exit(0);
		}
		(void)usleep(us);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	fixture_reconfig(c, NOW);
	expect_plan(c, "");
	char *have = picture(c);
	ck_assert_str_eq(have, want);
	free(have);
	free(want);
	conf_free(c);
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("reconfig");
	TCase *t = tcase_create("reconfig");
	tcase_add_checked_fixture(t, fixture_setup, fixture_teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_new_source_gets_folder_database_and_channel);
	tcase_add_test(t, a_removed_source_takes_its_files_with_it);
	tcase_add_test(t, sources_without_colour_get_different_ones);
	tcase_add_test(t, a_profile_of_config_is_made_changed_and_removed);
	tcase_add_test(t,
	    without_profiles_in_config_nothing_is_planned_for_them);
	tcase_add_test(t, profiles_made_by_hand_are_left_alone);
	tcase_add_test(t, groups_come_and_go_with_their_profiles);
	tcase_add_test(t,
	    a_filter_that_does_not_compile_names_profile_channel_and_place);
	tcase_add_test(t, all_sources_means_the_ones_there_are);
	tcase_add_test(t, missing_files_are_made_anew);
	tcase_add_test(t, a_history_waits_to_be_built);
	tcase_add_test(t, a_profile_that_begins_in_the_past_waits_to_be_built);
	tcase_add_test(t, what_is_not_of_config_does_not_wait);
	tcase_add_test(t, a_plan_says_what_it_costs);
	tcase_add_test(t, both_trees_may_be_one_folder);
	tcase_add_loop_test(t,
	    any_sequence_of_edits_ends_in_the_tree_of_a_fresh_start, 0, 6);
	tcase_add_loop_test(t, an_interrupted_plan_is_finished_by_the_next_one,
	    0, N_CONFIGS * 3);
	tcase_add_loop_test(t, a_killed_reconfig_is_finished_by_the_next_one, 0,
	    N_CONFIGS * 2);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
