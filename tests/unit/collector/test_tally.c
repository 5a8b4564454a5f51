/* What a slot adds to the ledger: all of it, once, whoever it belongs to. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "collector/decoder.h"
#include "collector/outfile.h"
#include "collector/tally.h"

#define SLOT INT64_C(1795000200)

static char dir[64];
static struct decoder d;
static struct ports ports;
static struct err err;

static void
setup(void)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "/tmp/test_tally.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/collector.slot", dir);
	d = (struct decoder){ .slot = SLOT,
		.cycletime = 300,
		.ports = &ports,
		.writer = writer_start(path, &err) };
	ck_assert_ptr_nonnull(d.writer);
	(void)snprintf(d.ledger, sizeof(d.ledger), "%s/ledger", dir);
	sources_init(&d.sources);
}

static void
teardown(void)
{
	writer_stop(d.writer);
	sources_free(&d.sources);
	ports_free(&ports);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static struct source *
add_source(const char *ident, uint16_t port, const char *ip)
{
	struct flowfile_spec spec = { .cycletime = 300, .layout = 1 };
	struct prefix p = { .len = 32 };
	(void)snprintf(spec.ident, sizeof(spec.ident), "%s", ident);
	(void)snprintf(spec.dir, sizeof(spec.dir), "%s/%s", dir, ident);
	struct source *s = source_add(&d.sources, &spec, port);
	if (ip != NULL) {
		ck_assert(addr_parse(ip, &p.addr));
		source_set_ips(s, &p, 1, false);
	}
	s->unwritten = writer_unwritten(d.writer, ident);
	(void)ports_get(&ports, port);
	return s;
}

/* A v9 sender; id below 256. */
static struct sender *
add_sender(uint16_t port, const char *ip, uint8_t id)
{
	uint8_t data[24] = { 0, 9 };
	struct addr a;
	struct source *s;
	data[19] = id;
	ck_assert(addr_parse(ip, &a));
	struct ring_head h = { .port = port, .from = a, .len = sizeof(data) };
	struct sender *x = sender_find(&d.sources, &h, data, &s);
	ck_assert_ptr_nonnull(x);
	return x;
}

struct seen {
	struct ledger_line l[8];
	size_t n;
};

static void
take(void *ctx, const struct ledger_line *l)
{
	struct seen *s = ctx;
	if (s->n < 8)
		s->l[s->n] = *l;
	s->n++;
}

static struct seen
ledger_of(const char *source)
{
	struct seen s = { .n = 0 };
	uint64_t bad = 0;
	writer_wait(d.writer);
	ck_assert_int_eq(ledger_read(d.ledger, source, 0, INT64_MAX, take, &s,
			     &bad, &err),
	    0);
	ck_assert_uint_eq(bad, 0);
	return s;
}

START_TEST(every_exporter_has_a_line_with_what_is_new)
{
	(void)add_source("gw", 1000, NULL);
	struct sender *x = add_sender(1000, "192.0.2.1", 7);
	(void)add_sender(1000, "192.0.2.2", 1);
	x->e.stats = (struct decode_stats){ .datagrams = 10,
		.flows = 100,
		.sequence_lost = 3 };
	x->packets = 500;
	tally_slot(&d);
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 1);
	ck_assert_int_eq(s.l[0].slot, SLOT);
	ck_assert_uint_eq(s.l[0].length, 300);
	ck_assert_str_eq(s.l[0].source, "gw");
	ck_assert_uint_eq(s.l[0].exporter.lo, 0xc0000201);
	ck_assert_uint_eq(s.l[0].version, 9);
	ck_assert_uint_eq(s.l[0].id, 7);
	ck_assert_uint_eq(s.l[0].n[LEDGER_DATAGRAMS], 10);
	ck_assert_uint_eq(s.l[0].n[LEDGER_FLOWS], 100);
	ck_assert_uint_eq(s.l[0].n[LEDGER_PACKETS], 500);
	ck_assert_uint_eq(s.l[0].n[LEDGER_SEQUENCE_LOST], 3);
	/* Nothing new, nothing told. */
	tally_slot(&d);
	ck_assert_uint_eq(ledger_of("gw").n, 1);
	d.slot += 300;
	x->e.stats.flows = 101;
	tally_slot(&d);
	s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 2);
	ck_assert_int_eq(s.l[1].slot, SLOT + 300);
	ck_assert_uint_eq(s.l[1].n[LEDGER_FLOWS], 1);
	ck_assert_uint_eq(s.l[1].n[LEDGER_DATAGRAMS], 0);
}
END_TEST

