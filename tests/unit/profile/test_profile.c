#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"
#include "profile/nfstat.h"

static struct profile *
parse(const char *text)
{
	return profile_parse("test", text, strlen(text), &err);
}

START_TEST(printing_what_was_parsed_gives_the_same_text)
{
	static const char text[] = "# hello world\n"
				   "name = tcp\n"
				   "group = .\n"
				   "tbegin = 1795426061\n"
				   "tcreate = 1795426179\n"
				   "tstart = 1795426200\n"
				   "tend = 1795426200\n"
				   "updated = 1795426200\n"
				   "expire = 51\n"
				   "maxsize = 1073741824\n"
				   "size = 147456\n"
				   "type = 2\n"
				   "locked = 0\n"
				   "status = OK\n"
				   "version = 130\n"
				   "channel = web:-:#112233:1:peer1|peer2\n";
	struct buf out = BUF_EMPTY;
	struct profile *p = parse(text);
	ck_assert_msg(p != NULL, "%s", err.msg);
	profile_print(p, &out);
	ck_assert_str_eq(buf_str(&out), text);
	ck_assert_int_eq(p->channels[0].sign, '-');
	ck_assert_uint_eq(p->channels[0].n_sources, 2);
	ck_assert_str_eq(p->channels[0].sources[1], "peer2");
	buf_free(&out);
	profile_free(p);
}
END_TEST

START_TEST(a_description_of_several_lines_survives)
{
	struct profile *p = parse("# one\n# \n#  three\nname = x\n");
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->description, "one\n\nthree");
	profile_free(p);
}
END_TEST

static struct profile *
with_channels(const char *signs, const int *orders)
{
	struct profile *p = profile_new(".", "p");
	for (size_t i = 0; signs[i] != '\0'; i++) {
		char name[2] = { (char)('a' + i), '\0' };
		struct channel *ch = profile_add_channel(p, name);
		ch->sign = signs[i];
		ch->order = orders[i];
	}
	return p;
}

START_TEST(renumbering_closes_gaps_per_sign_and_puts_zero_last)
{
	static const int orders[] = { 0, 7, 2, 3, 3 };
	struct profile *p = with_channels("+-+-+", orders);
	profile_renumber(p);
	ck_assert_int_eq(p->channels[0].order, 3);
	ck_assert_int_eq(p->channels[1].order, 2);
	ck_assert_int_eq(p->channels[2].order, 1);
	ck_assert_int_eq(p->channels[3].order, 1);
	ck_assert_int_eq(p->channels[4].order, 2);
	profile_free(p);
}
END_TEST

START_TEST(drawing_goes_down_through_plus_and_on_through_minus)
{
	static const int orders[] = { 1, 1, 2, 2 };
	size_t order[4];
	struct profile *p = with_channels("+-+-", orders);
	profile_draw_order(p, order);
	ck_assert_uint_eq(order[0], 2);
	ck_assert_uint_eq(order[1], 0);
	ck_assert_uint_eq(order[2], 1);
	ck_assert_uint_eq(order[3], 3);
	profile_free(p);
}
END_TEST

START_TEST(a_profile_holds_hundreds_of_channels)
{
	struct profile *p = profile_new(".", "p");
	for (int i = 0; i < 1000; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "c%d", i);
		profile_add_channel(p, name)->order = i + 1;
	}
	ck_assert_uint_eq(p->n_channels, 1000);
	ck_assert_str_eq(p->channels[999].name, "c999");
	ck_assert_ptr_nonnull(profile_find_channel(p, "c500"));
	profile_free(p);
}
END_TEST

static void
save(const struct conf *c, const char *group, const char *name)
{
	char path[FILE_PATH_MAX];
	struct profile *p = profile_new(group, name);
	ck_assert(profile_stat_path(c, group, name, NULL, path));
	ck_assert_int_eq(file_mkdirs(path, 0775, &err), 0);
	ck_assert_msg(profile_save(c, p, &err) == 0, "%s", err.msg);
	profile_free(p);
}

static void
touch(const char *below)
{
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, root, below));
	ck_assert_int_eq(file_write_atomic(path, "", 0, 0644, &err), 0);
}

