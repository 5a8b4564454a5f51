/* Blocks of many files by several threads: what comes out, and in what order. */
#include <pthread.h>

#include "base/hash.h"
#include "base/mem.h"
#include "scan/scan.h"

#include "../nffile/filetest.h"

#define FILES   9
#define THREADS 4

/* Everything that `ordered`, `done` and `complain` were told, as text. */
struct log {
	struct buf text;
	unsigned blocks;     /* ordered */
	unsigned stop_after; /* blocks, 0: never */
	unsigned stop_at;    /* from outside, likewise */
	const char *unwanted;
	off_t cut; /* cut_file leaves so much */
};

struct worker {
	struct log *log;
	size_t file;   /* entered */
	uint64_t hash; /* of the block at hand */
	uint64_t flows;
};

static char *paths[FILES];
static struct scan_input inputs[FILES];

static void *
make(void *ctx)
{
	struct worker *w = mem_calloc(1, sizeof(*w));
	w->log = ctx;
	w->file = SIZE_MAX;
	return w;
}

static bool
want(void *ctx, const struct scan_file *f)
{
	const struct log *l = ctx;
	return l->unwanted == NULL || strcmp(f->path, l->unwanted) != 0;
}

static void
enter(void *worker, const struct scan_file *f)
{
	struct worker *w = worker;
	w->file = f->number;
}

static void
block(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	ck_assert_uint_eq(w->file, b->file->number);
	w->hash = hash_bytes(b->data->data, b->data->len, 1);
	w->flows += ft_flows(b->data);
}

static bool
ordered(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	struct log *l = w->log;
	ck_assert_uint_eq(w->hash, hash_bytes(b->data->data, b->data->len, 1));
	buf_printf(&l->text, "%zu:%u %u records %016llx\n", b->file->number,
	    b->data->number, b->data->records, (unsigned long long)w->hash);
	return ++l->blocks != l->stop_after;
}

static void
done(void *ctx, const struct scan_file *f)
{
	struct log *l = ctx;
	buf_printf(&l->text, "done %zu %s %s %llu\n", f->number,
	    f->wanted ? "read" : "not read", f->ident,
	    f->stat != NULL ? (unsigned long long)f->stat->flows : 0);
}

static void
complain(void *ctx, const struct scan_file *f, const char *text)
{
	struct log *l = ctx;
	buf_printf(&l->text, "%zu! %s\n", f->number, text);
}

static const struct scan_job job = { .make = make,
	.drop = free,
	.want = want,
	.enter = enter,
	.block = block,
	.ordered = ordered,
	.done = done,
	.complain = complain };

static void
setup(void)
{
	ft_setup();
	for (unsigned i = 0; i < FILES; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "f%u", i);
		paths[i] = mem_strdup(ft_path(name));
		inputs[i] = (struct scan_input){ .path = paths[i] };
		/* One is big, one is empty, the others differ. */
		ft_write(paths[i], CODEC_LZ4, i == 3 ? 40 : i, 5 + i);
	}
}

static void
teardown(void)
{
	for (unsigned i = 0; i < FILES; i++)
		free(paths[i]);
	ft_teardown();
}

/* One run; the caller frees l->text. */
static struct scan_counts
run(struct log *l, const struct scan_job *like, unsigned threads, bool all)
{
	struct scan_counts c = { 0 };
	struct scan_job j = *like;
	j.ctx = l;
	j.threads = threads;
	struct scanner *s = scanner_new(&j);
	ck_assert(scanner_run(s, inputs, FILES, &c) == all);
	scanner_free(s);
	return c;
}

/* The log of one thread, and that all numbers of threads give the same. */
static struct log
same_for_all(struct log with, bool all)
{
	struct log one = with;
	struct scan_counts c = run(&one, &job, 1, all);
	for (unsigned n = 2; n <= THREADS; n++) {
		for (int again = 0; again < 10; again++) {
			struct log l = with;
			struct scan_counts d = run(&l, &job, n, all);
			ck_assert_str_eq(buf_str(&one.text), buf_str(&l.text));
			ck_assert_uint_eq(c.blocks, d.blocks);
			ck_assert_uint_eq(c.bytes, d.bytes);
			ck_assert_uint_eq(c.failed, d.failed);
			ck_assert_uint_eq(c.files, d.files);
			buf_free(&l.text);
		}
	}
	return one;
}