START_TEST(what_came_late_is_set_against_the_next_loss)
{
	(void)add_source("gw", 1000, NULL);
	struct sender *x = add_sender(1000, "192.0.2.1", 7);
	static const uint64_t lost[] = { 5, 3, 4, 9 };
	uint64_t sum = 0;
	for (size_t i = 0; i < 4; i++) {
		x->e.stats.sequence_lost = lost[i];
		tally_slot(&d);
		d.slot += 300;
	}
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 2);
	for (size_t i = 0; i < s.n; i++)
		sum += s.l[i].n[LEDGER_SEQUENCE_LOST];
	ck_assert_uint_eq(sum, 9);
}
END_TEST

START_TEST(drops_are_of_the_source_alone_on_its_port)
{
	struct source *gw = add_source("gw", 1000, NULL);
	struct port *p = ports_find(&ports, 1000);
	atomic_store(&p->kernel_drops, 17);
	atomic_store(&p->queue_drops, 2);
	p->unknown = 1;
	gw->bad = 6;
	gw->bad_version = 3;
	gw->too_short = 2;
	uint64_t n[LEDGER_COUNTS];
	tally_source_counts(&d, gw, n);
	ck_assert_uint_eq(n[LEDGER_KERNEL_DROPS], 17);
	tally_slot(&d);
	tally_slot(&d);
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 1);
	ck_assert_uint_eq(s.l[0].exporter.family, ADDR_NONE);
	ck_assert_uint_eq(s.l[0].n[LEDGER_KERNEL_DROPS], 17);
	ck_assert_uint_eq(s.l[0].n[LEDGER_QUEUE_DROPS], 2);
	ck_assert_uint_eq(s.l[0].n[LEDGER_UNKNOWN], 1);
	ck_assert_uint_eq(s.l[0].n[LEDGER_DATAGRAMS], 7);
	ck_assert_uint_eq(s.l[0].n[LEDGER_BAD_VERSION], 3);
	ck_assert_uint_eq(s.l[0].n[LEDGER_TRUNCATED], 2);
	ck_assert_uint_eq(s.l[0].n[LEDGER_NO_ROOM], 1);
	ck_assert_uint_eq(ledger_of("port:1000").n, 0);
}
END_TEST

START_TEST(drops_of_a_shared_port_have_a_source_of_their_own)
{
	(void)add_source("a", 1000, "192.0.2.1");
	(void)add_source("b", 1000, "192.0.2.2");
	struct port *p = ports_find(&ports, 1000);
	atomic_store(&p->kernel_drops, 17);
	p->unknown = 4;
	struct seen look = { .n = 0 };
	tally_look(&d, take, &look);
	ck_assert_uint_eq(look.n, 1);
	tally_slot(&d);
	tally_slot(&d);
	ck_assert_uint_eq(ledger_of("a").n, 0);
	ck_assert_uint_eq(ledger_of("b").n, 0);
	struct seen s = ledger_of("port:1000");
	ck_assert_uint_eq(s.n, 1);
	ck_assert_str_eq(s.l[0].source, "port:1000");
	ck_assert_uint_eq(s.l[0].n[LEDGER_KERNEL_DROPS], 17);
	ck_assert_uint_eq(s.l[0].n[LEDGER_UNKNOWN], 4);
	ck_assert_uint_eq(s.l[0].n[LEDGER_DATAGRAMS], 4);
	ck_assert_int_eq(memcmp(&look.l[0].n, &s.l[0].n, sizeof(s.l[0].n)), 0);
	/* A port without sources, too. */
	source_remove(&d.sources, source_find(&d.sources, "a"));
	source_remove(&d.sources, source_find(&d.sources, "b"));
	p->unknown++;
	tally_slot(&d);
	ck_assert_uint_eq(ledger_of("port:1000").n, 2);
}
END_TEST

static void
add_up(void *ctx, const struct ledger_line *l)
{
	ledger_sum(ctx, l);
}

