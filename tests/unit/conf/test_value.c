/* The Perl subset: what it means, what is refused with which words. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/value.h"

static struct arena arena;
static struct err err;
static struct buf warnings;
static const struct value *vars;

static void
teardown(void)
{
	arena_free(&arena);
	buf_free(&warnings);
}

static const char *
preset(const struct value *seen, const char *name, struct arena *a)
{
	(void)seen;
	return strcmp(name, "$PRESET") == 0 ? arena_strdup(a, "/preset") : NULL;
}

static bool
parse(const char *text)
{
	struct value_hooks hooks = { preset, &warnings };
	/* An exact copy, so that a sanitizer sees a read past the end. */
	size_t n = strlen(text);
	char *copy = mem_alloc(n != 0 ? n : 1);
	memcpy(copy, text, n);
	vars = value_parse("f", copy, n, &hooks, &arena, &err);
	free(copy);
	return vars != NULL;
}

/* What name prints as after text. */
static const char *
printed(const char *name)
{
	struct buf b = BUF_EMPTY;
	const struct value *v = value_get(vars, name);
	if (v != NULL)
		value_print(v, &b);
	else
		buf_adds(&b, "(none)");
	const char *s = arena_strdup(&arena, buf_str(&b));
	buf_free(&b);
	return s;
}

static const struct {
	const char *text, *name, *printed;
} understood[] = {
	{ "$A = 'x';", "$A", "'x'" },
	{ "$A='a\\'b\\\\c\\d';", "$A", "'a\\'b\\\\c\\\\d'" },
	{ "$A = 'two\nlines';", "$A", "'two\nlines'" },
	{ "$A = \"a\\tb\\\"c\\$d\\@e\\n\";", "$A", "'a\tb\"c$d@e\n'" },
	{ "$A = 9995;", "$A", "9995" },
	{ "$A = -3;", "$A", "-3" },
	{ "$A = 1_000;", "$A", "1000" },
	{ "$A = 0x1f;", "$A", "31" },
	{ "$A = 0b101;", "$A", "5" },
	{ "$A = 017;", "$A", "15" },
	{ "$A = 0;", "$A", "0" },
	{ "$A = 1.50;", "$A", "1.50" },
	{ "$A = 0.5;", "$A", "0.5" },
	{ "$A = undef;", "$A", "undef" },
	{ "$A = 'x'; $A = 'y';", "$A", "'y'" },
	{ "$B='b'; $A = \"$B/c\";", "$A", "'b/c'" },
	{ "$B='b'; $A = \"${B}c\";", "$A", "'bc'" },
	{ "$B='b'; $A = $B;", "$A", "'b'" },
	{ "$B='b'; $A = ${B} . '-' . 7;", "$A", "'b-7'" },
	{ "$B=undef; $A = \"<$B>\";", "$A", "'<>'" },
	{ "$A = \"$PRESET/run\";", "$A", "'/preset/run'" },
	{ "$A = \"mail: a @ b\";", "$A", "'mail: a @ b'" },
	{ "$A = ('x');", "$A", "'x'" },
	{ "$A = q{ it's {nested} };", "$A", "' it\\'s {nested} '" },
	{ "$A = q(a) . q[b] . q<c> . q/d/ . q!e! . q|f|;", "$A", "'abcdef'" },
	{ "$B='b'; $A = qq{$B};", "$A", "'b'" },
	{ "$A = q#x#; # comment", "$A", "'x'" },
	{ "$A = [ 1, 'b', [ ] ];", "$A", "[ 1, 'b', [ ] ]" },
	{ "$A = { type => 'unix', };", "$A", "{ 'type' => 'unix' }" },
	{ "@p = ( [ '*', 'x' ], );", "@p", "[ [ '*', 'x' ] ]" },
	{ "@p = qw(a b\nc);", "@p", "[ 'a', 'b', 'c' ]" },
	{ "@p = ( qw/a b/, 'c' );", "@p", "[ 'a', 'b', 'c' ]" },
	{ "@p = ();", "@p", "[ ]" },
	{ "%h = ( a => 1, 'b', 2, );", "%h", "{ 'a' => 1, 'b' => 2 }" },
	{ "%h = ( b => 1, a => 2, b => 3 );", "%h", "{ 'b' => 3, 'a' => 2 }" },
	{ "%h = ( q => 1, qw => 2, y => 3 );", "%h",
	    "{ 'q' => 1, 'qw' => 2, 'y' => 3 }" },
	{ "%h = ( # c\n a # d\n => # e\n 1 # f\n );", "%h", "{ 'a' => 1 }" },
	{ "our $A = 1;", "$A", "1" },
	{ "our $B; $A = 1;", "$A", "1" },
	{ "my $B = 1; $A = $B;", "$A", "'1'" },
	{ "my $A = 1;", "$A", "(none)" },
	{ "use strict; use lib 'a;b'; $A = 1; 1;", "$A", "1" },
	{ "$A = 1;\n=head1 pod\n$A = 2;\n=cut\n$B = 3;", "$A", "1" },
	{ "$A = 1;\n=head1 pod\n$A = 2;\n=cut\n$B = 3;", "$B", "3" },
	{ "$A = 1;\n__END__\n$A = foo(", "$A", "1" },
	{ "$A = 1;\n__DATA__\n$A = foo(", "$A", "1" },
	{ "\xef\xbb\xbf$A = 1;\r\n1;\r\n", "$A", "1" },
	{ "$A = 1", "$A", "1" },
	{ ";;1;", "$A", "(none)" },
	{ "", "$A", "(none)" },
};