START_TEST(the_list_has_groups_and_leaves_out_what_is_deleted)
{
	struct conf *c = fixture_conf("", "");
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	save(c, ".", "web");
	save(c, ".", "live");
	save(c, "services", "dns");
	save(c, "nogroup", "lost");
	save(c, ".", ".hidden");
	save(c, ".", "gone");
	touch("stat/gone/.DELETED");
	touch("stat/services/.group");
	ck_assert_int_eq(profile_list(c, &a, &l, &err), 0);
	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_eq(l.ids[0].name, "live");
	ck_assert_str_eq(l.ids[1].name, "web");
	ck_assert_str_eq(l.ids[2].group, "services");
	ck_assert_str_eq(l.ids[2].name, "dns");
	arena_free(&a);
	conf_free(c);
}
END_TEST

START_TEST(a_descriptor_of_another_name_is_corrupt)
{
	struct conf *c = fixture_conf("", "");
	char path[FILE_PATH_MAX];
	save(c, ".", "web");
	ck_assert(file_join(path, root, "stat/web/profile.dat"));
	ck_assert_int_eq(file_write_atomic(path, "name = mail\n", 12, 0644,
			     &err),
	    0);
	ck_assert_ptr_null(profile_load(c, ".", "web", &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "corrupt"));
	conf_free(c);
}
END_TEST

START_TEST(the_lock_names_its_holder)
{
	struct conf *c = fixture_conf("", "");
	int ready[2];
	char byte;
	save(c, ".", "live");
	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = profile_tree_lock(c, false, &err);
		(void)!write(ready[1], fd != -1 ? "y" : "n", 1);
		(void)pause();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'y');
	char want[64];
	(void)snprintf(want, sizeof(want), "locked by pid %ld", (long)pid);
	ck_assert_int_eq(profile_tree_lock(c, false, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, want));
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	int fd = profile_tree_lock(c, false, &err);
	ck_assert_int_ne(fd, -1);
	profile_tree_unlock(fd);
	(void)close(ready[0]);
	(void)close(ready[1]);
	conf_free(c);
}
END_TEST

START_TEST(nfstat_counts_files_and_marks_replaced_ones)
{
	struct nfstat s;
	ck_assert_int_eq(nfstat_file_added(root, 600, 4096, -1, &err), 0);
	ck_assert_int_eq(nfstat_file_added(root, 900, 8192, -1, &err), 0);
	/* As when a census came between the file and its maker's count. */
	ck_assert_int_eq(nfstat_file_added(root, 900, 8192, -1, &err), 0);
	ck_assert_int_eq(nfstat_read(root, &s, &err), 0);
	ck_assert_int_eq(s.first, 600);
	ck_assert_int_eq(s.last, 900);
	ck_assert_uint_eq(s.size, 12288);
	ck_assert_uint_eq(s.numfiles, 2);
	ck_assert_uint_eq(s.status, NFSTAT_OK);
	ck_assert_int_eq(nfstat_file_added(root, 900, 4096, 8192, &err), 0);
	ck_assert_int_eq(nfstat_read(root, &s, &err), 0);
	ck_assert_uint_eq(s.size, 8192);
	ck_assert_uint_eq(s.numfiles, 2);
	ck_assert_uint_eq(s.status, NFSTAT_REBUILD);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("profile");
	TCase *t = tcase_create("profile");
	tcase_add_checked_fixture(t, fixture_setup, fixture_teardown);
	tcase_add_test(t, printing_what_was_parsed_gives_the_same_text);
	tcase_add_test(t, a_description_of_several_lines_survives);
	tcase_add_test(t, renumbering_closes_gaps_per_sign_and_puts_zero_last);
	tcase_add_test(t, drawing_goes_down_through_plus_and_on_through_minus);
	tcase_add_test(t, a_profile_holds_hundreds_of_channels);
	tcase_add_test(t, the_list_has_groups_and_leaves_out_what_is_deleted);
	tcase_add_test(t, a_descriptor_of_another_name_is_corrupt);
	tcase_add_test(t, the_lock_names_its_holder);
	tcase_add_test(t, nfstat_counts_files_and_marks_replaced_ones);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
