#include "../profile/fixture.h"
#include "alert/alert.h"
#include "alert/state.h"

#define NOW INT64_C(1795432500)

static const char dat[] = "# More than half\n"
			  "name = jump\n"
			  "status = enabled\n"
			  "version = 130\n"
			  "type = 0\n"
			  "trigger_type = 1\n"
			  "trigger_number = 2\n"
			  "trigger_blocks = 3\n"
			  "channellist = peer1|peer2\n"
			  "action_type = 1\n"
			  "action_email = noc@localhost,a.b@example.net\n"
			  "action_subject = Jump\n"
			  "action_system = \n"
			  "action_plugin = \n"
			  "condition=0:5:0:3:0:60:5\n"
			  "condition=1:0:0:0:0:1.5:0\n";

static struct conf *c;

static void
setup(void)
{
	fixture_setup();
	c = fixture_conf("'peer1' => { 'port' => '9001' },"
			 "'peer2' => { 'port' => '9002' }",
	    "$MAIL_FROM = 'nfsen@localhost';\n"
	    "@plugins = ([ '*', 'demo' ]);");
	(void)fixture_reconfig(c, NOW);
}

static void
teardown(void)
{
	conf_free(c);
	fixture_teardown();
}

static struct alert *
parse(const char *text)
{
	return alert_parse("a.dat", text, strlen(text), &err);
}

START_TEST(printing_what_was_parsed_gives_the_same_text)
{
	struct buf out = BUF_EMPTY;
	struct alert *a = parse(dat);
	ck_assert_msg(a != NULL, "%s", err.msg);
	alert_print(a, &out);
	ck_assert_str_eq(buf_str(&out), dat);
	ck_assert(alert_enabled(a));
	ck_assert_uint_eq(a->n_sources, 2);
	ck_assert_str_eq(a->conditions[1], "1:0:0:0:0:1.5:0");
	buf_free(&out);
	alert_free(a);
}
END_TEST

START_TEST(an_unknown_key_is_named_with_its_line)
{
	ck_assert_ptr_null(parse("name = x\ncolour = red\n"));
	ck_assert_str_eq(err.msg, "a.dat:2: unknown key 'colour'");
}
END_TEST

/* One value of the good alert replaced, and what is said of it. */
static const struct {
	const char *key, *value, *text;
} refused[] = {
	{ "type", "3", "type '3' not a valid alert type" },
	{ "status", "on", "status 'on' not valid" },
	{ "trigger_type", "4", "type '4' not a valid trigger type" },
	{ "trigger_number", "0", "type '0' not a valid trigger number" },
	{ "trigger_number", "10", "type '10' not a valid trigger number" },
	{ "trigger_number", "x", "type 'x' not a valid trigger number" },
	{ "trigger_blocks", "10",
	    "type '10' not a valid trigger blocks number" },
	{ "action_type", "8", "action_type '8' not a valid alert action type" },
	{ "action_email", "", "action_email required for action_type=1" },
	{ "action_email", "nobody",
	    "action_email 'nobody' not a valid email address" },
	{ "action_email", "a@b.ch,-x@b.ch",
	    "action_email '-x@b.ch' not a valid email address" },
	{ "action_type", "2", "action_system: Option not enabled." },
	{ "action_type", "4", "action_plugin required for action_type=4" },
	{ "condition", "0:0:0:0:0:100",
	    "Wrong number of attributes for condition '0:0:0:0:0:100'" },
	{ "condition", "0:9:0:0:0:100:0",
	    "Attribute 1 value 9 > 5 in condition '0:9:0:0:0:100:0'" },
	{ "condition", "0:0:0:0:0:100:9",
	    "Attribute 6 value 9 > 5 in condition '0:0:0:0:0:100:9'" },
	{ "condition", "0:0:0:0:0:many:0",
	    "Attribute 5 value 'many' is no number in condition "
	    "'0:0:0:0:0:many:0'" },
	{ "condition", "0:-1:0:0:0:1:0",
	    "Attribute 1 value '-1' is no number in condition "
	    "'0:-1:0:0:0:1:0'" },
	{ "channellist", "nosuch",
	    "source 'nosuch' does not exist in profile live" },
	{ "filter", "host \"x\"", NULL },
};

