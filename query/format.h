/*
 * format: how flows are printed.  A format has a head, a line or object per
 * flow, and a foot; it adds text to a buffer.
 */
#ifndef QUERY_FORMAT_H
#define QUERY_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flow/flow.h"

enum format_mode {
	MODE_FMT,
	MODE_CSV,      /* nfdump 1.7.1's columns */
	MODE_CSV_FMT,  /* columns by tokens */
	MODE_CSV_FAST, /* a newer nfdump's, times in ms */
	MODE_JSON,
	MODE_NDJSON, /* an object a line */
	MODE_PIPE,
	MODE_RAW,
	MODE_NULL
};

struct nameset;
struct geo;
struct fmt_named;
struct fmt_op; /* one token or piece of text, format_fmt.c */

struct format {
	enum format_mode mode;
	bool plain;                   /* -N */
	bool wide6;                   /* -6: full IPv6 addresses */
	bool tag;                     /* -T: a byte 1 before addresses */
	const struct fmt_named *user; /* formats of the configuration */
	const struct fmt_op *ops;
	size_t n_ops;
	bool everyday; /* ops show only what aggregated flows keep */
	bool numbered; /* flows are printed with their number */
	uint8_t needs; /* FMT_NAMES, FMT_GEO: what to set here */
	const struct nameset *names; /* NULL: none */
	struct geo *geo;             /* NULL: none */
	const char *ident;           /* of the file at hand, or NULL */
	bool merged;                 /* flows are aggregated ones */
};

/*
 * A mode's name as -o takes it: line, long, extended, biline, bilong, gline,
 * glong, nsel, nel, nat, and what f->user defines, each with suffix 6; csv,
 * csv-old, csv-new, csv-fast, json, ndjson, pipe, raw, null; fmt:.. and csv:.. with tokens.  -1: err.
 */
int format_parse(struct format *f, const char *text, struct arena *a,
    struct err *err);

void format_head(const struct format *f, struct buf *b);
/*
 * `number`: of the flow among those printed, from 1; only formats that are
 * `numbered` look at it.  Of the first flow's text the first format_glue()
 * bytes, which stand between flows, are to be left out.
 */
void format_flow(const struct format *f, uint64_t number,
    const struct flow *flow, struct buf *b);
size_t format_glue(const struct format *f);
void format_foot(const struct format *f, struct buf *b);

/*
 * The longest name of a known format that text starts with: its tokens and
 * in *len the name's length; NULL and 0: none.
 */
const char *format_named(const char *text, size_t *len);

/* fmt_compile.c; err names the token and its place */
int fmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err);

/* format_fmt.c */
void fmt_head(const struct format *f, struct buf *b);
void fmt_flow(const struct format *f, uint64_t number, const struct flow *flow,
    struct buf *b);

/* format_csv.c, format_json.c, format_pipe.c */
void csv_head(struct buf *b);
void csv_flow(const struct flow *flow, struct buf *b);
void json_flow(const struct flow *flow, struct buf *b);
void ndjson_flow(const struct flow *flow, struct buf *b);
void pipe_flow(const struct flow *flow, struct buf *b);
void csvfast_head(struct buf *b);
void csvfast_flow(uint64_t number, const struct flow *flow, struct buf *b);

/* format_raw.c, format_csvfmt.c */
void raw_flow(const struct format *f, uint64_t number, const struct flow *flow,
    struct buf *b);
int csvfmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err);
void csvfmt_head(const struct format *f, struct buf *b);
void csvfmt_flow(const struct format *f, uint64_t number,
    const struct flow *flow, struct buf *b);

#endif
