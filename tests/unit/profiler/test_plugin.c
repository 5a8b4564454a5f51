/* Programs of plugins: which profile they are for, and what they say. */
#include <check.h>
#include <stdlib.h>

#include "conf/plugins.h"
#include "profiler/plugin.h"

static bool
wants(const char *profiles, const char *group, const char *name)
{
	const struct conf_plugin p = { profiles, "x" };
	return conf_plugin_wants(&p, group, name);
}

START_TEST(profiles_are_named_with_their_group)
{
	ck_assert(wants("*", ".", "live"));
	ck_assert(wants("*", "services", "dns"));
	ck_assert(!wants("!", ".", "live"));
	ck_assert(!wants("", ".", "live"));
	ck_assert(wants("live, web", ".", "web"));
	ck_assert(wants("./web", ".", "web"));
	ck_assert(!wants("webs,we", ".", "web"));
	ck_assert(!wants("dns", "services", "dns"));
	ck_assert(wants("live,services/dns", "services", "dns"));
	ck_assert(!wants("service/dns,services/dn", "services", "dns"));
}
END_TEST

static void
answers(const char *out, size_t len, const char *data, const char *status)
{
	struct ctl_reply r = { 0 };
	struct buf s = BUF_EMPTY;
	plugin_answer(out, len, &r, &s);
	ck_assert_str_eq(buf_str(&r.data), data);
	ck_assert_str_eq(buf_str(&s), status);
	ctl_reply_free(&r);
	buf_free(&s);
}

START_TEST(answers_cannot_leave_their_frame)
{
#define ANSWERS(out, data, status) answers(out, sizeof(out) - 1, data, status)
	ANSWERS("a=1\n_b=2\n.\nOK done\n", "a=1\n_b=2\n", "OK done");
	ANSWERS("OK", "", "OK");
	ANSWERS("a=1\nERR no\n\n\n", "a=1\n", "ERR no");
	/* An end in the middle, and a status that is none. */
	ANSWERS("OK\n.\nERR x\na=1\nOK", ".OK\n.ERR x\na=1\n", "OK");
	ANSWERS("text\n.note\nOKAY\n", ".text\n.note\n.OKAY\n", "");
	ANSWERS("a=\0b\r\nOK \0\n", "a= b \n", "OK ");
	ANSWERS("", "", "");
	ANSWERS("\n\n", "", "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("plugin");
	TCase *t = tcase_create("plugin");
	tcase_add_test(t, profiles_are_named_with_their_group);
	tcase_add_test(t, answers_cannot_leave_their_frame);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