static struct alert_request
good(const char *name)
{
	static const char *const conds[] = { "0:0:0:0:0:100:0" };
	return (struct alert_request){ .alert = name,
		.status = "enabled",
		.action_type = "1",
		.action_email = "noc@localhost",
		.filter = "proto udp\nand dst port 53\n",
		.description = "two lines\nof text",
		.conditions = conds,
		.n_conditions = 1 };
}

static void
replace(struct alert_request *r, const char *key, const char *const *value)
{
	const struct {
		const char *key;
		const char **to;
	} fields[] = {
		{ "type", &r->type },
		{ "status", &r->status },
		{ "trigger_type", &r->trigger_type },
		{ "trigger_number", &r->trigger_number },
		{ "trigger_blocks", &r->trigger_blocks },
		{ "action_type", &r->action_type },
		{ "action_email", &r->action_email },
		{ "channellist", &r->channellist },
		{ "filter", &r->filter },
	};
	if (strcmp(key, "condition") == 0)
		r->conditions = value;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(key, fields[i].key) == 0)
			*fields[i].to = *value;
}

static size_t
alerts(void)
{
	struct arena a = ARENA_EMPTY;
	struct alert_list l;
	ck_assert_int_eq(alert_list(c, &a, &l, &err), 0);
	arena_free(&a);
	return l.n;
}

START_TEST(a_wrong_value_is_refused_with_nfsens_text_and_leaves_nothing)
{
	struct alert_request r = good("jump");
	replace(&r, refused[_i].key, &refused[_i].value);
	ck_assert_int_eq(alert_add(c, &r, NOW, NOW, &err), -1);
	if (refused[_i].text != NULL)
		ck_assert_str_eq(err.msg, refused[_i].text);
	else
		ck_assert_msg(strstr(err.msg, "Filter syntax error") != NULL,
		    "%s", err.msg);
	ck_assert_uint_eq(alerts(), 0);
	/* The same of an alert that is there: it stays as it was. */
	r = good("jump");
	ck_assert_msg(alert_add(c, &r, NOW, NOW, &err) == 0, "%s", err.msg);
	r = (struct alert_request){ .alert = "jump" };
	static const char *const cond[] = { "0:0:0:0:0:1:0" };
	r.conditions = cond;
	r.n_conditions = 1;
	replace(&r, refused[_i].key, &refused[_i].value);
	ck_assert_int_eq(alert_modify(c, &r, &err), -1);
	struct alert *a = alert_load(c, "jump", &err);
	ck_assert_ptr_nonnull(a);
	ck_assert_str_eq(a->conditions[0], "0:0:0:0:0:100:0");
	ck_assert_int_eq(a->action_type, ALERT_EMAIL);
	alert_free(a);
}
END_TEST

static void
has(const char *root_name, const char *file, bool there)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s/%s", root, root_name, file);
	ck_assert_msg(file_exists(path) == there, "%s", path);
}

