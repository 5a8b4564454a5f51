/* Mapped files: what they give, and what happens when one is cut. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "nffile/map.h"

#include "filetest.h"

#define PAGE    65536 /* the largest that there is */
#define PAGES   60
#define THREADS 4
#define BLOCKS  24
#define FLOWS   600
#define BEFORE  9 /* blocks before the one that a cut goes through */

static int
put_pages(const char *path, size_t n)
{
	uint8_t page[PAGE];
	memset(page, 'x', sizeof(page));
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ne(fd, -1);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(file_write_full(fd, page, PAGE), 0);
	return fd;
}

/* Pages are exchanged below its hands: not a race, but what is tested. */
__attribute__((no_sanitize("thread"))) static size_t
count_x(const struct map *m, size_t n)
{
	const volatile uint8_t *p = map_at(m, 0, n);
	ck_assert_ptr_nonnull(map_at(m, 0, n));
	size_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += p[i] == 'x';
	return sum;
}

START_TEST(it_is_the_file_and_no_more)
{
	int fd = put_pages(ft_path("f"), 1);
	ck_assert_int_eq(ftruncate(fd, 100), 0);
	struct map *m = map_new(fd);
	ck_assert_ptr_nonnull(m);
	ck_assert_mem_eq(map_at(m, 0, 3), "xxx", 3);
	ck_assert_ptr_nonnull(map_at(m, 1, 99));
	ck_assert_ptr_null(map_at(m, 1, 100));
	ck_assert_ptr_null(map_at(m, 101, 0));
	ck_assert_ptr_null(map_at(m, -1, 1));
	ck_assert_ptr_null(map_at(m, 1, SIZE_MAX));
	ck_assert(map_whole(m, fd, 0, 100));
	map_free(m);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_ptr_null(map_new(fd)); /* empty */
	(void)close(fd);
	int two[2];
	ck_assert_int_eq(pipe(two), 0);
	ck_assert_ptr_null(map_new(two[0]));
	ck_assert_ptr_null(map_at(NULL, 0, 1));
	map_free(NULL);
}
END_TEST

START_TEST(there_are_so_many_at_once)
{
	int fd = put_pages(ft_path("f"), 1);
	struct map *m[1000];
	size_t n = 0;
	while (n < 1000 && (m[n] = map_new(fd)) != NULL)
		n++;
	ck_assert_uint_ge(n, 100);
	ck_assert_uint_lt(n, 1000);
	map_free(m[n / 2]);
	m[n / 2] = map_new(fd);
	ck_assert_ptr_nonnull(m[n / 2]);
	ck_assert_ptr_null(map_new(fd));
	while (n > 0)
		map_free(m[--n]);
	(void)close(fd);
}
END_TEST

START_TEST(pages_given_back_are_there_again)
{
	int fd = put_pages(ft_path("f"), (20 << 20) / PAGE);
	struct map *m = map_new(fd);
	for (off_t pos = 0; pos < 20 << 20; pos += 300000)
		map_pass(m, pos);
	ck_assert_uint_eq(count_x(m, 20 << 20), 20 << 20);
	ck_assert(map_whole(m, fd, 0, 20 << 20));
	map_pass(NULL, 1 << 30);
	map_free(m);
	(void)close(fd);
}
END_TEST

/* ---- cut ------------------------------------------------------------------------ */

