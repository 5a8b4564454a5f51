/* Commands of the control socket, without the socket. */
#include <time.h>

#include "../profile/fixture.h"
#include "profiler/ctl.h"

#define SOURCES "'a' => { 'port' => '9995', 'col' => '#0000ff' }"
#define ONE                                                                    \
	"%profiles = ( 'g/p' => { 'description' => 'one', 'channels' => { "    \
	"'tcp' => { 'filter' => 'proto tcp', 'col' => '#123456' } } } );"
#define TWO                                                                    \
	"%profiles = ( 'g/p' => { 'description' => 'one', 'channels' => { "    \
	"'tcp' => { 'filter' => 'proto tcp', 'col' => '#123456' }, "           \
	"'udp' => { 'filter' => 'proto udp', 'col' => '#654321' } } }, "       \
	"'q' => { 'shadow' => 1, 'channels' => { 'x' => { "                    \
	"'filter' => 'any' } } } );"

#define ADD_Q "add profile 'q': continuous shadow, 1 channel"

static struct profiler *profiler;

/* The config as a file: commands read it again. */
static void
write_config(const char *sources, const char *profiles)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	struct conf *c = fixture_conf(sources, profiles);
	conf_print(c, &text);
	conf_free(c);
	ck_assert(file_join(path, root, "nfsen.conf"));
	ck_assert_int_eq(file_write_atomic(path, text.data, text.len, 0644,
			     &err),
	    0);
	buf_free(&text);
}

static struct conf *
read_config(void)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, "nfsen.conf"));
	struct conf *c = conf_load(path, &err);
	ck_assert_msg(c != NULL, "%s", err.msg);
	return c;
}

static void
setup(void)
{
	fixture_setup();
	write_config(SOURCES, ONE);
	struct conf *c = read_config();
	fixture_reconfig(c, (int64_t)time(NULL));
	profiler = profiler_open(c, &err);
	ck_assert_msg(profiler != NULL, "%s", err.msg);
}

static void
teardown(void)
{
	profiler_close(profiler);
	fixture_teardown();
}

/* Run a command; args are key, value pairs up to NULL.  The whole reply. */
static char *
run(const char *command, const char *const *args)
{
	struct ctl_arg list[8];
	struct ctl_request req = { .args = list };
	struct ctl_reply reply = { 0 };
	struct buf out = BUF_EMPTY;
	req.command = strdup(command);
	for (; args != NULL && args[0] != NULL; args += 2)
		list[req.n++] = (struct ctl_arg){ .key = strdup(args[0]),
			.value = strdup(args[1]) };
	profiler_command(profiler, &req, &reply);
	buf_printf(&out, "%s%s", buf_str(&reply.data), buf_str(&reply.status));
	buf_free(&reply.data);
	buf_free(&reply.status);
	for (size_t i = 0; i < req.n; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	free(req.command);
	return out.data;
}

static void
expect(const char *command, const char *const *args, const char *part)
{
	char *text = run(command, args);
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part,
	    text);
	free(text);
}

START_TEST(the_list_and_a_profile_read_as_nfsend_says_them)
{
	static const char *const p[] = { "profile", "g/p", NULL };
	static const char *const split[] = { "profile", "p", "profilegroup",
		"g", NULL };
	static const char *const none[] = { "profile", "nope", NULL };
	static const char *const bad[] = { "profile", "../x", NULL };
	static const char *const both[] = { "profile", "g/p", "profilegroup",
		"g", NULL };
	expect("get-profilelist", NULL,
	    "_profiles=./live\n_profiles=g/p\nOK Profile Listing");
	expect("get-profile", p, "_channel=tcp:+:#123456:1:a\n");
	expect("get-profile", p, "_description=one\n");
	expect("get-profile", split, "OK Command completed");
	expect("get-profile", none, "ERR Profile 'nope' does not exists");
	expect("get-profile", bad, "ERR Illegal characters");
	expect("get-profile", both, "ERR Ambiguous profile group");
	expect("get-profile", NULL, "ERR Missing profile name");
	expect("frobnicate", NULL, "ERR Command unknown: 'frobnicate'");
}
END_TEST

