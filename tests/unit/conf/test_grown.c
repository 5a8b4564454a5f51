/* Sources that came by themselves: the list, and what config makes of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/grown.h"

static char dir[] = "/tmp/test_grown.XXXXXX";
static char list[FILE_PATH_MAX];
static struct err err;

static struct conf *
load(const char *sources)
{
	struct buf text = BUF_EMPTY;
	buf_printf(&text,
	    "$BASEDIR = '/n'; $PROFILESTATDIR = '%s'; %%sources = (%s);", dir,
	    sources);
	struct conf *c = conf_load_text("c", buf_str(&text), text.len, &err);
	ck_assert_msg(c != NULL, "%s", err.msg);
	buf_free(&text);
	return c;
}

static void
write_list(const char *text)
{
	ck_assert_int_eq(file_write_atomic(list, text, strlen(text), 0600,
			     &err),
	    0);
}

/* Idents with their parents, as config has them with this list. */
static const char *
sources_with(const char *config, const char *text)
{
	static char out[1000];
	struct conf *c = load(config);
	size_t n = 0;
	write_list(text);
	ck_assert_msg(grown_load(c, &err) >= 0, "%s", err.msg);
	out[0] = '\0';
	for (size_t i = 0; i < c->n_sources; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s=%s",
		    i > 0 ? " " : "", c->sources[i].ident,
		    c->sources[i].parent != NULL ? c->sources[i].parent : "");
	conf_free(c);
	return out;
}

#define NEW "'new' => { 'port' => 1, 'dynamic' => 4, 'sampling' => 7 }"

START_TEST(one_has_its_parents_keys_and_one_sender)
{
	struct conf *c = load(NEW);
	write_list("192.0.2.7 new 1795444200\n2001:db8::1 new 1795444500\n");
	ck_assert_int_eq(grown_load(c, &err), 2);
	const struct conf_source *s = conf_source_find(c, "192-0-2-7");
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s->parent, "new");
	ck_assert_int_eq(s->since, 1795444200);
	ck_assert_uint_eq(s->port, 1);
	ck_assert_int_eq(s->in.sampling, 7);
	ck_assert_int_eq(s->in.dynamic, 0);
	ck_assert_uint_eq(s->n_ips, 1);
	ck_assert_uint_eq(s->ips[0].len, 32);
	s = conf_source_find(c, "2001-db8--1");
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->ips[0].len, 128);
	/* What is there already is not news. */
	ck_assert_int_eq(grown_load(c, &err), 0);
	struct buf out = BUF_EMPTY;
	conf_print(c, &out);
	ck_assert_ptr_null(strstr(buf_str(&out), "192-0-2-7"));
	buf_free(&out);
	conf_free(c);
}
END_TEST

START_TEST(config_has_the_last_word)
{
	static const char text[] = "192.0.2.7 new 5\n";
	ck_assert_str_eq(sources_with(NEW, text), "192-0-2-7=new new=");
	ck_assert_str_eq(sources_with("'new' => { 'port' => 1 }", text),
	    "new=");
	ck_assert_str_eq(sources_with("'b' => { 'port' => 1, 'dynamic' => 1 }",
			     text),
	    "b=");
	ck_assert_str_eq(sources_with(NEW ", 'r' => { 'port' => 1, "
					  "'IP' => '192.0.2.0/24' }",
			     text),
	    "new= r=");
	/* On another port that sender is another's business. */
	ck_assert_str_eq(sources_with(NEW ", 'r' => { 'port' => 2, "
					  "'IP' => '192.0.2.7' }",
			     text),
	    "192-0-2-7=new new= r=");
}
END_TEST

START_TEST(what_is_no_line_is_passed_over)
{
	ck_assert_str_eq(
	    sources_with(NEW,
		"\nx new 5\n10.0.0.1\n10.0.0.2 new\n10.0.0.3 new 0\n"
		"10.0.0.4 new 5\n10.0.0.4 new 9\n10.0.0.5 "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 5\n"
		"10.0.0.6 new 5"),
	    "10-0-0-4=new new=");
}
END_TEST

START_TEST(lines_come_and_go_one_by_one)
{
	struct addr a, b;
	struct buf text = BUF_EMPTY;
	struct conf *c = load(NEW);
	ck_assert(addr_parse("10.0.0.1", &a) && addr_parse("10.0.0.2", &b));
	write_list("10.0.0.9 ne"); /* the disk was full */
	ck_assert_int_eq(grown_add(list, &a, "new", 5, &err), 0);
	ck_assert_int_eq(grown_add(list, &b, "new", 6, &err), 0);
	ck_assert_int_eq(grown_load(c, &err), 2);
	ck_assert_int_eq(grown_drop(c, "10-0-0-1", &err), 0);
	ck_assert_int_eq(grown_drop(c, "10-0-0-3", &err), 0);
	ck_assert_int_eq(file_read(list, 1000, &text, &err), 0);
	ck_assert_str_eq(buf_str(&text), "10.0.0.2 new 6\n");
	grown_forget(c, "10-0-0-1");
	ck_assert_ptr_null(conf_source_find(c, "10-0-0-1"));
	ck_assert_ptr_nonnull(conf_source_find(c, "10-0-0-2"));
	grown_forget(c, "new");
	ck_assert_ptr_nonnull(conf_source_find(c, "new"));
	buf_free(&text);
	conf_free(c);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_is_an_error)
{
	struct conf *c = load(NEW);
	(void)unlink(list);
	ck_assert_int_eq(mkdir(list, 0700), 0);
	ck_assert_int_eq(grown_load(c, &err), -1);
	ck_assert_int_eq(rmdir(list), 0);
	conf_free(c);
}
END_TEST

int
main(void)
{
	char live[FILE_PATH_MAX];
	if (mkdtemp(dir) == NULL || !file_join(live, dir, "live") ||
	    mkdir(live, 0700) == -1 || !file_join(list, dir, GROWN_FILE))
		return EXIT_FAILURE;
	Suite *s = suite_create("grown");
	TCase *t = tcase_create("grown");
	tcase_add_test(t, one_has_its_parents_keys_and_one_sender);
	tcase_add_test(t, config_has_the_last_word);
	tcase_add_test(t, what_is_no_line_is_passed_over);
	tcase_add_test(t, lines_come_and_go_one_by_one);
	tcase_add_test(t, a_list_that_cannot_be_read_is_an_error);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	(void)file_remove_tree(dir, &err);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
