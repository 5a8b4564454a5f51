/*
 * filter: nfdump's filter language, compiled for batches of columns.
 *
 *   text --parse--> struct filter (a tree, const for life)
 *        --filterset_add--> distinct predicates of all filters
 *        --filterset_eval--> one bitmap per filter and batch
 *
 * Every distinct primitive predicate of a set (proto tcp, port 443,
 * net 10/8, ident x) is evaluated once per batch into a bitmap; and, or, not
 * are 64-bit word operations; equal sub-expressions are shared between the
 * filters of a set.  Queries, channels and alerts all go through here: one
 * meaning everywhere.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flow/batch.h"
#include "flow/flow.h"

#define FILTER_TEXT_MAX  (1024 * 1024) /* bytes of source text */
#define FILTER_DEPTH_MAX 1000          /* nesting of parentheses and not */

/* What files and named filters may bring in. */
#define FILTER_FILES_MAX   1000               /* opened for one filter */
#define FILTER_FILES_BYTES (32 * 1024 * 1024) /* of all of them */
#define FILTER_USES_MAX    10000              /* of named filters */
#define FILTER_USES_BYTES  (4 * 1024 * 1024)  /* of all of them */
#define FILTER_NESTING_MAX 10   /* files and names in each other */
#define FILTER_NAMES_MAX   1000 /* @define */
#define FILTER_HOSTS_MAX   64   /* host names of one filter */
#define FILTER_ADDRS_MAX   64   /* addresses of one host name */
#define FILTER_LABEL_MAX   16   /* bytes of a label */

struct filter_node;
struct term_keep;

struct filter {
	struct arena arena; /* everything below lives here */
	const struct filter_node *root;
	struct term_keep *keep; /* what terms have compiled */
};

/* Where and why parsing stopped. */
struct filter_error {
	int line;         /* from 1 */
	int column;       /* from 1, bytes */
	char file[256];   /* where the line is; "": in the text */
	char token[64];   /* the word that does not fit */
	char reason[192]; /* "syntax error" */
	/*
	 * One line: "Line 1: column 6: syntax error at 'foo'", in a file
	 * "File 'x' line 1: column 6: ...".
	 */
	char message[640];
	char expected[512]; /* what would be accepted there; may be "" */
	char hint[256];     /* what may be meant, a sentence; may be "" */
	char excerpt[128];  /* the line, or the part of it around the error */
	int caret;          /* the error's place in excerpt, from 0 */
	bool unreadable;    /* a file could not be opened or read */
};

/*
 * Compile n bytes of text.  NULL on error with fe filled.  Empty text and
 * comments alone match everything.  The caller frees.
 */
struct filter *filter_parse(const char *text, size_t n,
    struct filter_error *fe);

/*
 * The addresses of a host name: at most max into a[]; returns how many, 0
 * when the name is unknown.  May take its time.
 */
typedef size_t filter_resolve(void *arg, const char *name, struct addr *a,
    size_t max);

struct geo;

/* What a filter may use beyond its text; all zero: nothing. */
struct filter_options {
	const char *name; /* of the text's file, for messages; NULL: none */
	/*
	 * The folder that names of files (@include, lists) are relative to,
	 * in an included file the folder of that file; NULL: a filter
	 * cannot read files.  Without `anywhere` a file has to be below
	 * `dir`, links followed: texts from the network.
	 */
	const char *dir;
	bool anywhere;
	/*
	 * The folder with named filters: `filter web` means its file web,
	 * if the text has no `@define web (...)`.  NULL: none.
	 */
	const char *named;
	/* `count` is refused: there is no reading whose flows are numbered. */
	bool no_count;
	/* Host names are looked up; NULL: they are refused. */
	filter_resolve *resolve;
	void *resolve_arg;
	/* Where country and AS come from that records lack; NULL: none. */
	struct geo *geo;
};

struct filter *filter_parse_with(const char *text, size_t n,
    const struct filter_options *options, struct filter_error *fe);
void filter_free(struct filter *f);

/*
 * How many evaluations, in all sets that the filter was added to, were cut
 * short by a limit (regular expressions) and so count as no match.
 */