START_TEST(the_status_names_every_profile_that_is_followed)
{
	expect("get-status", NULL, "behind=0\n");
	expect("get-status", NULL, "_profile=g/p updated=");
	expect("get-status", NULL, "status=OK channels=1\n");
	expect("config", NULL, "_line=$ZIPprofiles = '-z=lz4';\n");
}
END_TEST

START_TEST(steps_of_the_plan_are_applied_and_in_force)
{
	static const char *const steps[] = { "step", ADD_Q, "step",
		"change profile 'g/p': channel udp: added", NULL };
	write_config(SOURCES, TWO);
	expect("reconfig", steps, "OK reconfig done");
	ck_assert_uint_eq(profiler->set->n_members, 3);
	expect("get-profilelist", NULL, "_profiles=./q\n");
	struct plan plan;
	ck_assert_int_eq(plan_make(profiler->conf, &plan, &err), 0);
	ck_assert_uint_eq(plan.n, 0);
	plan_free(&plan);
}
END_TEST

START_TEST(a_step_that_is_not_in_the_plan_changes_nothing)
{
	static const char *const steps[] = { "step", ADD_Q, "step",
		"delete profile 'g/p'", NULL };
	write_config(SOURCES, TWO);
	expect("reconfig", steps, "ERR not in the plan: delete profile");
	ck_assert_uint_eq(profiler->set->n_members, 1);
}
END_TEST

START_TEST(a_bad_config_leaves_the_old_one_in_force)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, "nfsen.conf"));
	ck_assert_int_eq(file_write_atomic(path, "$X = ;\n", 7, 0644, &err), 0);
	expect("reload", NULL, "ERR ");
	expect("reconfig", NULL, "ERR ");
	ck_assert_uint_eq(profiler->set->n_members, 1);
	ck_assert_int_ge(profiler_step(profiler, (int64_t)time(NULL)), 0);
}
END_TEST

START_TEST(what_needs_a_restart_is_refused)
{
	struct buf text = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, "nfsen.conf"));
	ck_assert_int_eq(file_read(path, 1 << 20, &text, &err), 0);
	buf_adds(&text, "\n$CYCLETIME = 60;\n1;\n");
	ck_assert_int_eq(file_write_atomic(path, text.data, text.len, 0644,
			     &err),
	    0);
	buf_free(&text);
	expect("reload", NULL, "ERR $CYCLETIME has changed: restart needed");
}
END_TEST

/* The slot in progress is read on, and not again from its start. */
START_TEST(what_is_refused_disturbs_nobody)
{
	static const char *const nobody[] = { "profile", "nosuch", NULL };
	static const char *const live[] = { "profile", "live", NULL };
	static const char *const there[] = { "profile", "g/p", NULL };
	static const char *const wrong[] = { "profile", "g/p", "channel", "x",
		"filter", "proto (", NULL };
	static const char *const lock[] = { "profile", "g/p", "locked", "1",
		NULL };
	const struct set *before = profiler->set;
	expect("delete-profile", nobody, "ERR ");
	expect("delete-profile", live, "ERR ");
	expect("add-profile", there, "ERR ");
	expect("add-channel", wrong, "ERR ");
	expect("modify-profile", nobody, "ERR ");
	expect("modify-profile", there, "OK Nothing modified");
	ck_assert_ptr_eq(profiler->set, before);
	expect("modify-profile", lock, "OK profile modified");
	ck_assert_ptr_ne(profiler->set, before);
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("commands");
	TCase *t = tcase_create("commands");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_list_and_a_profile_read_as_nfsend_says_them);
	tcase_add_test(t, the_status_names_every_profile_that_is_followed);
	tcase_add_test(t, steps_of_the_plan_are_applied_and_in_force);
	tcase_add_test(t, a_step_that_is_not_in_the_plan_changes_nothing);
	tcase_add_test(t, a_bad_config_leaves_the_old_one_in_force);
	tcase_add_test(t, what_needs_a_restart_is_refused);
	tcase_add_test(t, what_is_refused_disturbs_nobody);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
