/* What exporters told, written and read again. */
#include "build.h"

#include "decode/names.h"
#include "decode/sampling.h"
#include "decode/state.h"
#include "decode/template.h"

static struct exporter again;
static struct buf file;

/* v9: a template, options for a sampler and an interface's name. */
static void
learn_all(void)
{
	begin(9, 0x102);
	v9_header(100000, 1);
	put_template(0, 256, 2, 4, 48, 1, 21, 4, -1);
	put_template(0, 300, 1, 8, -1);
	size_t at = set_open(1);
	puts_be(2, UINT64_C(400), 2, UINT64_C(4), 2, UINT64_C(8), 2,
	    UINT64_C(1), 2, UINT64_C(4), 2, UINT64_C(48), 2, UINT64_C(1), 2,
	    UINT64_C(34), 2, UINT64_C(4), 0);
	set_close(at);
	at = set_open(400);
	puts_be(4, UINT64_C(1), 1, UINT64_C(7), 4, UINT64_C(100), 0);
	set_close(at);
	at = set_open(1);
	puts_be(2, UINT64_C(401), 2, UINT64_C(4), 2, UINT64_C(4), 2,
	    UINT64_C(2), 2, UINT64_C(4), 2, UINT64_C(82), 2, UINT64_C(5), 0);
	set_close(at);
	at = set_open(401);
	put(4, 12);
	put_text("eth12", 5);
	set_close(at);
	feed();
	ex.sequence.habit = 1;
}

static void
write_file(size_t exporters)
{
	state_begin(&file, NOW_MS);
	for (size_t i = 0; i < exporters; i++)
		state_put(&file, (uint16_t)(9995 + i), &ex);
	state_end(&file);
}

static const uint8_t *
bytes(void)
{
	return (const void *)file.data;
}

static struct state_record
only_record(void)
{
	struct state_record r;
	struct err err = { "" };
	size_t pos = 0;
	ck_assert_msg(state_check(bytes(), file.len, &err) == 0, "%s", err.msg);
	ck_assert(state_next(bytes(), file.len, &pos, &r));
	ck_assert(
	    !state_next(bytes(), file.len, &pos, &(struct state_record){ 0 }));
	return r;
}

static void
init_again(struct budget *b)
{
	struct decode_head h = { .version = 9, .id = 0x102 };
	exporter_init(&again, &ex.ip, &h);
	again.budget = b;
}

START_TEST(a_new_exporter_knows_what_the_old_one_did)
{
	learn_all();
	ck_assert(state_wanted(&ex));
	write_file(1);
	struct state_record r = only_record();
	uint8_t key[STATE_KEY_LEN];
	struct decode_head h = { .version = 9, .id = 0x102 };
	state_key(9995, &ex.ip, &h, key);
	ck_assert_mem_eq(key, state_record_key(&r), sizeof(key));
	ck_assert_uint_eq(r.last_seen_ms, NOW_MS + 250);
	init_again(NULL);
	state_restore(&r, &again);
	ck_assert_uint_eq(template_set_count(again.templates), 4);
	ck_assert_uint_eq(template_set_get(again.templates, 256)->used_ms,
	    NOW_MS + 250);
	ck_assert_uint_eq(again.stats.templates, 0);
	ck_assert_uint_eq(again.sequence.habit, 1);
	ck_assert(!again.sequence.known);
	ck_assert_str_eq(exporter_name(&again, NAME_INTERFACE, 12)->name,
	    "eth12");
	exporter_free(&ex);
	ex = again;
	v9_header(200000, 50);
	size_t at = set_open(256);
	puts_be(4, UINT64_C(3), 1, UINT64_C(7), 4, UINT64_C(190000), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].packets, 300);
	ck_assert_uint_eq(got[0].last, NOW_MS - 10000);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ck_assert_uint_eq(ex.stats.no_template, 0);
}
END_TEST

START_TEST(ipfix_keeps_its_boot_time)
{
	begin(10, 7);
	ck_assert(!state_wanted(&ex));
	ex.boot_ms = NOW_MS - 5000;
	ck_assert(state_wanted(&ex));
	write_file(1);
	struct state_record r = only_record();
	init_again(NULL);
	state_restore(&r, &again);
	ck_assert_uint_eq(again.boot_ms, NOW_MS - 5000);
	exporter_free(&again);
}
END_TEST

/* The next process finds missing what was lost in between, and no more. */
START_TEST(sequence_numbers_go_on_from_one_process_to_the_next)
{
	struct state_record r;
	size_t pos = 0;
	learn_all();
	init_again(NULL);
	ex.sequence = (struct sequence){ .known = true,
		.habit = 2,
		.late = 3,
		.last = 4000000000U,
		.units = 30,
		.options = 2,
		.missing = 7 };
	for (int all = 0; all < 2; all++) {
		buf_clear(&file);
		state_begin(&file, NOW_MS);
		if (all)
			state_put_all(&file, 9995, &ex, 0);
		else
			state_put(&file, 9995, &ex);
		state_end(&file);
		pos = 0;
		ck_assert(state_next(bytes(), file.len, &pos, &r));
		again.sequence = (struct sequence){ .known = false };
		state_restore(&r, &again);
		ck_assert_int_eq(again.sequence.known, all);
	}
	ck_assert_uint_eq(again.sequence.habit, 2);
	ck_assert_uint_eq(again.sequence.last, 4000000000U);
	ck_assert_uint_eq(again.sequence.units, 30);
	ck_assert_uint_eq(again.sequence.options, 2);
	/* The past has counted what it missed. */
	ck_assert_uint_eq(again.sequence.missing, 0);
	ck_assert_uint_eq(again.sequence.late, 0);
	exporter_free(&again);
}
END_TEST

