/*
 * payload_regex: regular expressions, the one place that knows pcre2.
 *
 * An expression is compiled once, to machine code where pcre2 can and the
 * process may have such memory, and shared by all threads.  What a match
 * needs besides (its stack, its limits) is kept in a few places for the next
 * one to take, whichever thread that is.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "filter/payload.h"

#define IDLE          8 /* threads that share one without allocating */
#define NEST_MAX      100
#define JIT_STACK_MIN (32 * 1024)
#define JIT_STACK_MAX (512 * 1024)

/* What one match at a time needs. */
struct scratch {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack; /* NULL: not compiled to machine code */
};

struct payload_regex {
	pcre2_code *code;
	bool jit;
	atomic_uint_fast64_t given_up;
	_Atomic(struct scratch *) idle[IDLE];
};

/* ---- scratch --------------------------------------------------------------------- */

static void
scratch_free(struct scratch *s)
{
	if (s == NULL)
		return;
	pcre2_jit_stack_free(s->stack);
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	free(s);
}

static struct scratch *
scratch_new(const struct payload_regex *re)
{
	struct scratch *s = mem_calloc(1, sizeof(*s));
	s->context = pcre2_match_context_create(NULL);
	s->data = pcre2_match_data_create(1, NULL);
	if (s->context == NULL || s->data == NULL) {
		scratch_free(s);
		return NULL;
	}
	(void)pcre2_set_match_limit(s->context, PAYLOAD_STEPS_MAX);
	(void)pcre2_set_depth_limit(s->context, PAYLOAD_DEPTH_MAX);
	(void)pcre2_set_heap_limit(s->context, PAYLOAD_HEAP_KIB);
	if (re->jit)
		s->stack =
		    pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (s->stack != NULL)
		pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return s;
}

static struct scratch *
take(struct payload_regex *re)
{
	for (size_t i = 0; i < IDLE; i++) {
		struct scratch *s = atomic_load(&re->idle[i]);
		if (s != NULL &&
		    (s = atomic_exchange(&re->idle[i], NULL)) != NULL)
			return s;
	}
	return scratch_new(re);
}

static void
give_back(struct payload_regex *re, struct scratch *s)
{
	for (size_t i = 0; i < IDLE; i++) {
		struct scratch *none = NULL;
		if (atomic_compare_exchange_strong(&re->idle[i], &none, s))
			return;
	}
	scratch_free(s);
}

/* ---- compiling ------------------------------------------------------------------- */

static uint32_t
options(unsigned flags)
{
	uint32_t o = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
		     PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
	if ((flags & PAYLOAD_CASELESS) != 0)
		o |= PCRE2_CASELESS;
	if ((flags & PAYLOAD_MULTILINE) != 0)
		o |= PCRE2_MULTILINE;
	if ((flags & PAYLOAD_DOTALL) != 0)
		o |= PCRE2_DOTALL;
	return o;
}

static pcre2_code *
compile(const char *pattern, size_t n, unsigned flags, struct err *err)
{
	int code;
	PCRE2_SIZE at;
	pcre2_compile_context *c = pcre2_compile_context_create(NULL);
	if (c == NULL) {
		(void)err_set(err, "no memory for a regular expression");
		return NULL;
	}
	(void)pcre2_set_parens_nest_limit(c, NEST_MAX);
	(void)pcre2_set_newline(c, PCRE2_NEWLINE_LF);
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, n, options(flags),
	    &code, &at, c);
	pcre2_compile_context_free(c);
	if (re == NULL) {
		PCRE2_UCHAR text[128] = "";
		(void)pcre2_get_error_message(code, text, sizeof(text));
		(void)err_set(err, "%s, at byte %zu of the expression",
		    (const char *)text, (size_t)at);
	}
	return re;
}

struct payload_regex *
payload_regex_new(const char *pattern, size_t n, unsigned flags,
    struct err *err)
{
	pcre2_code *code = compile(pattern, n, flags, err);
	if (code == NULL)
		return NULL;
	struct payload_regex *re = mem_calloc(1, sizeof(*re));
	re->code = code;
	re->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	atomic_init(&re->given_up, 0);
	for (size_t i = 0; i < IDLE; i++)
		atomic_init(&re->idle[i], NULL);
	return re;
}

void
payload_regex_free(struct payload_regex *re)
{
	if (re == NULL)
		return;
	for (size_t i = 0; i < IDLE; i++)
		scratch_free(atomic_load(&re->idle[i]));
	pcre2_code_free(re->code);
	free(re);
}

/* ---- matching --------------------------------------------------------------------- */

bool
payload_regex_match(struct payload_regex *re, const uint8_t *p, size_t n)
{
	struct scratch *s = take(re);
	int found = PCRE2_ERROR_NOMEMORY;
	if (s != NULL) {
		found = pcre2_match(re->code, p != NULL ? p : (PCRE2_SPTR) "",
		    n, 0, 0, s->data, s->context);
		give_back(re, s);
	}
	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		(void)atomic_fetch_add(&re->given_up, 1);
	return found >= 0;
}

uint64_t
payload_regex_given_up(const struct payload_regex *re)
{
	return atomic_load(&re->given_up);
}