START_TEST(exporters_beyond_the_limit_are_one_sum)
{
	char ip[32];
	(void)add_source("gw", 1000, NULL);
	for (unsigned i = 0; i < TALLY_EXPORTERS_MAX + 10; i++) {
		(void)snprintf(ip, sizeof(ip), "10.0.%u.%u", i / 256, i % 256);
		add_sender(1000, ip, 1)->e.stats.flows = i;
	}
	tally_slot(&d);
	struct ledger_line sum = { 0 };
	writer_wait(d.writer);
	ck_assert_int_eq(ledger_read(d.ledger, "gw", 0, INT64_MAX, add_up, &sum,
			     NULL, &err),
	    0);
	const uint64_t n = TALLY_EXPORTERS_MAX + 10;
	ck_assert_uint_eq(sum.n[LEDGER_FLOWS], n * (n - 1) / 2);
	tally_slot(&d);
	ck_assert_uint_eq(ledger_of("gw").n, TALLY_EXPORTERS_MAX + 1);
}
END_TEST

START_TEST(lines_that_cannot_be_written_come_with_the_next)
{
	struct source *gw = add_source("gw", 1000, NULL);
	/* A file where the folder should be: root cannot write there either. */
	ck_assert_int_eq(file_write_atomic(d.ledger, "", 0, 0644, &err), 0);
	for (unsigned i = 1; i <= 3; i++) {
		gw->bad = gw->too_short = i;
		tally_slot(&d);
		d.slot += 300;
	}
	writer_wait(d.writer);
	ck_assert_int_eq(unlink(d.ledger), 0);
	gw->bad = gw->too_short = 4;
	tally_slot(&d);
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(s.l[i].slot, SLOT + (int64_t)i * 300);
		ck_assert_uint_eq(s.l[i].n[LEDGER_TRUNCATED], 1);
	}
}
END_TEST

START_TEST(days_without_flow_files_are_removed)
{
	struct source *gw = add_source("gw", 1000, NULL);
	char path[FILE_PATH_MAX];
	struct buf line = BUF_EMPTY;
	for (int day = 4; day > 0; day--) {
		struct ledger_line l = { .slot = SLOT - day * LEDGER_DAY,
			.length = 300,
			.source = "gw" };
		buf_clear(&line);
		ledger_print(&l, &line);
		ck_assert_int_eq(ledger_append(d.ledger, "gw", l.slot, &line,
				     &err),
		    0);
	}
	buf_free(&line);
	/* The oldest flows are of two days ago: SLOT is 2026-11-18 06:30. */
	(void)snprintf(path, sizeof(path), "%s/2026/11/16", gw->spec.dir);
	ck_assert_int_eq(file_mkdirs(path, 0755, &err), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/11/16/nfcapd.202611161200",
	    gw->spec.dir);
	ck_assert_int_eq(file_write_atomic(path, "", 0, 0644, &err), 0);
	gw->bad = gw->too_short = 1;
	tally_slot(&d);
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 3);
	ck_assert_int_eq(s.l[0].slot, SLOT - 2 * LEDGER_DAY);
}
END_TEST

START_TEST(flows_that_found_no_room_are_the_source_s)
{
	struct source *gw = add_source("gw", 1000, NULL);
	struct sender *x = add_sender(1000, "192.0.2.1", 7);
	(void)snprintf(gw->spec.dir, sizeof(gw->spec.dir), "%s/none/gw", dir);
	struct outfile *f = writer_open(d.writer, &gw->spec, SLOT, SLOT, false);
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4),
		.packets = 1 };
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(nffile_add_flow(&gw->block, &flow, &err), 0);
	writer_put(d.writer, f, &gw->block);
	writer_finish(d.writer, f, 0, 0);
	x->e.stats.flows = 5;
	tally_slot(&d);
	struct seen s = ledger_of("gw");
	ck_assert_uint_eq(s.n, 2);
	ck_assert_uint_eq(s.l[0].n[LEDGER_FLOWS], 5);
	ck_assert_uint_eq(s.l[1].n[LEDGER_UNWRITTEN], 5);
	tally_slot(&d);
	ck_assert_uint_eq(ledger_of("gw").n, 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tally");
	TCase *t = tcase_create("tally");
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_exporter_has_a_line_with_what_is_new);
	tcase_add_test(t, what_came_late_is_set_against_the_next_loss);
	tcase_add_test(t, drops_are_of_the_source_alone_on_its_port);
	tcase_add_test(t, drops_of_a_shared_port_have_a_source_of_their_own);
	tcase_add_test(t, exporters_beyond_the_limit_are_one_sum);
	tcase_add_test(t, lines_that_cannot_be_written_come_with_the_next);
	tcase_add_test(t, days_without_flow_files_are_removed);
	tcase_add_test(t, flows_that_found_no_room_are_the_source_s);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
