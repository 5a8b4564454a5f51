/* Formats: what is said of a mistake, formats of one's own, JSON twice. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/fmt.h"
#include "query/fmtconf.h"
#include "query/format.h"
#include "query/out.h"

#include "../nffile/random_flow.h"

static struct arena arena; /* empty */
static struct err err;

static void
teardown(void)
{
	arena_free(&arena);
	memset(&arena, 0, sizeof(arena));
}

/* ---- tokens --------------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *token; /* that is named */
	int column;        /* of the caret, in what is shown */
} mistakes[] = {
	{ "fmt:%ts %Qope %td", "%Qope", 4 },
	{ "fmt:%Qope", "%Qope", 0 },
	{ "fmt:%", "%", 0 },
	{ "fmt:%%", "%", 0 },
	{ "fmt:%ts%Q9,", "%Q9", 3 },
	{ "csv:%ts,%sap,%Qope", NULL, 0 },
	{ "csv:%ts,%Qope", "%Qope", 4 },
};

START_TEST(an_unknown_token_is_named_with_its_place)
{
	struct format f = { 0 };
	ck_assert_int_eq(format_parse(&f, mistakes[_i].text, &arena, &err), -1);
	ck_assert_str_ne(err.msg, "");
	if (mistakes[_i].token == NULL)
		return;
	char want[64];
	(void)snprintf(want, sizeof(want), "called %s", mistakes[_i].token);
	ck_assert_msg(strstr(err.msg, want) != NULL, "%s", err.msg);
	/* The line above the caret is what was written. */
	const char *shown = strchr(err.msg, '\n');
	ck_assert_ptr_nonnull(shown);
	ck_assert_int_eq(strncmp(shown + 1, mistakes[_i].text + 4,
			     strlen(mistakes[_i].text + 4)),
	    0);
	const char *below = strchr(shown + 1, '\n');
	ck_assert_ptr_nonnull(below);
	ck_assert_int_eq((int)strspn(below + 1, " "), mistakes[_i].column);
	ck_assert_int_eq(below[1 + mistakes[_i].column], '^');
}
END_TEST

/* The longest name counts: %tds is not %td and an s. */
START_TEST(the_longest_token_is_meant)
{
	static const struct {
		const char *text, *name;
	} cases[] = { { "td", "td" }, { "tds", "tds" }, { "tdx", "td" },
		{ "in", "in" }, { "inam", "inam" }, { "mpls10", "mpls10" },
		{ "mpls1", "mpls1" }, { "mpls", "mpls" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n;
		const struct token *t = fmt_find_token(cases[i].text, &n);
		ck_assert_ptr_nonnull(t);
		ck_assert_str_eq(t->name, cases[i].name);
		ck_assert_uint_eq(n, strlen(cases[i].name));
	}
	size_t n = 1;
	ck_assert_ptr_null(fmt_find_token("Zz", &n));
	ck_assert_uint_eq(n, 0);
}
END_TEST

/* ---- formats of one's own -------------------------------------------------------- */

START_TEST(formats_are_read_from_their_section)
{
	static const char text[] = "fmt.outside = \"%ts\"\n"
				   "# a comment\n"
				   "[other]\nfmt.other = \"%td\"\n"
				   "[nfdump]\n"
				   "  fmt.mine = \"fmt:%ts # %td\" # of mine\n"
				   "csv.list='%sa,%da'\n"
				   "fmt.bare = %byt # not this\n"
				   "maxworkers = 4\n"
				   "fmt.mine = \"%te\"\n"
				   "format = \"mine\"";
	struct fmtconf c = { 0 };
	ck_assert_int_eq(fmtconf_parse(text, &arena, &c, &err), 0);
	ck_assert_str_eq(c.format, "mine");
	ck_assert_ptr_null(fmtconf_find(c.list, "outside", 7));
	ck_assert_ptr_null(fmtconf_find(c.list, "other", 5));
	ck_assert_ptr_null(fmtconf_find(c.list, "min", 3));
	const struct fmt_named *f = fmtconf_find(c.list, "mine", 4);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, "%te"); /* the later one */
	ck_assert(!f->csv);
	f = fmtconf_find(f->next, "mine", 4);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, "%ts # %td");
	f = fmtconf_find(c.list, "list", 4);
	ck_assert(f != NULL && f->csv);
	ck_assert_str_eq(f->text, "%sa,%da");
	f = fmtconf_find(c.list, "bare", 4);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, "%byt");
}
END_TEST

static const struct {
	const char *text, *said;
} broken[] = {
	{ "[nfdump]\nfmt.a = \"%ts\n", "line 2: " },
	{ "\n\nfmt.a\n", "line 3: " },
	{ "[nfdump]\ncsv.a = '%ts\"\n", "line 2: " },
};

