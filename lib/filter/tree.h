/*
 * tree: a parsed filter, and the table of terms that the language knows.
 *
 * A term compares fields (field.h) with values.  What may stand where is one
 * row of the table in term.c; parser, printer, oracle and the batch engine
 * read that row, so a new term is a new row.
 */
#ifndef FILTER_TREE_H
#define FILTER_TREE_H

#include <stdatomic.h>
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
	VALUE_IDENT,
	VALUE_TIME, /* num[0] .. num[1], text: as written */
	VALUE_OWN   /* whatever .ops reads, prints and matches */
};

struct parser;
struct term;

/*
 * Terms on strings, payload, databases, ...: their rows have functions.
 * Such a term is evaluated on expanded rows, and only on those that the rest
 * of the filter leaves open; parser, printer, oracle and the batch engine all
 * go through these.  A new family of terms is a file with its struct term_ops
 * and one OWN(...) row for each phrase in term.c.
 */
struct term_ops {
	/*
	 * Take the value behind the words: parse.h's parse_string and the
	 * lex_ functions.  Fills text or num (in ps->arena), and data when
	 * there is something to compile (parse_keep).  Options such as a
	 * database are ps->options.  False with the error set.
	 */
	bool (*read)(struct parser *ps, struct term *t);
	/*
	 * What stands behind the words, in normal form, with the blank before
	 * it.  NULL: text, quoted where necessary.  Terms of a row that print
	 * alike are taken for the same.
	 */
	void (*print)(const struct term *t, struct buf *out);
	/*
	 * One flow, one of the bits of term_side_bits().  Several threads at
	 * once may ask with the same term.
	 */
	bool (*match)(const struct term *t, unsigned bit,
	    const struct flow *flow);
};

/*
 * What a term has compiled (a regular expression, ...).  Filters and sets
 * share it; the last one frees it.  Put it first in a struct of your own.
 */
struct term_data {
	atomic_uint refs;
	void (*free)(struct term_data *d);
	/* Evaluations cut short by a limit; NULL: there are none. */
	uint64_t (*given_up)(const struct term_data *d);
};

/* A condition that a term brings along: protocols, or a firewall's denial. */
enum implied { IMPLIED_NONE, IMPLIED_TCP, IMPLIED_ICMP, IMPLIED_DENIED };

#define ASA_DENIED 3 /* F_FW_EVENT */

#define TERM_CMP  0x1  /* a comparator may stand before the value */
#define TERM_LIST 0x2  /* in [ ... ] */
#define TERM_WORD 0x4  /* an alias only when one of the names follows */
#define TERM_RAW  0x8  /* the value may look like a comparator */
#define TERM_FILL 0x10 /* a database has the AS that a flow lacks */

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
	const struct term_ops *ops; /* VALUE_OWN */
	unsigned arg;               /* for .ops: what the row is about */
};

struct term {
	const struct term_def *def;
	enum dir dir;
	enum cmp op;
	uint8_t param;            /* 0-based value of the phrase's # */
	size_t n;                 /* values */
	const uint64_t *num;      /* VALUE_NUM, _FLAGS, _MAC, _TIME */
	const struct prefix *net; /* VALUE_HOST, _NET */
	const char *text;         /* VALUE_IDENT, _TIME, _OWN */
	struct term_data *data;   /* VALUE_OWN: compiled form, or NULL */
};

/* By how much they bind, for the printer. */
enum node_kind {
	NODE_TERM,
	NODE_LABEL, /* (x) %label */
	NODE_NOT,
	NODE_AND,
	NODE_OR
};

struct filter_node {
	enum node_kind kind;
	struct term term; /* NODE_TERM */
	size_t n; /* children: 1 of not and label, 2 or more of and, or */
	const struct filter_node *const *kid;
	const char *label; /* NODE_LABEL */
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

/* The term in normal form. */
void term_print(const struct term *t, struct buf *out);

/* A node with these kids; the array is copied. */
struct filter_node *tree_node(struct arena *a, enum node_kind kind,
    const struct filter_node *const *kid, size_t n);

/* The same with chains of one operator as one node. */
const struct filter_node *tree_flat(struct arena *a,
    const struct filter_node *x);

/* What t points to is copied into the arena, but for its data. */
void term_copy(struct arena *a, struct term *t);

/*
 * A list of shared data, in the arena of whoever has it: adding takes a
 * reference, freeing the list drops them.
 */
struct term_keep {
	struct term_data *data;
	struct term_keep *next;
};
void term_keep_add(struct term_keep **list, struct arena *a,
    struct term_data *d);
void term_keep_free(struct term_keep *list);

/* "src or dst", or "" */
const char *dir_text(enum dir dir);

static inline bool
prefix_is_host(const struct prefix *p)
{
	return p->len == (p->addr.family == ADDR_V4 ? 32 : 128);
}

#endif