START_TEST(a_text_means_what_perl_says)
{
	ck_assert_msg(parse(understood[_i].text), "%s: %s", understood[_i].text,
	    err.msg);
	ck_assert_str_eq(printed(understood[_i].name), understood[_i].printed);
}
END_TEST

START_TEST(a_printed_value_parses_to_itself)
{
	ck_assert(parse(understood[_i].text));
	const char *once = printed(understood[_i].name);
	if (once[0] == '(')
		return;
	ck_assert(parse(arena_printf(&arena, "$again = %s;", once)));
	ck_assert_str_eq(printed("$again"), once);
}
END_TEST

static const struct {
	const char *text, *msg;
} refused[] = {
	{ "if ($A) { $B = 1; }", "f:1:1: 'if' is not understood: a config only "
				 "sets variables, as in $NAME = value;" },
	{ "$A = 1;\nprint 'x';", "f:2:1: 'print' is not understood: a config "
				 "only sets variables, as in $NAME = value;" },
	{ "$A = getpwnam('x');", "f:1:6: function call 'getpwnam(': only plain "
				 "values are understood" },
	{ "$A = $ENV{HOME};", "f:1:6: element of '$ENV': only whole variables "
			      "can be read" },
	{ "$A = \"$ENV{HOME}/x\";",
	    "f:1:7: element of '$ENV' in a string: only "
	    "whole variables can be used, write '${ENV}' when one is meant" },
	{ "$ENV{X} = 1;", "f:1:5: element of '$ENV': only whole variables can "
			  "be set" },
	{ "$A = <<EOT;\nx\nEOT\n", "f:1:6: here-document '<<': only plain "
				   "values are understood" },
	{ "$A = `id`;", "f:1:6: command '`': only plain values are "
			"understood" },
	{ "$A =~ s/a/b/;", "f:1:4: expected '=' after '$A', found '='" },
	{ "$A = m/x/;", "f:1:6: operator 'm/': only plain values are "
			"understood" },
	{ "$A = /x/;", "f:1:6: pattern '/': only plain values are "
		       "understood" },
	{ "$A = \\$B;", "f:1:6: reference '\\': only plain values are "
			"understood" },
	{ "$A = @B;", "f:1:6: list '@' inside a value: only plain values are "
		      "understood" },
	{ "$A .= 'x';", "f:1:4: expected '=' after '$A', found '.'" },
	{ "$A = bare;", "f:1:6: word 'bare': put quotes around text" },
	{ "$A = 1 + 2;", "f:1:8: expected ';', found '+'" },
	{ "$A = 'x' x 3;", "f:1:10: expected ';', found 'x'" },
	{ "$A = 1..3;", "f:1:7: expected ';', found '.'" },
	{ "$A = 10.1.2.3;", "f:1:6: '10.1' is no number: put quotes around "
			    "text" },
	{ "$A = 99x;", "f:1:6: '99x' is no number: put quotes around text" },
	{ "$A = 089;", "f:1:6: '089' is no number: put quotes around text" },
	{ "$A = 'x'\n$B = 'y';", "f:2:1: expected ';' at the end of the line "
				 "before, found '$B'" },
	{ "\n  $A = 'x", "f:2:8: string has no end: ''' is missing" },
	{ "$A = q{ { };", "f:1:6: string has no end: '}' is missing" },
	{ "$A = \"\\x41\";", "f:1:7: escape '\\x' is not known" },
	{ "$A = \"me@example.net\";",
	    "f:1:9: '@' in a \"string\" names an "
	    "array: write '\\@' or use single quotes" },
	{ "$A = \"5 $\";", "f:1:9: '$' without a name in a string: write "
			   "'\\$'" },
	{ "%h = ( 'a' => 1, 'b' );", "f:1:18: key 'b' has no value" },
	{ "%h = ( [1] => 1 );", "f:1:8: a key must be a text" },
	{ "%h = ( 'a' 'b' );", "f:1:12: expected ',' or ')', found '''" },
	{ "%h = ( 'a' => 1\n", "f:2:1: expected ',' or ')', found the end of "
			       "the file" },
	{ "%h = (", "f:1:7: ')' is missing, found the end of the file" },
	{ "%h = { a => 1 };", "f:1:6: expected '(', found '{'" },
	{ "@a = 1;", "f:1:6: expected '(', found '1'" },
	{ "%h = ( foo(1) );", "f:1:8: function call 'foo(': only plain values "
			      "are understood" },
	{ "@b = ('x'); $A = \"$b\"; $B = [1]; $C = $B;", "f:1:39: '$B' is a "
							 "list, not a text" },
	{ "$B = [1]; $C = 'x' . [ 1 ];", "f:1:22: a list cannot be joined with "
					 "'.'" },
	{ "$A = ;", "f:1:6: expected a value, found ';'" },
	{ "$ = 1;", "f:1:2: expected a name after the sigil, found ' '" },
	{ "use strict", "f:1:5: 'use' without ';'" },
	{ "our sub x;", "f:1:5: expected one variable, found 'sub'" },
	{ "\xc3\xa4 = 1;", "f:1:1: expected a variable, found character "
			   "0xc3" },
	{ "$A = '\xc3\xa4'; ?", "f:1:11: expected a variable, found '?'" },
};