START_TEST(a_broken_line_is_named)
{
	struct fmtconf c = { 0 };
	ck_assert_int_eq(fmtconf_parse(broken[_i].text, &arena, &c, &err), -1);
	ck_assert_int_eq(strncmp(err.msg, broken[_i].said,
			     strlen(broken[_i].said)),
	    0);
}
END_TEST

START_TEST(what_cannot_be_read_is_said)
{
	struct fmtconf c = { 0 };
	ck_assert_int_eq(fmtconf_read(NULL, &arena, &c, &err), 0);
	ck_assert_int_eq(fmtconf_read("none", &arena, &c, &err), 0);
	ck_assert_int_eq(fmtconf_read("/", &arena, &c, &err), -1);
	ck_assert_int_eq(fmtconf_read("/nowhere/x", &arena, &c, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nowhere/x"));
}
END_TEST

/* ---- JSON ------------------------------------------------------------------------ */

/* Replace in place by something shorter. */
static void
squeeze(char *s, const char *from, const char *to)
{
	for (char *p = s; (p = strstr(p, from)) != NULL; p += strlen(to)) {
		memcpy(p, to, strlen(to));
		memmove(p + strlen(to), p + strlen(from),
		    strlen(p + strlen(from)) + 1);
	}
}

START_TEST(json_without_its_blanks_is_ndjson)
{
	struct rnd r = { (uint64_t)_i };
	struct buf wide = BUF_EMPTY, dense = BUF_EMPTY;
	struct flow f = { .have = rnd(&r) & (FLOW_BIT(FE_MAX) - 2) };
	rnd_common(&r, &f);
	f.have &= ~(FLOW_BIT(FE_USER) | FLOW_BIT(FE_NBAR) | FLOW_BIT(FE_LABEL) |
		    FLOW_BIT(FE_INPAYLOAD) | FLOW_BIT(FE_OUTPAYLOAD) |
		    FLOW_BIT(FE_FRAME) | FLOW_BIT(FE_PFINFO) |
		    FLOW_BIT(FE_NOKIASTR));
	json_flow(&f, &wide);
	ndjson_flow(&f, &dense);
	char *s = strdup(buf_str(&wide));
	ck_assert_ptr_nonnull(s);
	squeeze(s, "\n\t", "");
	squeeze(s, "\" : ", "\":");
	squeeze(s, "\n}", "}");
	ck_assert_uint_eq(strlen(s) + 1, dense.len);
	ck_assert_int_eq(strncmp(s, buf_str(&dense), strlen(s)), 0);
	ck_assert_ptr_eq(strchr(buf_str(&dense), '\n'),
	    buf_str(&dense) + dense.len - 1);
	free(s);
	buf_free(&wide);
	buf_free(&dense);
}
END_TEST

/* ---- standard output ------------------------------------------------------------- */

/* Small pieces wait, large ones go out, and none overtakes another. */
START_TEST(pieces_of_any_size_come_out_in_order)
{
	static const size_t sizes[] = { 1, 4096, 4097, 10, 0, 9000, 3, 4096,
		4096, 1 };
	struct out o = { .text = BUF_EMPTY };
	struct buf want = BUF_EMPTY;
	static char got[65536], piece[9000];
	int fd[2], old = dup(STDOUT_FILENO);
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_ne(old, -1);
	ck_assert_int_ne(dup2(fd[1], STDOUT_FILENO), -1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(piece, 'a' + (int)i, sizes[i]);
		out_write(&o, piece, sizes[i]);
		buf_add(&want, piece, sizes[i]);
	}
	out_flush(&o);
	(void)dup2(old, STDOUT_FILENO);
	(void)close(old);
	(void)close(fd[1]);
	size_t n = 0;
	for (ssize_t k; (k = read(fd[0], got + n, sizeof(got) - n)) > 0;)
		n += (size_t)k;
	(void)close(fd[0]);
	ck_assert_uint_eq(n, want.len);
	ck_assert_int_eq(strncmp(got, buf_str(&want), n), 0);
	out_free(&o);
	buf_free(&want);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("formats");
	TCase *t = tcase_create("formats");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, an_unknown_token_is_named_with_its_place, 0,
	    COUNT(mistakes));
	tcase_add_test(t, the_longest_token_is_meant);
	tcase_add_test(t, formats_are_read_from_their_section);
	tcase_add_loop_test(t, a_broken_line_is_named, 0, COUNT(broken));
	tcase_add_test(t, what_cannot_be_read_is_said);
	tcase_add_loop_test(t, json_without_its_blanks_is_ndjson, 1, 300);
	tcase_add_test(t, pieces_of_any_size_come_out_in_order);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