uint64_t filter_given_up(const struct filter *f);

/* The excerpt with a caret under the error, two lines ending in LF. */
void filter_error_caret(const struct filter_error *fe, struct buf *out);

/*
 * All that a user wants to know: message, excerpt and caret, what is
 * expected, the hint; lines ending in LF.
 */
void filter_error_explain(const struct filter_error *fe, struct buf *out);

/*
 * nfdump's one line, which NfSen's protocol and its front ends know, without
 * LF: "Line 1: syntax error at 'foo'".
 */
void filter_error_line(const struct filter_error *fe, struct buf *out);

/*
 * Restrict a channel's filter to its sources: the filter `(ident a or
 * ident b) and (f)`.  A new tree; f stays the caller's.  n == 0: no
 * restriction.
 */
struct filter *filter_with_idents(const struct filter *f,
    const char *const *idents, size_t n);

/* Normal form: filter_parse(filter_print(f)) prints the same again. */
void filter_print(const struct filter *f, struct buf *out);

/*
 * One record, one filter, straight down the tree: slow, simple, and the
 * oracle that the tests hold the batch engine against.
 */
bool filter_match(const struct filter *f, const struct flow *flow,
    const char *ident);

/*
 * The label, set by `(expr) %label`, of the part because of which the flow
 * matches: of an or the first part that does, of an and the last that has
 * one, the outer before the inner.  NULL: none, or no match.  At most
 * FILTER_LABEL_MAX bytes; lives as long as the filter.
 */
const char *filter_label(const struct filter *f, const struct flow *flow,
    const char *ident);

/* Are there labels at all? */
bool filter_labels(const struct filter *f);

/*
 * `count` compares the number of the flow in the order of reading, from 1:
 * the evaluation of such a filter depends on the order of batches.
 */
bool filter_counts(const struct filter *f);

/* ---- sets --------------------------------------------------------------- */

struct filterset;

struct filterset *filterset_new(void);
void filterset_free(struct filterset *s);

/* Add a filter (copied into the set); returns its index 0, 1, ... */
size_t filterset_add(struct filterset *s, const struct filter *f);
size_t filterset_count(const struct filterset *s);

/* Close the set: order, share, allocate.  No filterset_add afterwards. */
void filterset_compile(struct filterset *s);

/*
 * Terms on elements that batches have no columns for (mac, mpls, next hop,
 * ...) are evaluated on expanded rows, and only on those rows that the rest
 * of the filter leaves open.  `expand` is nffile_record_flow or a stand-in
 * for it; without one such terms match nothing.
 */
typedef bool filterset_expand(const uint8_t *rec, struct flow *flow);
void filterset_expander(struct filterset *s, filterset_expand *expand);

/*
 * COL_BITs that evaluation reads; the caller adds its own to batch.want.
 * After filterset_file only those that this file needs.
 */
uint64_t filterset_columns(const struct filterset *s);

/*
 * A new file begins: idents are decided once here, and with them every
 * filter that cannot match in this file (filterset_dead).  Needed once
 * before the first filterset_eval.
 */
void filterset_file(struct filterset *s, const char *ident);
bool filterset_dead(const struct filterset *s, size_t index);

/*
 * Evaluate all live filters on a batch.  Afterwards filterset_bits(s, i) is
 * filter i's bitmap of BATCH_WORDS words (bits at and above batch.rows are
 * 0), valid until the next call.  Not for two threads at once; make one set
 * per thread.
 */
void filterset_eval(struct filterset *s, const struct batch *b);
const uint64_t *filterset_bits(const struct filterset *s, size_t index);

/*
 * The number of the next batch's first row, for `count`; without it rows
 * are numbered from 1 in the order of evaluation.
 */
void filterset_number(struct filterset *s, uint64_t first);

/*
 * The first filter that has the same bitmap as this one in this file: the
 * same filter in two profiles is evaluated, and can be counted, once.
 */
size_t filterset_twin(const struct filterset *s, size_t index);

/* How many distinct predicates and shared nodes there are (for bench, -v). */
size_t filterset_predicates(const struct filterset *s);
size_t filterset_nodes(const struct filterset *s);

#endif