/* What one reader after another gives. */
static struct buf
plainly(void)
{
	struct buf out = BUF_EMPTY;
	for (size_t i = 0; i < FILES; i++) {
		struct nffile_reader r;
		struct nffile_block b;
		ck_assert_int_eq(nffile_open(&r, paths[i], &err), 0);
		while (nffile_read(&r, &b, &err) == NFFILE_BLOCK)
			buf_printf(&out, "%zu:%u %u records %016llx\n", i,
			    b.number, b.records,
			    (unsigned long long)hash_bytes(b.data, b.len, 1));
		buf_printf(&out, "done %zu read src %llu\n", i,
		    (unsigned long long)r.stat.flows);
		nffile_close(&r);
	}
	return out;
}

START_TEST(any_number_of_threads_gives_what_one_reader_gives)
{
	struct log l = same_for_all((struct log){ 0 }, true);
	struct buf plain = plainly();
	ck_assert_str_eq(buf_str(&plain), buf_str(&l.text));
	buf_free(&plain);
	buf_free(&l.text);
}
END_TEST

START_TEST(it_ends_where_somebody_has_enough)
{
	struct log l =
	    same_for_all((struct log){ .stop_after = (unsigned)_i }, false);
	ck_assert_uint_eq(l.blocks, (unsigned)_i);
	buf_free(&l.text);
}
END_TEST

START_TEST(a_file_nobody_wants_is_not_read_but_done)
{
	struct log l = same_for_all((struct log){ .unwanted = paths[3] }, true);
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&l.text), "done 3 not read src 320\n"));
	ck_assert_ptr_null(strstr(buf_str(&l.text), "\n3:"));
	buf_free(&l.text);
}
END_TEST

/* ---- damage --------------------------------------------------------------------- */

/* Spoil bytes of a block: of its header's size, or of its data. */
static void
spoil(const char *path, unsigned block, bool size)
{
	struct buf all = ft_bytes(path);
	size_t pos = 40;
	for (unsigned i = 0; i < block; i++) {
		struct nffile_block_header bh;
		memcpy(&bh, all.data + pos, sizeof(bh));
		pos += sizeof(bh) + bh.size;
	}
	if (size)
		memset(all.data + pos + 4, 0xff, 4);
	else
		memset(all.data + pos + BLOCK_HEADER, 0, 8);
	ft_put(path, all.data, all.len);
	buf_free(&all);
}

static void
damage(void)
{
	struct buf all = ft_bytes(paths[5]);
	spoil(paths[3], 7, false);
	spoil(paths[3], 30, false);
	spoil(paths[4], 2, true);
	ft_put(paths[5], all.data, all.len - 300);
	ck_assert_int_eq(unlink(paths[6]), 0);
	ft_put(paths[8], "garbage", 7);
	buf_free(&all);
}

START_TEST(what_is_damaged_is_said_once_and_the_rest_is_read)
{
	static const char *const said[] = { "/f3: block 7: ", "/f3: block 30: ",
		"/f4: block 2: size ", "/f5: ", "/f6: No such file",
		"/f8: no flow file" };
	damage();
	struct log l = same_for_all((struct log){ 0 }, true);
	const char *text = buf_str(&l.text);
	for (size_t i = 0; i < 6; i++) {
		const char *at = strstr(text, said[i]);
		ck_assert_msg(at != NULL, "%s: %s", said[i], text);
		ck_assert_ptr_null(strstr(at + 1, said[i]));
		if (i != 0)
			ck_assert(strstr(text, said[i - 1]) < at);
	}
	ck_assert_ptr_nonnull(strstr(text, "\n3:8 "));
	ck_assert_ptr_nonnull(strstr(text, "\n3:39 "));
	ck_assert_ptr_nonnull(strstr(text, "\n4:1 "));
	ck_assert_ptr_nonnull(strstr(text, "\n7:6 "));
	buf_free(&l.text);
}
END_TEST

START_TEST(what_lies_behind_the_end_is_not_complained_about)
{
	damage();
	/* 1 + 2 blocks of the first files, 5 of the damaged one. */
	struct log l = same_for_all((struct log){ .stop_after = 8 }, false);
	ck_assert_ptr_null(strchr(buf_str(&l.text), '!'));
	buf_free(&l.text);
}
END_TEST

/* ---- without order -------------------------------------------------------------- */

