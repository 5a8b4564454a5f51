/* A stream cut into IPFIX messages: however it comes in pieces. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "decode/message.h"

static uint8_t stream[400000];
static size_t stream_len;
static size_t lens[64], n_lens;

/* What came out. */
static size_t got, got_bytes;

static void
take(void *ctx, const uint8_t *p, size_t len)
{
	(void)ctx;
	ck_assert_uint_lt(got, n_lens);
	ck_assert_uint_eq(len, lens[got]);
	ck_assert_int_eq(memcmp(p, stream + got_bytes, len), 0);
	got++;
	got_bytes += len;
}

static void
put(size_t len)
{
	uint8_t *p = stream + stream_len;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 31 + len);
	p[0] = 0;
	p[1] = 10;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	stream_len += len;
	lens[n_lens++] = len;
}

static void
setup(void)
{
	stream_len = n_lens = got = got_bytes = 0;
	put(16);
	put(17);
	put(1400);
	put(65535);
	put(16);
	put(16);
	put(40000);
	put(300);
}

START_TEST(messages_come_out_whole_in_pieces_of_any_size)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 15, 16, 17, 19, 100,
		1399, 4096, 65536, 400000 };
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		struct message_part m = { 0 };
		enum message_state state = MESSAGE_BEGUN;
		got = got_bytes = 0;
		for (size_t at = 0; at < stream_len; at += sizes[k]) {
			size_t n = stream_len - at;
			if (n > sizes[k])
				n = sizes[k];
			state = message_add(&m, stream + at, n, take, NULL);
			/* No more is held than the message announces. */
			ck_assert_uint_le(m.need, MESSAGE_MAX);
			ck_assert_uint_eq(got_bytes + m.n, at + n);
		}
		ck_assert_int_eq(state, MESSAGE_NONE);
		ck_assert_uint_eq(got, n_lens);
		ck_assert_ptr_null(m.buf);
	}
}
END_TEST

START_TEST(an_unfinished_message_is_known_as_begun)
{
	struct message_part m = { 0 };
	ck_assert_int_eq(message_add(&m, stream, 16 + 17 + 1, take, NULL),
	    MESSAGE_BEGUN);
	ck_assert_uint_eq(got, 2);
	ck_assert_uint_eq(m.n, 1);
	/* Nothing more comes: it is still begun. */
	ck_assert_int_eq(message_add(&m, stream, 0, take, NULL), MESSAGE_BEGUN);
	message_free(&m);
	ck_assert_int_eq(message_add(&m, stream, 0, take, NULL), MESSAGE_NONE);
}
END_TEST

/* What state a stream of `good` and then these bytes ends in. */
static enum message_state
after(size_t good, const char *bytes, size_t n, size_t step)
{
	struct message_part m = { 0 };
	enum message_state state = MESSAGE_NONE;
	got = got_bytes = 0;
	memcpy(stream + good, bytes, n);
	for (size_t at = 0; at < good + n && state <= MESSAGE_BEGUN; at += step)
		state = message_add(&m, stream + at,
		    good + n - at < step ? good + n - at : step, take, NULL);
	message_free(&m);
	return state;
}

START_TEST(what_is_no_message_is_found_at_its_first_byte)
{
	for (size_t step = 1; step < 60; step++) {
		/* The two whole ones before it are not lost. */
		ck_assert_int_eq(after(33, "\x01", 1, step),
		    MESSAGE_BAD_VERSION);
		ck_assert_uint_eq(got, 2);
		ck_assert_int_eq(after(33, "\x00\x09", 2, step),
		    MESSAGE_BAD_VERSION);
		ck_assert_int_eq(after(33, "\x00\x0a\x00\x0f", 4, step),
		    MESSAGE_BAD_LENGTH);
		ck_assert_uint_eq(got, 2);
		ck_assert_int_eq(after(33, "\x00\x0a\x00\x00", 4, step),
		    MESSAGE_BAD_LENGTH);
		ck_assert_int_eq(after(33, "GET / HTTP/1.0\r\n", 16, step),
		    MESSAGE_BAD_VERSION);
		ck_assert_int_eq(after(33, "\x00\x0a\x00\x10", 4, step),
		    MESSAGE_BEGUN);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("message");
	TCase *tc = tcase_create("message");
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, messages_come_out_whole_in_pieces_of_any_size);
	tcase_add_test(tc, an_unfinished_message_is_known_as_begun);
	tcase_add_test(tc, what_is_no_message_is_found_at_its_first_byte);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