START_TEST(what_is_no_plain_value_is_refused_with_its_place)
{
	ck_assert_msg(!parse(refused[_i].text), "%s", refused[_i].text);
	ck_assert_str_eq(err.msg, refused[_i].msg);
}
END_TEST

START_TEST(keys_and_values_know_their_place)
{
	ck_assert(parse("\n%h = (\n  'a' => { b =>\n 'c' } );"));
	const struct value *h = value_get(vars, "%h");
	ck_assert_int_eq(h->key_at[0].line, 3);
	ck_assert_int_eq(h->key_at[0].column, 3);
	const struct value *b = value_get(h->items[0], "b");
	ck_assert_int_eq(b->line, 4);
	ck_assert_int_eq(b->column, 2);
	ck_assert_ptr_null(value_get(b, "x"));
	ck_assert_ptr_null(value_get(NULL, "x"));
}
END_TEST

START_TEST(a_doubled_key_and_an_unset_variable_are_warned_about)
{
	ck_assert(parse("%h = ( a => 1,\n a => 2 );\n$A = \"$B/x\";"));
	ck_assert_str_eq(buf_str(&warnings),
	    "f:2:2: 'a' is given twice, this one counts\n"
	    "f:3:7: '$B' is not set above this line, taken as empty\n");
}
END_TEST

START_TEST(nesting_is_bounded)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "$A = ");
	for (int i = 0; i < VALUE_DEPTH_MAX; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < VALUE_DEPTH_MAX; i++)
		buf_addc(&b, ']');
	ck_assert(parse(buf_str(&b)));
	buf_clear(&b);
	buf_adds(&b, "$A = ");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, i % 2 == 0 ? '[' : '(');
	ck_assert(!parse(buf_str(&b)));
	buf_free(&b);
}
END_TEST

START_TEST(a_text_that_doubles_itself_is_bounded)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "$A = '0123456789';");
	for (int i = 0; i < 100; i++)
		buf_adds(&b, i % 2 == 0 ? "$A = \"$A$A\";" : "$A = $A . $A;");
	ck_assert(!parse(buf_str(&b)));
	ck_assert_ptr_nonnull(strstr(err.msg, "long"));
	buf_free(&b);
}
END_TEST

START_TEST(the_memory_of_a_file_is_bounded)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "$A = '");
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "0123456789");
	buf_adds(&b, "';");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "$B = $A.'';");
	ck_assert(!parse(buf_str(&b)));
	ck_assert_ptr_nonnull(strstr(err.msg, "too much memory"));
	buf_free(&b);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = "$A = 1;\n$B = '\0';";
	ck_assert_ptr_null(
	    value_parse("f", text, sizeof(text) - 1, NULL, &arena, &err));
	ck_assert_str_eq(err.msg, "f:2:7: character 0: this is no text file");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf value");
	TCase *t = tcase_create("parse");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, a_text_means_what_perl_says, 0,
	    sizeof(understood) / sizeof(*understood));
	tcase_add_loop_test(t, a_printed_value_parses_to_itself, 0,
	    sizeof(understood) / sizeof(*understood));
	tcase_add_loop_test(t, what_is_no_plain_value_is_refused_with_its_place,
	    0, sizeof(refused) / sizeof(*refused));
	tcase_add_test(t, keys_and_values_know_their_place);
	tcase_add_test(t, a_doubled_key_and_an_unset_variable_are_warned_about);
	tcase_add_test(t, nesting_is_bounded);
	tcase_add_test(t, a_text_that_doubles_itself_is_bounded);
	tcase_add_test(t, the_memory_of_a_file_is_bounded);
	tcase_add_test(t, a_nul_byte_is_refused);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
