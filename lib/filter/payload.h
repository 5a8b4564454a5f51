/*
 * payload: conditions on the first bytes of a flow, as exporters of payload
 * (elements 29 and 30) send them.
 *
 * The terms are rows of the table in term.c; what they are about is the
 * row's arg.  Their bits: 0 the payload (in), 1 that of the reverse
 * direction (out).
 *
 * payload_regex.c owns pcre2.
 */
#ifndef FILTER_PAYLOAD_H
#define FILTER_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "filter/tree.h"

#define PAYLOAD_TEXT_MAX 1024 /* bytes of a text or an expression */

enum payload_arg {
	PAYLOAD_CONTENT, /* these bytes are somewhere in it */
	PAYLOAD_REGEX,
	PAYLOAD_JA3, /* MD5, or it can be computed */
	PAYLOAD_JA4,
	PAYLOAD_JA4S,        /* refused with the reason */
	PAYLOAD_TLS_DEFINED, /* begins with a hello message */
	PAYLOAD_TLS_VERSION,
	PAYLOAD_TLS_SNI,     /* part of the server name, any case */
	PAYLOAD_DNS_DEFINED, /* is a DNS message */
	PAYLOAD_DNS_NAME,    /* part of a name in it, any case */
	PAYLOAD_DNS_ADDRESS  /* of an A or AAAA record in it */
};

extern const struct term_ops payload_ops;

/* ---- regular expressions ------------------------------------------------------ */

#define PAYLOAD_CASELESS  0x1 /* i */
#define PAYLOAD_MULTILINE 0x2 /* m: ^ and $ at every line */
#define PAYLOAD_DOTALL    0x4 /* s: . is any byte */

/*
 * Bytes, not UTF-8; without m, $ is the very end.  A match that takes more
 * steps, depth or memory than these is given up: it counts as no match, and
 * is counted.  Steps are counted from each place of the payload anew.
 */
#define PAYLOAD_STEPS_MAX 100000
#define PAYLOAD_DEPTH_MAX 10000
#define PAYLOAD_HEAP_KIB  4096

struct payload_regex;

/* NULL with a message that tells the place in the pattern. */
struct payload_regex *payload_regex_new(const char *pattern, size_t n,
    unsigned flags, struct err *err);
void payload_regex_free(struct payload_regex *re);

/* Several threads at once may ask. */
bool payload_regex_match(struct payload_regex *re, const uint8_t *p, size_t n);

/* How many matches were given up. */
uint64_t payload_regex_given_up(const struct payload_regex *re);

#endif