START_TEST(what_was_cut_is_zeros_and_known)
{
	int fd[2] = { put_pages(ft_path("a"), 9), put_pages(ft_path("b"), 9) };
	struct map *a = map_new(fd[0]), *b = map_new(fd[1]);
	size_t n = 9 * PAGE;
	long page = sysconf(_SC_PAGESIZE);
	off_t cut = page + 10; /* within a page, of which a rest remains */
	ck_assert_int_eq(ftruncate(fd[0], cut), 0);
	ck_assert_uint_eq(count_x(a, n), (size_t)cut);
	ck_assert(map_whole(a, fd[0], 0, (size_t)page));
	ck_assert(!map_whole(a, fd[0], page, 11));
	ck_assert(!map_whole(a, fd[0], 2 * page, 1));
	ck_assert_uint_eq(count_x(b, n), n); /* no other file's */
	ck_assert(map_whole(b, fd[1], 0, n));
	/* Longer again: what is mapped is not the file any more. */
	ck_assert_int_eq(ftruncate(fd[0], (off_t)n), 0);
	ck_assert(!map_whole(a, fd[0], 2 * page, 1));
	map_free(a);
	a = map_new(fd[0]);
	ck_assert(map_whole(a, fd[0], 0, n));
	map_free(a);
	map_free(b);
	(void)close(fd[0]);
	(void)close(fd[1]);
}
END_TEST

/* No fault tells of it. */
START_TEST(a_cut_within_the_last_page_is_known)
{
	int fd = put_pages(ft_path("f"), 1);
	long page = sysconf(_SC_PAGESIZE);
	ck_assert_int_eq(ftruncate(fd, page), 0);
	struct map *m = map_new(fd);
	ck_assert_int_eq(ftruncate(fd, 1000), 0);
	ck_assert_uint_eq(count_x(m, (size_t)page), 1000);
	ck_assert(map_whole(m, fd, 0, 1000));
	ck_assert(!map_whole(m, fd, 0, 1001));
	map_free(m);
	(void)close(fd);
}
END_TEST

static struct map *shared;

static void *
count_again_and_again(void *arg)
{
	size_t *n = arg;
	do
		*n = count_x(shared, PAGES * PAGE);
	while (*n != PAGE);
	return NULL;
}

START_TEST(threads_at_work_live_through_it)
{
	int fd = put_pages(ft_path("f"), PAGES);
	pthread_t t[THREADS];
	size_t n[THREADS];
	shared = map_new(fd);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL,
				     count_again_and_again, &n[i]),
		    0);
	for (off_t pages = PAGES; pages > 0; pages--)
		ck_assert_int_eq(ftruncate(fd, pages * PAGE), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(t[i], NULL), 0);
	map_free(shared);
	(void)close(fd);
}
END_TEST

/* ---- blocks --------------------------------------------------------------------- */

struct share {
	const struct nffile_reader *r;
	const struct nffile_place *place;
	unsigned flows[BLOCKS];
	struct err said[BLOCKS];
	unsigned next;
	pthread_mutex_t lock;
};

static void *
load_blocks(void *arg)
{
	struct share *s = arg;
	struct nffile_loader l = { 0 };
	for (;;) {
		struct nffile_block b;
		(void)pthread_mutex_lock(&s->lock);
		unsigned i = s->next++;
		(void)pthread_mutex_unlock(&s->lock);
		if (i >= BLOCKS)
			break;
		if (nffile_load(s->r, &s->place[i], &l, &b, &s->said[i]) ==
		    NFFILE_BLOCK)
			s->flows[i] = ft_flows(&b);
	}
	nffile_loader_free(&l);
	return NULL;
}

static void
load_all(struct share *s)
{
	pthread_t t[THREADS];
	(void)pthread_mutex_init(&s->lock, NULL);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, load_blocks, s),
		    0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(t[i], NULL), 0);
	(void)pthread_mutex_destroy(&s->lock);
}

static void
find_places(struct nffile_reader *r, struct nffile_place *place)
{
	for (size_t i = 0; i < BLOCKS; i++)
		ck_assert_int_eq(nffile_next_place(r, &place[i], &err),
		    NFFILE_BLOCK);
}