START_TEST(a_record_is_copied_or_taken_back)
{
	learn_all();
	write_file(1);
	struct state_record r = only_record();
	struct buf copy = BUF_EMPTY;
	state_begin(&copy, NOW_MS);
	state_put(&copy, 1, &ex);
	size_t one = copy.len;
	state_put(&copy, 2, &ex);
	state_undo(&copy, one);
	state_undo(&copy, STATE_HEAD_LEN);
	state_copy(&copy, &r);
	state_end(&copy);
	ck_assert_uint_eq(copy.len, file.len);
	ck_assert_mem_eq(copy.data, file.data, file.len);
	buf_free(&copy);
}
END_TEST

START_TEST(what_is_damaged_is_refused)
{
	struct err err;
	learn_all();
	write_file(3);
	ck_assert_int_eq(state_check(bytes(), file.len, &err), 0);
	for (size_t len = 0; len < file.len; len++) {
		uint8_t *copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, file.data, len);
		ck_assert_int_eq(state_check(copy, len, &err), -1);
		free(copy);
	}
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 0x10;
		ck_assert_int_eq(state_check(bytes(), file.len, &err), -1);
		file.data[i] ^= 0x10;
	}
	buf_addc(&file, 'x');
	ck_assert_int_eq(state_check(bytes(), file.len, &err), -1);
}
END_TEST

static void
refused(const char *want)
{
	struct err err;
	state_end(&file);
	ck_assert_int_eq(state_check(bytes(), file.len, &err), -1);
	ck_assert_msg(strstr(err.msg, want) != NULL, "%s", err.msg);
}

/* Somebody who knows the checksum. */
START_TEST(impossible_lengths_are_refused)
{
	static const char zero[128];
	begin(9, 1);
	state_begin(&file, NOW_MS);
	buf_add(&file, "\0\0\1\0", 4);
	buf_add(&file, zero, 100);
	refused("exporter 1: impossible lengths");
	state_begin(&file, NOW_MS);
	buf_add(&file, "\0\0\0\x3a", 4);
	buf_add(&file, zero, 58);
	refused("exporter 1: impossible lengths");
	state_begin(&file, NOW_MS);
	buf_add(&file, "\0\0\0\x40", 4);
	buf_add(&file, zero, 59);
	buf_add(&file, "\1\0\0\0\1", 5);
	refused("exporter 1: impossible lengths");
	state_begin(&file, NOW_MS);
	buf_add(&file, "\0\0\0\x3b", 4);
	buf_add(&file, zero, 59);
	refused("1 exporters, should be 0");
	state_begin(&file, NOW_MS);
	file.data[11] = 2;
	refused("version 2");
}
END_TEST

START_TEST(what_is_restored_is_within_the_limits)
{
	learn_all();
	write_file(1);
	struct state_record r = only_record();
	for (size_t room = 0; room < 4000; room += 50) {
		struct budget b = { room };
		init_again(&b);
		state_restore(&r, &again);
		exporter_free(&again);
		ck_assert_uint_eq(b.left, room);
	}
}
END_TEST

START_TEST(templates_that_nobody_uses_are_forgotten)
{
	learn_all();
	uint32_t changes = ex.templates_changed;
	exporter_expire(&ex, NOW_MS + 250);
	ck_assert_uint_eq(template_set_count(ex.templates), 4);
	ck_assert_uint_eq(ex.templates_changed, changes);
	/* One is announced again, data uses another. */
	template_set_get(ex.templates, 300)->used_ms = NOW_MS;
	template_set_get(ex.templates, 256)->used_ms = NOW_MS;
	template_set_get(ex.templates, 400)->used_ms = NOW_MS;
	v9_header(100000, 2);
	put_template(0, 300, 1, 8, -1);
	size_t at = set_open(256);
	puts_be(4, UINT64_C(3), 1, UINT64_C(7), 4, UINT64_C(190000), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(ex.templates_changed, changes);
	exporter_expire(&ex, NOW_MS + 250);
	ck_assert_uint_eq(template_set_count(ex.templates), 3);
	ck_assert_ptr_null(template_set_get(ex.templates, 400));
	ck_assert_uint_eq(ex.templates_changed, changes + 1);
}
END_TEST

START_TEST(other_fields_under_a_known_id_are_noticed)
{
	learn_all();
	ck_assert_uint_eq(ex.stats.redefined, 0);
	v9_header(100000, 2);
	put_template(0, 256, 2, 4, 48, 1, 21, 4, -1);
	put_template(0, 300, 2, 8, -1);
	feed();
	ck_assert_uint_eq(ex.stats.redefined, 1);
	ck_assert_uint_eq(ex.redefined_id, 300);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("state");
	TCase *t = tcase_create("file");
	tcase_add_test(t, a_new_exporter_knows_what_the_old_one_did);
	tcase_add_test(t, ipfix_keeps_its_boot_time);
	tcase_add_test(t, sequence_numbers_go_on_from_one_process_to_the_next);
	tcase_add_test(t, a_record_is_copied_or_taken_back);
	tcase_add_test(t, what_is_damaged_is_refused);
	tcase_add_test(t, impossible_lengths_are_refused);
	tcase_add_test(t, what_is_restored_is_within_the_limits);
	suite_add_tcase(s, t);
	t = tcase_create("templates");
	tcase_add_test(t, templates_that_nobody_uses_are_forgotten);
	tcase_add_test(t, other_fields_under_a_known_id_are_noticed);
	suite_add_tcase(s, t);
	int failed = run_suite(s);
	buf_free(&file);
	return failed;
}
