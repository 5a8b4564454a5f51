/*
 * Operations that are killed: before each of their calls that touch the disk,
 * and then the mending is killed, too.  The tree is as before or as after.
 */
#include <time.h>

#include "crash.h"
#include "ops_fixture.h"

#define CONFIG_AFTER                                                           \
	"%profiles = ( 'web' => { 'channels' => { 'http' => { 'filter' => "    \
	"'port 80', 'col' => '#000001' }, 'new' => { 'filter' => 'any', "      \
	"'col' => '#000002' } } } );"

static const char *const operations[] = {
	"add-profile;profile=g/new;description=a new one",
	"commit-profile;profile=small",
	"add-channel;profile=web;channel=new;filter=port 53;order=1",
	"modify-channel;profile=web;channel=http;sign=-;filter=port 80",
	"delete-channel;profile=web;channel=http",
	"delete-channel;profile=services/mail;channel=smtp",
	"modify-profile;profile=web;description=new;expire=10;maxsize=1g",
	"modify-profile;profile=web;newgroup=customers",
	"modify-profile;profile=services/mail;newgroup=.",
	"modify-profile;profile=web;profile_type=6",
	"modify-profile;profile=web;newgroup=services;profile_type=5;locked=1",
	"modify-profile;profile=services/dns;profile_type=2",
	"delete-profile;profile=web",
	"delete-profile;profile=services/dns;force=1",
	"reconfig add",
	"reconfig change",
	"reconfig delete",
	"reconfig source",
	"reconfig no source",
};

/* Sanitizers make every process ten times as dear: a part of all that. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEAR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DEAR 1
#endif
#endif
#ifdef DEAR
#define EACH 5
#else
#define EACH 1
#endif

static const char *operation;

/* What a reconfig does, one step of it. */
static void
reconfig(const char *what)
{
	static const struct {
		const char *name;
		struct plan_step step;
	} steps[] = {
		{ "add", { PLAN_PROFILE_ADD, "g", "conf", "", "" } },
		{ "change", { PLAN_PROFILE_CHANGE, ".", "web", "", "" } },
		{ "delete",
		    { PLAN_PROFILE_DELETE, "services", "mail", "", "" } },
		{ "source", { PLAN_SOURCE_ADD, ".", "peer3", "", "" } },
		{ "no source", { PLAN_SOURCE_DELETE, ".", "peer1", "", "" } },
	};
	struct conf *c = fixture_conf(SOURCES ", 'peer3' => { 'port' => '0' }",
	    "%profiles = ( 'g/conf' => { 'channels' => { 'x' => { 'filter' => "
	    "'any', 'col' => '#000003' } } }, 'web' => { 'channels' => { "
	    "'http' => { 'filter' => 'port 80', 'col' => '#000001' }, 'new' "
	    "=> { 'filter' => 'any', 'col' => '#000002' } } } );");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, what) == 0 &&
		    plan_apply(c, &steps[i].step, NOW, &err) == -1)
			_exit(1);
	conf_free(c);
}

static void
work(void)
{
	if (strncmp(operation, "reconfig ", 9) == 0)
		reconfig(operation + 9);
	else if (strncmp(say(operation), "OK ", 3) != 0)
		_exit(1);
}

static void
mend(void)
{
	if (ops_recover_start(tree, &err) == -1 ||
	    ops_sweep(tree, SIZE_MAX, &err) != 0)
		_exit(1);
}

/* ---- one tree and its copy ------------------------------------------------------- */

static char saved[FILE_PATH_MAX];

static void
copy(const char *from, const char *to)
{
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		(void)execlp("cp", "cp", "-Rp", from, to, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void
setup(void)
{
	ops_setup();
	/* Databases are not what this is about, and large. */
	tree->cycletime = 86400;
	(void)say("add-profile;profile=small");
	(void)say("add-channel;profile=small;channel=c");
	struct buf path = BUF_EMPTY;
	struct buf text = BUF_EMPTY;
	buf_printf(&path, "%s/stat/.from-config", root);
	buf_adds(&text, "services/mail\n");
	ck_assert_int_eq(file_write_atomic(buf_str(&path), text.data, text.len,
			     0664, &err),
	    0);
	buf_free(&path);
	buf_free(&text);
	(void)snprintf(saved, sizeof(saved), "%s.saved", root);
	copy(root, saved);
}

static void
put_back(void)
{
	ck_assert_int_eq(file_remove_tree(root, &err), 0);
	copy(saved, root);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(saved, &err), 0);
	ops_teardown();
}

/* As it is when nothing interferes. */
static char *
picture_after(void)
{
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		work();
		mend();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "%s does not work", operation);
	char *text = picture(tree);
	put_back();
	return text;
}

