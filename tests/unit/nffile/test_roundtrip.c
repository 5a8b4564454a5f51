/* Flows written and read again, through every codec and every element. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nffile/codec.h"
#include "nffile/nffile.h"

#include "random_flow.h"

#define FLOWS 20000

static char dir[] = "/tmp/nffile.XXXXXX";
static char path[64];
static struct err err;

static void
setup(void)
{
	memset(dir + strlen(dir) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/f", dir);
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

static struct nffile_writer_opts
opts(enum nffile_codec codec)
{
	return (struct nffile_writer_opts){ .codec = codec,
		.creator = CREATOR_NFDUMP,
		.created = 1700000000,
		.ident = "one",
		.mode = 0644 };
}

static void
write_random(enum nffile_codec codec, unsigned n, bool everything)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = opts(codec);
	struct rnd r = { 1 };
	ck_assert_msg(nffile_create(&w, path, &o, &err) == 0, "%s", err.msg);
	for (unsigned i = 0; i < n; i++) {
		struct flow f;
		random_flow(&r, &f, everything);
		ck_assert_int_eq(nffile_add_flow(&w, &f, &err), 0);
	}
	ck_assert_msg(nffile_finish(&w, false, &err) == 0, "%s", err.msg);
}

static void
check_random(unsigned n, bool everything)
{
	struct nffile_reader in;
	struct nffile_block b;
	struct rnd r = { 1 };
	unsigned i = 0;
	ck_assert_msg(nffile_open(&in, path, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(in.ident, "one");
	uint64_t flows = 0; /* as nfdump counts what it writes */
	enum nffile_next next;
	while ((next = nffile_read(&in, &b, &err)) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL; i++) {
			struct flow want, got;
			random_flow(&r, &want, everything);
			flows += flow_has(&want, FE_CNT) ? want.flows : 1;
			ck_assert(nffile_record_flow(p, &got));
			ck_assert_msg(flow_same(&want, &got),
			    "flow %u: have %llx, got %llx", i,
			    (unsigned long long)want.have,
			    (unsigned long long)got.have);
		}
	}
	ck_assert_msg(next == NFFILE_END, "%s", err.msg);
	ck_assert_uint_eq(i, n);
	ck_assert_uint_eq(in.stat.flows, flows);
	nffile_close(&in);
}

START_TEST(what_was_written_is_read_again)
{
	write_random((enum nffile_codec)_i, FLOWS, true);
	check_random(FLOWS, true);
}
END_TEST

/* Written and read again: which elements came back. */
static uint64_t
written_of(uint64_t elements, enum nffile_compat compat)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = opts(CODEC_LZ4);
	struct nffile_reader in;
	struct nffile_block b;
	struct rnd r = { 7 };
	struct flow want, got;
	size_t pos = 0;
	o.compat = compat;
	random_flow_of(&r, &want, elements);
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	ck_assert_int_eq(nffile_add_flow(&w, &want, &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	ck_assert_int_eq(nffile_open(&in, path, &err), 0);
	ck_assert_int_eq(nffile_read(&in, &b, &err), NFFILE_BLOCK);
	const uint8_t *rec = nffile_record_next(&b, &pos);
	ck_assert(nffile_record_flow(rec, &got));
	if (got.have == want.have)
		ck_assert(flow_same(&want, &got));
	nffile_close(&in);
	return got.have;
}

START_TEST(each_element_is_written_for_whom_knows_it)
{
	static const uint64_t newer =
	    FLOW_BIT(FE_SAMPLER) | FLOW_BIT(FE_FRAMEMETA) | FLOW_BIT(FE_FRAME) |
	    ~(FLOW_BIT(FE_LAYER2) - 1);
	uint64_t all = FLOW_BIT(FE_GENERIC) | FLOW_BIT(_i);
	ck_assert_uint_eq(written_of(all, COMPAT_NEWEST), all);
	ck_assert_uint_eq(written_of(all, COMPAT_171), all & ~newer);
}
END_TEST

START_TEST(a_file_without_flows_is_a_file)
{
	write_random(CODEC_LZ4, 0, false);
	check_random(0, false);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile round trip");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_was_written_is_read_again, CODEC_NONE,
	    CODEC_ZSTD + 1);
	tcase_add_loop_test(t, each_element_is_written_for_whom_knows_it,
	    FE_GENERIC, FE_MAX);
	tcase_add_test(t, a_file_without_flows_is_a_file);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
