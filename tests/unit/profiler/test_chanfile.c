/*
 * A channel's file while its slot runs: thousands share a budget, what comes
 * out is every record in its order, and what cannot be written is counted.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "profiler/chanfile.h"

#define PACKETS_AT 40 /* in a record whose first element is the generic one */

static char root[32];
static struct err err;
static struct packer packer;
static uint8_t record[256]; /* a flow */
static size_t size;         /* of it */

/* What a writer makes of a flow, read back. */
static void
make_record(void)
{
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4),
		.first = 1700000100000,
		.last = 1700000100001,
		.bytes = 1,
		.packets = 1 };
	struct nffile_writer_opts o = { .ident = "x", .mode = 0644 };
	struct nffile_writer w;
	struct nffile_reader r;
	struct nffile_block b;
	size_t pos = 0;
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/one", root);
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	ck_assert_int_eq(nffile_add_flow(&w, &flow, &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_BLOCK);
	const uint8_t *rec = nffile_record_next(&b, &pos);
	size = pos;
	ck_assert_uint_le(size, sizeof(record));
	memcpy(record, rec, size);
	nffile_close(&r);
}

static void
setup(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/chanfileXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	make_record();
}

static void
teardown(void)
{
	packer_free(&packer);
	ck_assert_int_eq(file_remove_tree(root, &err), 0);
}

static struct chanfile *
open_channel(unsigned number, enum nffile_codec codec, size_t files)
{
	char dir[FILE_PATH_MAX];
	char ident[32];
	(void)snprintf(ident, sizeof(ident), "c%u", number);
	(void)snprintf(dir, sizeof(dir), "%s/%s", root, ident);
	struct nffile_writer_opts o = { .codec = codec,
		.creator = CREATOR_NFPROFILE,
		.created = 1700000100,
		.ident = ident,
		.mode = 0644 };
	return chanfile_new(dir, 0, &o, files, 1);
}

/* A flow that says its number. */
static void
put(struct chanfile *f, uint64_t number)
{
	memcpy(record + PACKETS_AT, &number, sizeof(number));
	memcpy(chanfile_room(f, &packer, size), record, size);
	f->flows++;
}

/* Numbers from .. are in the file, one after another; returns how many. */
static uint64_t
read_back(const char *path, const char *ident, uint64_t from)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct flow flow;
	uint64_t n = 0;
	ck_assert_msg(nffile_open(&r, path, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(r.ident, ident);
	while (nffile_read(&r, &b, &err) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL; n++) {
			ck_assert(nffile_record_flow(p, &flow));
			ck_assert_uint_eq(flow.packets, from + n);
		}
	}
	ck_assert_uint_eq(r.stat.flows, n);
	ck_assert(!nffile_missing(&r, &err));
	nffile_close(&r);
	return n;
}

static const enum nffile_codec codecs[] = { CODEC_NONE, CODEC_LZ4, CODEC_ZSTD,
	CODEC_BZ2, CODEC_LZO };

START_TEST(files_that_take_turns_keep_their_own_flows_in_order)
{
	enum { CHANNELS = 3, FLOWS = 60000 };
	struct chanfile *f[CHANNELS];
	char tmp[FILE_PATH_MAX];
	char ident[32];
	for (unsigned i = 0; i < CHANNELS; i++)
		/* As if of very many: the least that may wait. */
		f[i] = open_channel(i, codecs[_i], 100000);
	for (uint64_t n = 0; n < FLOWS; n++)
		put(f[n % CHANNELS], n / CHANNELS + 1000 * (n % CHANNELS));
	for (unsigned i = 0; i < CHANNELS; i++) {
		uint64_t lost = 1;
		ck_assert_uint_gt(FLOWS / CHANNELS * size,
		    10 * (size_t)CHANFILE_LEAST);
		ck_assert_msg(chanfile_finish(f[i], &packer, tmp, &lost,
				  &err) == 0,
		    "%s", err.msg);
		ck_assert_uint_eq(lost, 0);
		(void)snprintf(ident, sizeof(ident), "c%u", i);
		ck_assert_uint_eq(read_back(tmp, ident, UINT64_C(1000) * i),
		    FLOWS / CHANNELS);
	}
}
END_TEST