/* Each codec; those that are not read from a map have the same said of them. */
START_TEST(blocks_before_the_cut_are_whole_the_others_an_error)
{
	const char *path = ft_path("f");
	struct nffile_reader r;
	struct nffile_place place[BLOCKS];
	ft_write(path, (enum nffile_codec)_i, BLOCKS, FLOWS);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	nffile_map(&r);
	ck_assert((r.map != NULL) == (_i == CODEC_LZ4 || _i == CODEC_LZO));
	find_places(&r, place);
	struct share whole = { .r = &r, .place = place };
	load_all(&whole);
	for (size_t i = 0; i < BLOCKS; i++)
		ck_assert_uint_eq(whole.flows[i], FLOWS);
	ck_assert_int_eq(truncate(path, place[BEFORE].pos + 100), 0);
	struct share cut = { .r = &r, .place = place };
	load_all(&cut);
	for (size_t i = 0; i < BLOCKS; i++) {
		ck_assert_uint_eq(cut.flows[i], i < BEFORE ? FLOWS : 0);
		ck_assert_int_eq(strstr(cut.said[i].msg,
				     "file was cut while it was read") != NULL,
		    i >= BEFORE);
	}
	nffile_close(&r);
}
END_TEST

START_TEST(places_end_where_the_file_was_cut)
{
	const char *path = ft_path("f");
	struct nffile_reader r;
	struct nffile_place p;
	ft_write(path, CODEC_LZ4, BLOCKS, 4);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	nffile_map(&r);
	ck_assert_int_eq(nffile_next_place(&r, &p, &err), NFFILE_BLOCK);
	ck_assert_int_eq(truncate(path, r.pos + 20), 0);
	ck_assert_int_eq(nffile_next_place(&r, &p, &err), NFFILE_ERROR);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "block 1: file ends inside it, 1 of 24"));
	ck_assert_int_eq(nffile_next_place(&r, &p, &err), NFFILE_END);
	nffile_close(&r);
}
END_TEST

/* ---- faults of others ------------------------------------------------------------- */

static sigjmp_buf jump;

static void
jump_out(int sig)
{
	(void)sig;
	siglongjmp(jump, 1);
}

/* A file that is cut, but no map of ours. */
static volatile uint8_t *
foreign(void)
{
	int fd = put_pages(ft_path("foreign"), 1);
	uint8_t *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	(void)close(fd);
	return p;
}

START_TEST(faults_of_others_go_to_who_was_there_before)
{
	int fd = put_pages(ft_path("f"), 1);
	(void)signal(SIGBUS, jump_out);
	struct map *m = map_new(fd);
	volatile int got = 0;
	volatile uint8_t *p = foreign();
	if (sigsetjmp(jump, 1) == 0)
		(void)*p;
	else
		got++;
	if (sigsetjmp(jump, 1) == 0)
		(void)raise(SIGBUS);
	else
		got++;
	ck_assert_int_eq(got, 2);
	map_free(m);
	(void)close(fd);
}
END_TEST

/* 0: by a fault, 1: by a signal sent. */
START_TEST(nobody_there_before_is_the_end)
{
	int fd = put_pages(ft_path("f"), 1);
	volatile uint8_t *p = foreign();
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGBUS, SIG_DFL);
		(void)map_new(fd);
		if (_i == 0)
			(void)*p;
		else
			(void)raise(SIGBUS);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	(void)close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("map");
	TCase *tc = tcase_create("map");
	tcase_add_checked_fixture(tc, ft_setup, ft_teardown);
	tcase_add_test(tc, it_is_the_file_and_no_more);
	tcase_add_test(tc, there_are_so_many_at_once);
	tcase_add_test(tc, pages_given_back_are_there_again);
	tcase_add_test(tc, what_was_cut_is_zeros_and_known);
	tcase_add_test(tc, a_cut_within_the_last_page_is_known);
	tcase_add_test(tc, threads_at_work_live_through_it);
	tcase_add_loop_test(tc,
	    blocks_before_the_cut_are_whole_the_others_an_error, CODEC_NONE,
	    CODEC_ZSTD + 1);
	tcase_add_test(tc, places_end_where_the_file_was_cut);
	tcase_add_test(tc, faults_of_others_go_to_who_was_there_before);
	tcase_add_loop_test(tc, nobody_there_before_is_the_end, 0, 2);
	suite_add_tcase(s, tc);
	return ft_run(s);
}