static void
add_flows(const struct scanner *s, uint64_t *flows)
{
	for (unsigned i = 0; i < scanner_threads(s); i++) {
		const struct worker *w = scanner_worker(s, i);
		*flows += w != NULL ? w->flows : 0;
	}
}

START_TEST(sums_of_all_threads_are_the_whole_and_states_live_on)
{
	uint64_t expected = 0, flows = 0;
	struct scan_counts c = { 0 };
	struct log l = { 0 };
	struct scan_job j = job;
	j.ctx = &l;
	j.threads = (unsigned)_i;
	j.ordered = NULL;
	struct scanner *s = scanner_new(&j);
	for (unsigned i = 0; i < FILES; i++)
		expected += (i == 3 ? 40 : i) * (5 + i);
	for (int again = 1; again <= 3; again++) {
		ck_assert(scanner_run(s, inputs, FILES, &c));
		flows = 0;
		add_flows(s, &flows);
		ck_assert_uint_eq(flows, (unsigned)again * expected);
	}
	ck_assert_uint_eq(c.files, 3 * FILES);
	ck_assert_uint_eq(c.blocks, 3 * (40 + 1 + 2 + 4 + 5 + 6 + 7 + 8));
	scanner_free(s);
	/* Files are done in order here, too. */
	const char *at = buf_str(&l.text);
	for (unsigned i = 0; i < 3 * FILES; i++) {
		char line[32];
		int n = snprintf(line, sizeof(line), "done %u ", i % FILES);
		ck_assert_int_eq(strncmp(at, line, (size_t)n), 0);
		at = strchr(at, '\n') + 1;
	}
	buf_free(&l.text);
}
END_TEST

/* ---- stopped --------------------------------------------------------------------- */

static atomic_int stop;

static bool
stop_ordered(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	if (w->log->blocks + 1 == w->log->stop_at)
		atomic_store(&stop, 1);
	return ordered(worker, b);
}

/* Lines about blocks, without those about files; frees text. */
static struct buf
only_blocks(struct buf *text)
{
	struct buf out = BUF_EMPTY;
	char *save = NULL;
	buf_addc(text, '\0');
	for (char *l = strtok_r(text->data, "\n", &save); l != NULL;
	     l = strtok_r(NULL, "\n", &save))
		if (strncmp(l, "done", 4) != 0)
			buf_printf(&out, "%s\n", l);
	buf_free(text);
	return out;
}

START_TEST(what_came_out_before_a_stop_is_the_beginning_of_all)
{
	struct scan_job j = job;
	struct log whole = { 0 };
	j.ordered = stop_ordered;
	j.stop = &stop;
	atomic_store(&stop, 0);
	ck_assert(!run(&whole, &j, 2, true).stopped);
	struct buf all = only_blocks(&whole.text);
	for (unsigned at = 1; at < whole.blocks; at += 3) {
		struct log l = { .stop_at = at };
		atomic_store(&stop, 0);
		struct scan_counts c = run(&l, &j, (unsigned)_i, true);
		struct buf some = only_blocks(&l.text);
		ck_assert_uint_ge(l.blocks, at);
		ck_assert_uint_le(l.blocks, at + (unsigned)_i);
		ck_assert(c.stopped || l.blocks == whole.blocks);
		ck_assert_uint_eq(c.blocks, l.blocks);
		ck_assert_uint_le(some.len, all.len);
		ck_assert_int_eq(strncmp(buf_str(&some), buf_str(&all),
				     some.len),
		    0);
		buf_free(&some);
	}
	buf_free(&all);
}
END_TEST

START_TEST(nothing_is_read_once_it_is_stopped)
{
	struct scan_job j = job;
	struct log l = { 0 };
	j.stop = &stop;
	atomic_store(&stop, 1);
	struct scan_counts c = run(&l, &j, (unsigned)_i, true);
	ck_assert(c.stopped);
	ck_assert_uint_eq(c.files, 0);
	ck_assert_uint_eq(l.text.len, 0);
}
END_TEST

/* ---- cut meanwhile -------------------------------------------------------------- */

#define CUT_BLOCKS 60
#define CUT_FLOWS  400

/* The first block that anybody has cuts the file in the middle. */
static void
cut_file(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	if (b->data->number == 0)
		ck_assert_int_eq(truncate(b->file->path, w->log->cut), 0);
	block(worker, b);
}