START_TEST(a_thousand_files_stay_within_their_budget)
{
	enum { CHANNELS = 1000 };
	struct chanfile **f = mem_calloc(CHANNELS, sizeof(struct chanfile *));
	size_t waiting = 0, room = 0, packed = 0;
	/* Half as much again as may wait, in turn and unevenly. */
	uint64_t flows = CHANFILE_BUDGET / size * 3 / 2;
	for (unsigned i = 0; i < CHANNELS; i++)
		f[i] = open_channel(i, CODEC_LZ4, CHANNELS);
	for (uint64_t n = 0; n < flows; n++)
		put(f[n % 7 == 0 ? 0 : n % CHANNELS], n);
	for (unsigned i = 0; i < CHANNELS; i++) {
		waiting += f[i]->len;
		room += f[i]->cap;
		packed += f[i]->w.path != NULL;
		ck_assert_int_eq(f[i]->w.fd, -1);
		ck_assert_ptr_null(f[i]->w.raw);
	}
	ck_assert_uint_le(waiting, CHANFILE_BUDGET);
	ck_assert_uint_le(room, CHANFILE_BUDGET);
	ck_assert_uint_gt(packed, 0);
	for (unsigned i = 0; i < CHANNELS; i++)
		chanfile_drop(f[i]);
	free(f);
}
END_TEST

START_TEST(a_file_without_flows_is_an_empty_file)
{
	char tmp[FILE_PATH_MAX];
	uint64_t lost = 1;
	struct chanfile *f = open_channel(7, CODEC_LZ4, 1);
	ck_assert_int_eq(chanfile_finish(f, &packer, tmp, &lost, &err), 0);
	ck_assert_uint_eq(lost, 0);
	ck_assert_uint_eq(read_back(tmp, "c7", 0), 0);
}
END_TEST

START_TEST(a_file_of_more_than_a_block_is_there_before_its_end)
{
	char tmp[FILE_PATH_MAX];
	struct chanfile *f = open_channel(1, CODEC_NONE, 100000);
	for (uint64_t n = 0; n < 2 * CHANFILE_LEAST / size; n++)
		put(f, n);
	(void)snprintf(tmp, sizeof(tmp), "%s", f->path);
	ck_assert(file_exists(tmp));
	chanfile_drop(f);
	ck_assert(!file_exists(tmp));
	chanfile_drop(NULL);
}
END_TEST

/* A file stands where the folder should be. */
START_TEST(what_cannot_be_written_is_counted_and_leaves_nothing)
{
	char path[FILE_PATH_MAX];
	char tmp[FILE_PATH_MAX];
	uint64_t lost = 0;
	(void)snprintf(path, sizeof(path), "%s/c3", root);
	ck_assert_int_eq(file_write_atomic(path, "x", 1, 0644, &err), 0);
	struct chanfile *f = open_channel(3, CODEC_LZ4, 100000);
	uint64_t flows = 3 * CHANFILE_LEAST / size;
	f->described[0] = 5;
	for (uint64_t n = 0; n < flows; n++)
		put(f, n);
	/* Those that come later have to be introduced again. */
	ck_assert_uint_eq(f->described[0], 0);
	ck_assert_int_eq(chanfile_finish(f, &packer, tmp, &lost, &err), -1);
	ck_assert_uint_eq(lost, flows);
	ck_assert(!file_exists(tmp));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("chanfile");
	TCase *t = tcase_create("chanfile");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t,
	    files_that_take_turns_keep_their_own_flows_in_order, 0,
	    (int)(sizeof(codecs) / sizeof(codecs[0])));
	tcase_add_test(t, a_thousand_files_stay_within_their_budget);
	tcase_add_test(t, a_file_without_flows_is_an_empty_file);
	tcase_add_test(t, a_file_of_more_than_a_block_is_there_before_its_end);
	tcase_add_test(t, what_cannot_be_written_is_counted_and_leaves_nothing);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
