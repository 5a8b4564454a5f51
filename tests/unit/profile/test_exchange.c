#include <sys/stat.h>

#include "fixture.h"
#include "profile/exchange.h"
#include "profile/rescue.h"
#include "store/rrd.h"

/*
 * Slots of an hour: databases with a tenth of the rows.  librrd moves the
 * whole database for every row it restores, which takes minutes where a
 * sanitizer watches each move.
 */
#define SLOT 3600
#define T0   INT64_C(1700002800)

static struct conf *c;
static struct arena arena;
static char *xml; /* the exported profile */
static char file[64];

static char *
content(const char *path)
{
	struct buf b = BUF_EMPTY;
	ck_assert_msg(file_read(path, EXCHANGE_MAX, &b, &err) == 0, "%s",
	    err.msg);
	return b.data;
}

static void export(const char *group, const char *name)
{
	struct profile *p = profile_load(c, group, name, &err);
	FILE *f = fopen(file, "w");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(f);
	ck_assert_msg(exchange_export(c, p, f, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(fclose(f), 0);
	profile_free(p);
}

static void
setup(void)
{
	fixture_setup();
	c = fixture_conf("'gw' => { 'port' => '9995', 'col' => '#0000ff' }",
	    "$CYCLETIME = 3600; %profiles = ( 'g/web' => { 'description' => 'a "
	    "< b & \"c\"', "
	    "'channels' => { "
	    "'https' => { 'filter' => 'bytes > 100 and port 443', "
	    "'sources' => 'gw' }, "
	    "'http' => { 'filter' => 'port 80', 'sign' => '-' } } } );");
	(void)fixture_reconfig(c, T0);
	(void)snprintf(file, sizeof(file), "%s/web.xml", root);
	export("g", "web");
	xml = content(file);
}

static void
teardown(void)
{
	free(xml);
	arena_free(&arena);
	conf_free(c);
	fixture_teardown();
}

static void
whole_file(void)
{
	ck_assert_int_eq(file_write_atomic(file, xml, strlen(xml), 0600, &err),
	    0);
}

static int
import(const struct exchange_opts *o)
{
	struct profile_id id;
	return exchange_import(c, file, o, &arena, &id, &err);
}

/* Nothing but what was there: hidden or not. */
static size_t
entries(void)
{
	struct profile_list l;
	char path[FILE_PATH_MAX];
	ck_assert_int_eq(profile_list(c, &arena, &l, &err), 0);
	(void)snprintf(path, sizeof(path), "%s/.import.%ld", c->profilestatdir,
	    (long)getpid());
	ck_assert(!file_exists(path));
	(void)snprintf(path, sizeof(path), "%s/.import.%ld", c->profiledatadir,
	    (long)getpid());
	ck_assert(!file_exists(path));
	return l.n;
}

START_TEST(what_was_exported_is_imported_under_another_name)
{
	size_t before = entries();
	struct exchange_opts o = { .group = ".",
		.name = "again",
		.now = T0 + 10 * SLOT };
	whole_file();
	ck_assert_msg(import(&o) == 0, "%s", err.msg);
	struct profile *p = profile_load(c, ".", "again", &err);
	struct profile *old = profile_load(c, "g", "web", &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	ck_assert_str_eq(p->description, "a < b & \"c\"");
	ck_assert_int_eq(p->type, PROFILE_CONTINUOUS);
	ck_assert_str_eq(p->status, "OK");
	ck_assert_int_eq(p->tstart, T0 + 10 * SLOT);
	ck_assert_int_eq(p->updated, T0 + 9 * SLOT);
	ck_assert_int_eq(p->tbegin, old->tbegin);
	ck_assert_uint_eq(p->n_channels, 2);
	const struct channel *ch = profile_find_channel(p, "http");
	ck_assert_ptr_nonnull(ch);
	ck_assert_int_eq(ch->sign, '-');
	struct buf text = BUF_EMPTY;
	ck_assert_int_eq(profile_filter_read(c, p, "https", &text, &err), 0);
	ck_assert_str_eq(buf_str(&text), "bytes > 100 and port 443\n");
	buf_free(&text);
	char path[FILE_PATH_MAX];
	ck_assert(profile_rrd_path(c, p, "https", path));
	ck_assert_msg(rrd_channel_last(path, &err) == T0 - SLOT, "%s", err.msg);
	ck_assert(profile_data_path(c, ".", "again", "https", path));
	ck_assert(file_exists(path));
	profile_free(p);
	profile_free(old);
	ck_assert_uint_eq(entries(), before + 1);
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused)
{
	size_t before = entries();
	struct exchange_opts o = { .now = T0 };
	whole_file();
	ck_assert_int_eq(import(&o), -1);
	ck_assert_str_eq(err.msg, "profile 'g/web' already exists");
	o = (struct exchange_opts){ .group = "live", .name = "x", .now = T0 };
	ck_assert_int_eq(import(&o), -1);
	ck_assert_str_eq(err.msg, "'live' is a profile, not a group");
	ck_assert_uint_eq(entries(), before);
}
END_TEST

START_TEST(live_is_not_exported)
{
	struct profile *p = profile_load(c, ".", "live", &err);
	ck_assert_int_eq(exchange_export(c, p, stderr, &err), -1);
	profile_free(p);
}
END_TEST

/* The first occurrence is replaced; what is said. */
static const struct {
	const char *from, *to, *why;
} spoilt[] = {
	{ "<name>web<", "<name>../web<", "cannot be the name of a profile" },
	{ "<name>web<", "<name>.web<", "cannot be the name of a profile" },
	{ "<group>g<", "<group>a/b<", "cannot be the group of a profile" },
	{ "<name>https<", "<name>a;b<", "'a;b' cannot be a channel" },
	{ "<name>https<", "<name>../x<", "cannot be a channel" },
	{ "<name>https<", "<name>http<", "'http' twice" },
	{ "<source>gw<", "<source>x y<", "'x y' cannot be a source" },
	{ "<source>gw<", "<source>gone<",
	    "source 'gone' does not exist in profile live" },
	{ "port 443", "port https or", "filter: Line " },
	{ "<step>3600<", "<step>60<", "slots of 60 s, here they have 3600" },
	{ "<type>2<", "<type>0<", "type 0 is unknown" },
	{ "<maxsize>0<", "<maxsize>-1<", "'-1' is no such number" },
	{ "<expire>0<", "<expire>99999999999999999999<", "no such number" },
	{ "<colour>#", "<colour>red", "colour '" },
	{ "<sign>+<", "<sign>*<", "sign '*'" },
	{ "version=\"1\"", "version=\"2\"", "version 2 of the format" },
	{ "<nfsen-profile", "<profile", "not <nfsen-profile>" },
	{ "<expire>", "<retire>", "<retire> does not belong here" },
	{ "<expire>0</expire>", "", "before the profile is told" },
	{ "<order>1</order>", "", "before its channel is told" },
	{ "<order>1</order>", "<order>1</order><order>1</order>",
	    "<order> twice" },
	{ "<name> flows <", "<name> floes <", "data source 'floes'" },
	{ "</rrd>", "</rrd><rrd></rrd>", "second database" },
	{ "<nfsen-profile",
	    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>"
	    "]><nfsen-profile",
	    "document type with declarations" },
	{ "<description>", "<description><a><a><a><a><a><a><a><a><a><a><a>",
	    "does not belong here" },
	{ "</nfsen-profile>", "", "no element found" },
};

START_TEST(what_is_wrong_is_told_with_its_place_and_nothing_is_made)
{
	size_t before = entries();
	char *at = strstr(xml, spoilt[_i].from);
	struct buf b = BUF_EMPTY;
	struct exchange_opts o = { .group = ".", .name = "x", .now = T0 };
	ck_assert_msg(at != NULL, "%s", spoilt[_i].from);
	buf_add(&b, xml, (size_t)(at - xml));
	buf_adds(&b, spoilt[_i].to);
	buf_adds(&b, at + strlen(spoilt[_i].from));
	ck_assert_int_eq(file_write_atomic(file, b.data, b.len, 0600, &err), 0);
	buf_free(&b);
	ck_assert_int_eq(import(&o), -1);
	ck_assert_msg(strstr(err.msg, spoilt[_i].why) != NULL, "%s", err.msg);
	ck_assert_msg(strncmp(err.msg, file, strlen(file)) == 0, "%s", err.msg);
	ck_assert_uint_eq(entries(), before);
}
END_TEST

START_TEST(unknown_sources_may_be_let_in)
{
	size_t before = entries();
	struct exchange_opts o = { .group = ".",
		.name = "other",
		.any_sources = true,
		.now = T0 };
	char *at = strstr(xml, "<source>gw<");
	memcpy(at, "<source>xx<", 11);
	ck_assert_int_eq(file_write_atomic(file, xml, strlen(xml), 0600, &err),
	    0);
	ck_assert_msg(import(&o) == 0, "%s", err.msg);
	ck_assert_uint_eq(entries(), before + 1);
}
END_TEST

START_TEST(a_lost_descriptor_is_made_from_what_is_left)
{
	char path[FILE_PATH_MAX];
	struct profile_id id = { "g", "web" };
	ck_assert(profile_stat_path(c, "g", "web", "profile.dat", path));
	ck_assert_int_eq(unlink(path), 0);
	struct profile *p = rescue_profile(c, &id, T0 + SLOT, &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	ck_assert_uint_eq(p->n_channels, 2);
	ck_assert_int_eq(p->type, PROFILE_CONTINUOUS | PROFILE_SHADOW);
	ck_assert_int_eq(p->updated, T0 - SLOT);
	ck_assert_int_eq(profile_save(c, p, &err), 0);
	profile_free(p);
	p = profile_load(c, "g", "web", &err);
	ck_assert_msg(p != NULL, "%s", err.msg);
	profile_free(p);
	id.name = "never";
	ck_assert_ptr_null(rescue_profile(c, &id, T0, &err));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("exchange");
	TCase *t = tcase_create("exchange");
	/* Once: dumps are large, and tests leave each other alone. */
	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_test(t, what_was_exported_is_imported_under_another_name);
	tcase_add_test(t, a_name_that_is_taken_is_refused);
	tcase_add_test(t, live_is_not_exported);
	tcase_add_loop_test(t,
	    what_is_wrong_is_told_with_its_place_and_nothing_is_made, 0,
	    (int)(sizeof(spoilt) / sizeof(*spoilt)));
	tcase_add_test(t, unknown_sources_may_be_let_in);
	tcase_add_test(t, a_lost_descriptor_is_made_from_what_is_left);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