START_TEST(an_alert_is_added_changed_armed_and_deleted)
{
	struct alert_request r = good("jump");
	struct buf filter = BUF_EMPTY;
	struct alert_state s;
	r.trigger_type = "1";
	ck_assert_msg(alert_add(c, &r, NOW, NOW, &err) == 0, "%s", err.msg);
	has("stat/~jump", "alert.dat", true);
	has("stat/~jump", "alert.status", true);
	has("stat/~jump", "avg-flows.rrd", true);
	has("stat/~jump", "avg-packets.rrd", true);
	has("stat/~jump", "avg-bytes.rrd", true);
	has("data/~jump", "jump", true);
	ck_assert_int_eq(alert_filter_read(c, "jump", &filter, &err), 0);
	ck_assert_str_eq(buf_str(&filter), "proto udp\nand dst port 53\n");
	buf_free(&filter);
	ck_assert_int_eq(alert_add(c, &r, NOW, NOW, &err), -1);
	ck_assert_str_eq(err.msg, "alert 'jump' already exists");

	r = (struct alert_request){ .alert = "jump", .trigger_number = "9" };
	ck_assert_msg(alert_modify(c, &r, &err) == 0, "%s", err.msg);
	struct alert *a = alert_load(c, "jump", &err);
	ck_assert_int_eq(a->trigger_number, 9);
	ck_assert_str_eq(a->description, "two lines\nof text");
	ck_assert_uint_eq(a->n_sources, 2);
	alert_free(a);
	ck_assert_int_eq(alert_arm(c, "jump", &err), 0);
	ck_assert_int_eq(alert_state_load(c, "jump", &s, &err), 0);
	ck_assert_int_eq(s.trigger_status, ALERT_ARMED);
	ck_assert_str_eq(s.trigger_info, "0");
	ck_assert_int_eq(s.created, NOW);

	ck_assert_msg(alert_delete(c, "jump", &err) == 0, "%s", err.msg);
	has("stat", "~jump", false);
	has("data", "~jump", false);
	ck_assert_int_eq(alert_delete(c, "jump", &err), -1);
	ck_assert_str_eq(err.msg, "alert 'jump' does not exists");
}
END_TEST

static const char *const names[] = { "", "a b", "../x", "a/b", "a;b", "a\nb",
	"." };

START_TEST(a_name_that_is_none_reaches_no_file)
{
	struct alert_request r = good(names[_i]);
	ck_assert_int_eq(alert_add(c, &r, NOW, NOW, &err), -1);
	ck_assert_int_eq(alert_modify(c, &r, &err), -1);
	ck_assert_int_eq(alert_arm(c, names[_i], &err), -1);
	ck_assert_int_eq(alert_delete(c, names[_i], &err), -1);
	ck_assert_uint_eq(alerts(), 0);
}
END_TEST

START_TEST(a_state_survives_its_file)
{
	struct alert_state s, t;
	struct buf out = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	struct alert_request r = good("jump");
	ck_assert_int_eq(alert_add(c, &r, NOW, NOW, &err), 0);
	alert_state_init(&s, true, NOW);
	s.updated = NOW;
	s.trigger_blocks = 2;
	(void)snprintf(s.trigger_info, sizeof(s.trigger_info), "1/2");
	s.n_conditions = 3;
	s.conditions[0] = 1;
	s.conditions[1] = -1;
	for (size_t i = 0; i < ALERT_SLOTS; i++)
		s.last[ALERT_BYTES][i] = UINT64_C(1) << (i % 60);
	s.average[ALERT_24H][ALERT_PACKETS] = 77;
	s.events[9] = NOW - 300;
	alert_state_print("jump", &s, &out);
	ck_assert(alert_stat_path(c, "jump", "alert.status", path));
	ck_assert_int_eq(file_write_atomic(path, out.data, out.len, 0644, &err),
	    0);
	ck_assert_msg(alert_state_load(c, "jump", &t, &err) == 0, "%s",
	    err.msg);
	ck_assert_mem_eq(s.last, t.last, sizeof(s.last));
	ck_assert_mem_eq(s.average, t.average, sizeof(s.average));
	ck_assert_mem_eq(s.events, t.events, sizeof(s.events));
	ck_assert_uint_eq(t.n_conditions, 3);
	ck_assert_int_eq(t.conditions[1], -1);
	ck_assert_str_eq(t.trigger_info, "1/2");
	ck_assert_int_eq(t.created, NOW);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("alert");
	TCase *t = tcase_create("alert");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, printing_what_was_parsed_gives_the_same_text);
	tcase_add_test(t, an_unknown_key_is_named_with_its_line);
	tcase_add_loop_test(t,
	    a_wrong_value_is_refused_with_nfsens_text_and_leaves_nothing, 0,
	    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, an_alert_is_added_changed_armed_and_deleted);
	tcase_add_loop_test(t, a_name_that_is_none_reaches_no_file, 0,
	    sizeof(names) / sizeof(names[0]));
	tcase_add_test(t, a_state_survives_its_file);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
