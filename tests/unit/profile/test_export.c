/* A profile as config text: config with that text wants the same profile. */
#include <time.h>

#include "ops_fixture.h"
#include "profile/export.h"

static struct buf text;

static void
setup(void)
{
	ops_setup();
	text = BUF_EMPTY;
}

static void
teardown(void)
{
	buf_free(&text);
	ops_teardown();
}

static struct profile *
load(const char *group, const char *name)
{
	struct profile *p = profile_load(tree, group, name, &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	return p;
}

static int
print(const char *group, const char *name)
{
	struct profile *p = load(group, name);
	int rc = export_config(tree, p, &text, &err);
	profile_free(p);
	return rc;
}

/* The tree's config with these profiles. */
static struct conf *
config_with(const char *profiles)
{
	struct buf all = BUF_EMPTY;
	buf_printf(&all, "%%profiles = (\n%s);\n", profiles);
	struct conf *c = fixture_conf(SOURCES, buf_str(&all));
	buf_free(&all);
	return c;
}

START_TEST(a_profile_as_text)
{
	(void)say("modify-channel;profile=web;channel=https;"
		  "filter=# it's TLS;filter=port 443");
	ck_assert_msg(print(".", "web") == 0, "%s", err.msg);
	ck_assert_str_eq(buf_str(&text),
	    "    'web' => {\n"
	    "        'description' => 'Web traffic',\n"
	    "        'type' => 'continuous',\n"
	    "        'shadow' => 0,\n"
	    "        'expire' => '14 days',\n"
	    "        'maxsize' => '500m',\n"
	    "        'tstart' => '202611230300',\n"
	    "        'channels' => {\n"
	    "            'https' => {\n"
	    "                'filter' => '# it\\'s TLS\nport 443',\n"
	    "                'sources' => 'upstream1|peer1',\n"
	    "                'col' => '#3366cc',\n"
	    "                'sign' => '+',\n"
	    "                'order' => 1,\n"
	    "            },\n"
	    "            'http' => {\n"
	    "                'filter' => 'proto tcp',\n"
	    "                'sources' => 'upstream1|peer1',\n"
	    "                'col' => '#3366cc',\n"
	    "                'sign' => '+',\n"
	    "                'order' => 2,\n"
	    "            },\n"
	    "            'quic' => {\n"
	    "                'filter' => 'proto tcp',\n"
	    "                'sources' => 'upstream1|peer1',\n"
	    "                'col' => '#3366cc',\n"
	    "                'sign' => '-',\n"
	    "                'order' => 1,\n"
	    "            },\n"
	    "        },\n"
	    "    },\n");
}
END_TEST

/* What is done to a profile first, which shows in its text. */
static const struct {
	const char *profile;
	const char *say[3];
} cases[] = {
	{ "./web", { NULL } },
	{ "./incident", { NULL } },
	{ "services/dns", { NULL } },
	{ "services/mail", { NULL } },
	{ "./frozen", { NULL } },
	{ "./draft", { NULL } },
	{ "./web", { "modify-profile;profile=web;profile_type=6" } },
	{ "./web", { "modify-profile;profile=web;profile_type=1;description=# ;"
		     "description=  two 'words' \\;description=" } },
	{ "./web", { "add-channel;profile=web;channel=all;order=1;filter=any",
		       "modify-channel;profile=web;channel=http;sign=-;order=1",
		       "modify-profile;profile=web;expire=0;maxsize=7b" } },
	{ "./web", { "modify-channel;profile=web;channel=http;"
		     "filter=proto tcp;filter=;filter=# $x @y \"z\";"
		     "filter=and port 80;filter=" } },
};

START_TEST(config_that_has_the_text_finds_nothing_to_change)
{
	struct plan plan;
	const char *slash = strchr(cases[_i].profile, '/');
	char group[32];
	(void)snprintf(group, sizeof(group), "%.*s",
	    (int)(slash - cases[_i].profile), cases[_i].profile);
	for (size_t i = 0; i < 3 && cases[_i].say[i] != NULL; i++)
		ck_assert_msg(strncmp(say(cases[_i].say[i]), "OK ", 3) == 0,
		    "%s", err.msg);
	ck_assert_msg(print(group, slash + 1) == 0, "%s", err.msg);
	struct conf *c = config_with(buf_str(&text));
	ck_assert_msg(plan_make(c, &plan, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(plan.n, 1);
	ck_assert_int_eq(plan.steps[0].action, PLAN_PROFILE_CHANGE);
	ck_assert_str_eq(plan.steps[0].what, "taken into config");
	plan_free(&plan);
	/* And config prints it as it was. */
	struct buf again = BUF_EMPTY;
	conf_print_profile(&c->profiles[0], c->cycletime, &again);
	ck_assert_uint_eq(c->n_profiles, 1);
	ck_assert_uint_gt(again.len, 100);
	buf_free(&again);
	conf_free(c);
}
END_TEST

START_TEST(what_config_cannot_hold_is_named)
{
	struct profile *p;
	ck_assert_int_eq(print(".", "live"), -1);
	ck_assert_str_eq(err.msg, "profile 'live' is made of %sources");
	ck_assert_int_eq(print(".", "stall"), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "'stall' has no channels"));
	p = load(".", "web");
	make_channel(p, "a b", '+');
	keep_profile(p);
	ck_assert_int_eq(print(".", "web"), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "channel 'a b'"));
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(sources_that_are_gone_are_left_out_and_said)
{
	conf_free(tree);
	tree = fixture_conf("'peer1' => { 'port' => '0' }", "");
	ck_assert_msg(print(".", "web") == 0, "%s", err.msg);
	ck_assert_ptr_nonnull(strstr(buf_str(&text),
	    "    # channel 'https': source 'upstream1' is not in %sources any "
	    "more\n"));
	ck_assert_ptr_nonnull(strstr(buf_str(&text), "'sources' => 'peer1'"));
	conf_free(tree);
	tree = fixture_conf("'other' => { 'port' => '0' }", "");
	ck_assert_int_eq(print(".", "web"), -1);
	ck_assert_str_eq(err.msg,
	    "channel 'https': none of its sources is in %sources");
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("export");
	TCase *t = tcase_create("export");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_profile_as_text);
	tcase_add_loop_test(t, config_that_has_the_text_finds_nothing_to_change,
	    0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, what_config_cannot_hold_is_named);
	tcase_add_test(t, sources_that_are_gone_are_left_out_and_said);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