START_TEST(a_file_cut_while_it_is_read_is_said_and_read_up_to_there)
{
	struct log l = { 0 };
	struct scan_counts c = { 0 };
	struct scan_job j = job;
	struct scan_input in = { .path = paths[0] };
	ft_write(paths[0], CODEC_LZ4, CUT_BLOCKS, CUT_FLOWS);
	l.cut = (off_t)ft_size(paths[0]) / 2;
	j.ctx = &l;
	j.threads = (unsigned)_i;
	j.block = cut_file;
	struct scanner *s = scanner_new(&j);
	ck_assert(scanner_run(s, &in, 1, &c));
	uint64_t flows = 0;
	add_flows(s, &flows);
	scanner_free(s);
	ck_assert_uint_eq(c.failed, 1);
	ck_assert_uint_eq(flows, c.blocks * CUT_FLOWS);
	ck_assert_uint_ge(c.blocks, CUT_BLOCKS / 2 - 2);
	ck_assert_uint_lt(c.blocks, CUT_BLOCKS);
	const char *said = strstr(buf_str(&l.text), "0! ");
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "cut while it was read") != NULL
				  ? said
				  : strstr(said, "file ends inside it"));
	ck_assert_ptr_nonnull(strstr(said, "done 0 read"));
	buf_free(&l.text);
}
END_TEST

/* ---- growing -------------------------------------------------------------------- */

START_TEST(readers_of_growing_files_go_on_where_they_stood)
{
	struct nffile_writer w[2];
	struct nffile_reader r[2];
	struct scan_input in[3] = { { .reader = &r[0] }, { .path = paths[2] },
		{ .reader = &r[1] } };
	struct rnd rnd = { 1 };
	struct log l = { 0 };
	struct scan_job j = job;
	j.ctx = &l;
	j.threads = (unsigned)_i;
	for (size_t i = 0; i < 2; i++) {
		const char *path = ft_path(i == 0 ? "g0" : "g1");
		ft_create(&w[i], path, CODEC_LZ4);
		ck_assert_int_eq(nffile_open(&r[i], path, &err), 0);
	}
	struct scanner *s = scanner_new(&j);
	for (unsigned round = 0; round < 3; round++) {
		buf_clear(&l.text);
		ck_assert(scanner_run(s, in, 3, NULL));
		/* Written since the last round: 2 blocks of the second. */
		ck_assert_ptr_null(strstr(buf_str(&l.text), "\n0:"));
		ck_assert(
		    (strstr(buf_str(&l.text), "2:") != NULL) == (round != 0));
		for (int i = 0; i < 2; i++) {
			ft_add(&w[1], &rnd, 3);
			ck_assert_int_eq(nffile_flush(&w[1], &err), 0);
		}
	}
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(nffile_finish(&w[i], false, &err), 0);
	buf_clear(&l.text);
	ck_assert(scanner_run(s, in, 3, NULL));
	ck_assert_ptr_nonnull(strstr(buf_str(&l.text), "done 0 read src 0\n"));
	ck_assert_ptr_nonnull(strstr(buf_str(&l.text), "2:5 3 records"));
	ck_assert_ptr_nonnull(strstr(buf_str(&l.text), "done 2 read src 18\n"));
	scanner_free(s);
	for (size_t i = 0; i < 2; i++)
		nffile_close(&r[i]);
	buf_free(&l.text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("scan");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, any_number_of_threads_gives_what_one_reader_gives);
	tcase_add_loop_test(t, it_ends_where_somebody_has_enough, 1, 50);
	tcase_add_loop_test(t,
	    what_came_out_before_a_stop_is_the_beginning_of_all, 1, 5);
	tcase_add_loop_test(t, nothing_is_read_once_it_is_stopped, 1, 5);
	tcase_add_test(t, a_file_nobody_wants_is_not_read_but_done);
	tcase_add_test(t, what_is_damaged_is_said_once_and_the_rest_is_read);
	tcase_add_test(t, what_lies_behind_the_end_is_not_complained_about);
	tcase_add_loop_test(t,
	    a_file_cut_while_it_is_read_is_said_and_read_up_to_there, 1,
	    THREADS + 1);
	tcase_add_loop_test(t,
	    sums_of_all_threads_are_the_whole_and_states_live_on, 1,
	    THREADS + 1);
	tcase_add_loop_test(t, readers_of_growing_files_go_on_where_they_stood,
	    1, THREADS + 1);
	suite_add_tcase(s, t);
	return ft_run(s);
}
