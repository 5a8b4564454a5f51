/* Full disks, short writes, death at any moment: nothing lost or doubled. */
#include <sys/wait.h>

#include "faults.h"
#include "filetest.h"

#define BLOCKS 3
#define FLOWS  50 /* in each */

static const struct {
	enum fault_kind kind;
	int error;
	unsigned span;
} failures[] = {
	{ FAULT_ERROR, ENOSPC, 1 },
	{ FAULT_ERROR, EIO, 1 },
	{ FAULT_ERROR, EIO, 2 }, /* cutting back fails as well */
	{ FAULT_SHORT, ENOSPC, 2 },
	{ FAULT_SHORT, EIO, 3 },
};

#define N_FAILURES ((int)(sizeof(failures) / sizeof(failures[0])))

/* Again after each failure, which leaves `flows` in the file. */
static void
until(int (*step)(struct nffile_writer *w, struct err *err),
    struct nffile_writer *w, unsigned flows)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s", w->path);
	for (int tries = 0; step(w, &err) == -1; tries++) {
		ck_assert_int_lt(tries, 4);
		ck_assert_ptr_nonnull(strstr(err.msg, strerror(faults.error)));
		ck_assert_uint_eq(ft_read(path).flows, flows);
	}
}

static int
flush(struct nffile_writer *w, struct err *e)
{
	return nffile_flush(w, e);
}

static int
finish(struct nffile_writer *w, struct err *e)
{
	return nffile_finish(w, true, e);
}

static void
write_through(const char *path)
{
	struct nffile_writer w;
	struct rnd r = { 1 };
	const struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.creator = CREATOR_NFCAPD,
		.created = 1700000000,
		.ident = "src",
		.mode = 0644 };
	for (int tries = 0; nffile_create(&w, path, &o, &err) == -1; tries++)
		ck_assert_int_lt(tries, 4);
	for (unsigned i = 0; i < BLOCKS; i++) {
		ft_add(&w, &r, FLOWS);
		until(flush, &w, i * FLOWS);
	}
	until(finish, &w, BLOCKS * FLOWS);
}

START_TEST(any_write_may_fail_and_the_next_goes_on)
{
	const char *path = ft_path("f");
	unsigned at = 0;
	do {
		faults_at(failures[_i].kind, failures[_i].error, ++at,
		    failures[_i].span);
		write_through(path);
		unsigned calls = faults.calls;
		faults_at(FAULT_NONE, 0, 0, 0);
		struct ft_count c = ft_read(path);
		ck_assert_uint_eq(c.flows, BLOCKS * FLOWS);
		ck_assert_uint_eq(c.errors, 0);
		ck_assert_int_eq(unlink(path), 0);
		faults.calls = calls;
	} while (at <= faults.calls);
	ck_assert_uint_gt(at, BLOCKS + 3);
}
END_TEST

/* ---- publishing ----------------------------------------------------------- */

START_TEST(a_file_is_on_the_disk_before_its_name_and_then_the_name)
{
	const char *from = ft_path("current"), *to = ft_path("named");
	ft_write(from, CODEC_LZ4, 1, 5);
	faults_at(FAULT_NONE, 0, 0, 0);
	ck_assert_int_eq(nffile_publish(from, to, true, &err), 0);
	ck_assert_str_eq(faults.log, "sync file\nrename named\nsync folder\n");
}
END_TEST

START_TEST(without_the_wish_nothing_is_forced_to_the_disk)
{
	const char *from = ft_path("current"), *to = ft_path("named");
	ft_write(from, CODEC_LZ4, 1, 5);
	faults_at(FAULT_NONE, 0, 0, 0);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), 0);
	ck_assert_str_eq(faults.log, "rename named\n");
	ft_write(from, CODEC_LZ4, 1, 6);
	faults_at(FAULT_NONE, 0, 0, 0);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), 0);
	ck_assert_str_eq(faults.log, "rename current\nrename named\n");
}
END_TEST

