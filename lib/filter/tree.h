/*
 * tree: a parsed filter, and the table of terms that the language knows.
 *
 * A term compares fields (field.h) with values.  What may stand where is one
 * row of the table in term.c; parser, printer, oracle and the batch engine
 * read that row, so a new term is a new row.
 */
#ifndef FILTER_TREE_H
#define FILTER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "filter/field.h"
#include "filter/filter.h"
#include "filter/lex.h"
#include "filter/names.h"

/* Words before a term. */
enum dir {
	DIR_NONE,
	DIR_SRC,
	DIR_DST,
	DIR_SRC_OR_DST,
	DIR_SRC_AND_DST,
	DIR_IN,
	DIR_OUT,
	DIR_IN_SRC,
	DIR_IN_DST,
	DIR_OUT_SRC,
	DIR_OUT_DST,
	DIR_MAX
};

/*
 * Which of a term's fields a direction means, as bits; 0: the direction
 * cannot stand there.  One of them has to match, with `src and dst` all.
 */
typedef const uint8_t term_sides[DIR_MAX];

enum value {
	VALUE_NONE,  /* true when the field is at least .limit */
	VALUE_NUM,   /* number up to .limit, or one of .names */
	VALUE_HOST,  /* address */
	VALUE_NET,   /* prefix */
	VALUE_FLAGS, /* number up to .limit, or TCP flag letters */
	VALUE_MAC,
	VALUE_IDENT
};

/* A condition on the protocol that a term brings along. */
enum implied { IMPLIED_NONE, IMPLIED_TCP, IMPLIED_ICMP };

#define TERM_CMP  0x1 /* a comparator may stand before the value */
#define TERM_LIST 0x2 /* in [ ... ] */
#define TERM_WORD 0x4 /* an alias only when one of the names follows */

struct term_def {
	/* Words; a # stands for a number from 1 to .params in the word. */
	const char *phrase;
	const char *alias_of; /* then only .phrase counts */
	enum value value;
	enum implied implied;
	unsigned opt;
	uint64_t limit;
	const struct names *names;
	const uint8_t *sides; /* term_sides */
	uint8_t params;
	uint8_t span; /* so many fields in a row instead of .field[] */
	uint8_t field[4];
};

struct term {
	const struct term_def *def;
	enum dir dir;
	enum cmp op;
	uint8_t param;            /* 0-based value of the phrase's # */
	size_t n;                 /* values */
	const uint64_t *num;      /* VALUE_NUM, _FLAGS, _MAC */
	const struct prefix *net; /* VALUE_HOST, _NET */
	const char *text;         /* VALUE_IDENT */
};

enum node_kind { NODE_TERM, NODE_NOT, NODE_AND, NODE_OR };

struct filter_node {
	enum node_kind kind;
	struct term term; /* NODE_TERM */
	size_t n;         /* children: 1 of NODE_NOT, 2 or more of and, or */
	const struct filter_node *const *kid;
};

/* The rows of the table. */
const struct term_def *term_table(size_t *n);

/* The row whose phrase is `phrase` and no alias. */
const struct term_def *term_find(const char *phrase);

/* Bits of the term's fields that its direction means. */
unsigned term_side_bits(const struct term *t);

/* Field of one such bit. */
enum field term_field(const struct term *t, unsigned bit);

/* How many fields the term has. */
unsigned term_fields(const struct term *t);

/* "src or dst", or "" */
const char *dir_text(enum dir dir);

static inline bool
prefix_is_host(const struct prefix *p)
{
	return p->len == (p->addr.family == ADDR_V4 ? 32 : 128);
}

#endif