/* The mended tree is one of the two; says which. */
static bool
is_after(const char *before, const char *after, unsigned n)
{
	char *have = picture(tree);
	bool same = strcmp(have, after) == 0;
	ck_assert_msg(same || strcmp(have, before) == 0,
	    "%s, killed at call %u, leaves\n%s", operation, n, have);
	free(have);
	return same;
}

START_TEST(a_killed_operation_has_happened_or_it_has_not)
{
	operation = operations[_i];
	char *before = picture(tree);
	char *after = picture_after();
	unsigned decided = 0, n = 0;
	bool killed = true;
	ck_assert_str_ne(before, after);
	for (; killed; n += EACH) {
		killed = crash_at(n, work);
		/* Mended twice: what is mended stays so. */
		mend();
		mend();
		bool done = is_after(before, after, n);
		ck_assert(!decided || done);
		decided += done;
		if (done)
			put_back();
	}
	/* It was killed before and after the decision, and once not at all. */
	ck_assert_uint_ge(decided, EACH == 1 ? 3 : 1);
	ck_assert_uint_gt(n, decided + 2);
	free(before);
	free(after);
}
END_TEST

START_TEST(a_killed_mending_is_taken_up_again)
{
	operation = operations[_i];
	char *before = picture(tree);
	char *after = picture_after();
	/* Killed half-way through its renames, roughly. */
	unsigned calls = 0;
	while (crash_at(calls, work)) {
		mend();
		put_back();
		calls++;
	}
	put_back();
	for (unsigned at = calls > 6 ? calls - 6 : 0; at < calls; at++) {
		bool killed = true;
		for (unsigned n = 0; killed; n++) {
			(void)crash_at(at, work);
			killed = crash_at(n, mend);
			mend();
			(void)is_after(before, after, n);
			put_back();
		}
	}
	free(before);
	free(after);
}
END_TEST

/* What a killed process was about to rename; what has such a name besides. */
START_TEST(half_written_files_go_at_the_next_start)
{
	static const char *const half[] = { "profile.dat.tmpa1B2c3",
		"http-filter.txt.tmpa1B2c3", ".BUILDING.tmpa1B2c3",
		".CANCELED.tmpa1B2c3", "http.rrda1B2c3" };
	struct profile p = { .group = ".", .name = "web" };
	make_file(&p, "notes.tmpa1B2c3", "mine");
	char *before = picture(tree);
	for (size_t i = 0; i < sizeof(half) / sizeof(half[0]); i++)
		make_file(&p, half[i], "half");
	ck_assert_msg(ops_recover_start(tree, &err) == 0, "%s", err.msg);
	char *after = picture(tree);
	ck_assert(strcmp(after, before) == 0); /* long texts */
	free(before);
	free(after);
}
END_TEST

/* A journal is text that anything may have happened to. */
static const char *const journals[] = {
	"",
	"\n",
	"put",
	"put S\n",
	"put S\ta\n",
	"put S\ta\tb",
	"drop X\ta\tb\n",
	"move S\tweb\tg\n",
	"put S\t../a\tb\n",
	"put S\ta\t/etc/passwd\n",
	"put S\tweb/../../x\tb\n",
	"put D\tweb\t\n",
	"put D\tweb//x\ty\n",
	"put S\tdoes-not-exist\tneither\n",
};

START_TEST(a_damaged_journal_moves_nothing_out_of_the_tree)
{
	struct profile p = { .group = ".", .name = "." };
	char *before = picture(tree);
	make_file(&p, ".journal", journals[_i]);
	int rc = ops_recover_start(tree, &err);
	char *have = picture(tree);
	if (rc == 0) {
		ck_assert_str_eq(have, before);
	} else {
		/* It stays, for somebody to look at, and nothing is done. */
		ck_assert_ptr_nonnull(strstr(err.msg, ".journal"));
		ck_assert_str_ne(have, before);
		ck_assert_ptr_nonnull(
		    strstr(say("add-profile;profile=x"), ".journal"));
	}
	free(before);
	free(have);
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	int n = (int)(sizeof(operations) / sizeof(operations[0]));
	Suite *s = suite_create("ops_crash");
	TCase *t = tcase_create("ops_crash");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 300);
	tcase_add_test(t, half_written_files_go_at_the_next_start);
	if (crash_possible()) {
		tcase_add_loop_test(t,
		    a_killed_operation_has_happened_or_it_has_not, 0, n);
		tcase_add_loop_test(t, a_killed_mending_is_taken_up_again, 0,
		    EACH == 1 ? n : 1);
	} else
		(void)printf("no killing here: children cannot be traced\n");
	tcase_add_loop_test(t, a_damaged_journal_moves_nothing_out_of_the_tree,
	    0, (int)(sizeof(journals) / sizeof(journals[0])));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