static void
check_joined(const char *from, const char *to, unsigned flows)
{
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	ck_assert(!file_exists(from));
	struct ft_count c = ft_read(to);
	ck_assert_uint_eq(c.flows, flows);
	ck_assert_uint_eq(c.errors, 0);
	ck_assert_int_eq(nffile_stat_read(to, &s, ident, &err), 0);
	ck_assert_uint_eq(s.flows, flows);
	/* Nothing else stays behind. */
	ck_assert_int_eq(unlink(to), 0);
	ck_assert_int_eq(rmdir(ft_dir), 0);
	ck_assert_int_eq(mkdir(ft_dir, 0755), 0);
}

static const struct {
	int to; /* -1: there is none */
	enum nffile_codec from;
} joins[] = {
	{ -1, CODEC_LZ4 },
	{ CODEC_LZ4, CODEC_LZ4 },
	{ CODEC_BZ2, CODEC_LZ4 },
	{ CODEC_NONE, CODEC_ZSTD },
	{ CODEC_LZ4, CODEC_NONE },
};

#define N_JOINS ((int)(sizeof(joins) / sizeof(joins[0])))

static unsigned
prepare(int i, const char *from, const char *to)
{
	faults_at(FAULT_NONE, 0, 0, 0);
	ft_write(from, joins[i].from, 3, 70);
	if (joins[i].to == -1)
		return 210;
	ft_write(to, (enum nffile_codec)joins[i].to, 2, 50);
	return 310;
}

/* In a process of its own; whether it was killed by the fault. */
static bool
killed_publishing(const char *from, const char *to, unsigned at)
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		faults_at(FAULT_KILL, 0, at, 1);
		_exit(nffile_publish(from, to, true, &err) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == FAULT_DEATH;
}

START_TEST(killed_at_any_call_it_is_made_up_for)
{
	const char *from = ft_path("current"), *to = ft_path("named");
	unsigned at = 0;
	bool killed;
	do {
		unsigned flows = prepare(_i, from, to);
		uint64_t kept;
		killed = killed_publishing(from, to, ++at);
		faults_at(FAULT_NONE, 0, 0, 0);
		/* What a collector does that starts again. */
		if (file_exists(from)) {
			ck_assert_int_eq(nffile_recover(from, "src", &kept,
					     &err),
			    0);
			ck_assert_msg(nffile_publish(from, to, true, &err) == 0,
			    "killed at %u: %s", at, err.msg);
		}
		check_joined(from, to, flows);
	} while (killed);
	ck_assert_uint_gt(at, joins[_i].to == -1 ? 3 : 10);
}
END_TEST

START_TEST(any_call_may_fail_and_it_can_be_repeated)
{
	const char *from = ft_path("current"), *to = ft_path("named");
	unsigned at = 0, failed;
	do {
		unsigned flows = prepare(_i, from, to);
		faults_at(FAULT_ERROR, EIO, ++at, 1);
		failed = nffile_publish(from, to, true, &err) == -1;
		faults_at(FAULT_NONE, 0, 0, 0);
		if (failed && file_exists(from))
			ck_assert_msg(nffile_publish(from, to, true, &err) == 0,
			    "failed at %u: %s", at, err.msg);
		check_joined(from, to, flows);
	} while (failed);
	ck_assert_uint_gt(at, 3);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile faults");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, ft_setup, ft_teardown);
	tcase_add_loop_test(t, any_write_may_fail_and_the_next_goes_on, 0,
	    N_FAILURES);
	tcase_add_test(t,
	    a_file_is_on_the_disk_before_its_name_and_then_the_name);
	tcase_add_test(t, without_the_wish_nothing_is_forced_to_the_disk);
	tcase_add_loop_test(t, killed_at_any_call_it_is_made_up_for, 0,
	    N_JOINS);
	tcase_add_loop_test(t, any_call_may_fail_and_it_can_be_repeated, 0,
	    N_JOINS);
	suite_add_tcase(s, t);
	return ft_run(s);
}
